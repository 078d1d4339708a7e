"""Each role's day in one life of a nomination: at three widths, without JavaScript, from a draft to what the board answered."""

import pytest

from tests.browser.conftest import CHROMIUM, shows
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)


@pytest.fixture
def sit_down(running, chromium, scripts):
    """A way for a role to open the product: signed in at a width, or at the link of a mail.

    All sit down at the same page, one after another: a page anew costs as much as ten that are read.
    """
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()

    def open_page(role, width):
        page.wait_for_load_state("networkidle")  # whoever sat there before has seen the answer
        context.clear_cookies()
        page.set_viewport_size({"width": width, "height": 800})
        if role:
            context.request.post(f"{running.base_url}/demo/sign-in", form={"email": role})
        return page

    yield open_page
    context.close()


def decide(page, running, code, transition):
    """Open an item; where its bar leads to the page of a decision, follow it."""
    page.goto(running.base_url + f"/items/{code}")
    bar = page.locator(f"a[href$='/decide/{transition}']:visible")
    if bar.count():
        bar.first.click()


@pytest.mark.parametrize("scripts", [False, True], ids=["without-scripts", "with-scripts"])
def test_everybody_does_their_part(running, sit_down):
    staff = sit_down("staff.htqt@so.example", 768)
    example = running.client("staff.htqt@so.example").get("/definitions/nomination/example").json()
    made = running.client("staff.htqt@so.example").post("/items", json=example).json()
    code = made["code"]
    staff.goto(running.base_url + f"/items/{code}/edit#title")
    staff.locator("#title").fill("Đề nghị tặng Giấy khen cho Phòng Hợp tác quốc tế")
    staff.get_by_role("button", name="Lưu thay đổi").click()
    shows(staff, "Đề nghị tặng Giấy khen cho Phòng Hợp tác quốc tế")
    decide(staff, running, code, "submit")
    staff.locator("#no_secret").check()
    staff.get_by_role("button", name="Trình lãnh đạo phòng").click()
    assert until(lambda: running.state_of(code) == "submitted")

    head = sit_down(None, 360)
    head.goto(running.link_for(code, "head.htqt@so.example"))
    head.get_by_label("Duyệt, chuyển Văn phòng Sở").check()
    head.locator("button.send").click()
    shows(head, "Đã ghi nhận")

    office = sit_down("officer@so.example", 1440)
    decide(office, running, code, "review_office")
    office.get_by_role("button", name="Thẩm định đạt, trình Giám đốc").click()
    assert until(lambda: running.state_of(code) == "office_reviewed")

    director = sit_down(None, 360)
    director.goto(running.link_for(code, "director@so.example"))
    director.get_by_label("Ký duyệt").first.check()
    director.locator("#pin").fill("246810")
    director.locator("button.send").click()
    assert until(lambda: running.state_of(code) == "director_signed")

    clerk = sit_down("clerk@so.example", 768)
    decide(clerk, running, code, "send_to_board")
    clerk.get_by_role("button", name="Gửi Ban TĐKT").click()
    assert until(lambda: running.state_of(code) == "sent_to_ban_tdkt")

    auditor = sit_down("auditor@so.example", 1440)
    auditor.goto(running.base_url + f"/items/{code}")
    shows(auditor, "xác nhận bằng mã PIN")
    assert auditor.get_by_role("button", name="Lưu").count() == 0, (
        "everything readable, nothing writable"
    )
