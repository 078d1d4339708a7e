"""Letters as they are read: in the demo's mailbox and on a phone, in both schemes, with nothing fetched and nothing too pale."""

import pytest

from tests.browser.conftest import CHROMIUM, shows
from tests.integration.test_letters import HEAD, nominated

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)
PALEST = 4.5
CONTRAST = """() => {
  const part = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 }
  const light = (s) => {
    const [r, g, b] = s.match(/[\\d.]+/g).map(Number)
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
  }
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor
      if (!/, 0\\)$/.test(colour)) return colour
    }
    return "rgb(255, 255, 255)"
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = []
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement
    const text = walker.currentNode.textContent.replace(/[\\s\\u034f\\u200c\\u00a0]/g, "")
    if (!text || !e.getClientRects().length || getComputedStyle(e).display === "none") continue
    if (e.closest("[style*='display:none']")) continue
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x)
    found.push([(a + 0.05) / (b + 0.05), text])
  }
  return found
}"""


def test_the_mailbox_shows_the_letter_and_its_button_opens_the_page_behind_it(running, chromium):
    code = nominated(running)
    running.link_for(code, HEAD)
    number = running.mails_about(code, HEAD)[-1].number
    page = chromium.new_page()
    complaints = []
    page.on("console", lambda each: complaints.append(each.text) if each.type == "error" else None)
    page.goto(running.base_url + "/demo/mailbox")
    page.get_by_role("link", name=code).first.click()
    page.goto(f"{running.base_url}/demo/mailbox/{number}")
    letter = page.frame_locator("iframe")
    assert "Kính trình" in letter.get_by_role("heading").first.inner_text()
    assert complaints == []
    letter.get_by_role("link", name="Xem hồ sơ để duyệt").click()
    page.wait_for_url("**/a/a1.*")
    shows(page, "Duyệt, chuyển Văn phòng Sở")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_letter_fits_a_phone_and_nothing_in_it_is_too_pale(running, chromium, scheme):
    code = nominated(running)
    running.link_for(code, HEAD)
    number = running.mails_about(code, HEAD)[-1].number
    context = chromium.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    asked = []
    page.on("request", lambda each: asked.append(each.url))
    page.goto(f"{running.base_url}/demo/mailbox/{number}/letter")
    assert asked == [page.url], "a letter fetches nothing"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = page.evaluate(CONTRAST)
    assert len(found) > 15
    assert [each for each in found if each[0] < PALEST] == []
    assert page.locator(".button a").bounding_box()["y"] < 740, "to be seen without scrolling"
    page.set_viewport_size({"width": 328, "height": 740})
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{running.base_url}/demo/mailbox/{number}")
    assert page.locator("iframe").bounding_box()["height"] >= whole, "the mailbox shows all of it"
    context.close()
