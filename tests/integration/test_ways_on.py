"""What the page of an item offers: the way forward first, what gives up last and quietly."""

import re
import secrets

STAFF, HEAD = "staff.htqt@so.example", "head.htqt@so.example"


def buttons(page):
    """Return the classes and the address of every button that leads on from an item."""
    found = re.findall(r'<a class="btn ([^"]*)"\s+href="(/items/[^"]+/(?:decide/\w+|edit))"', page)
    return [
        (look.replace("fill", "").strip(), address.rsplit("/", 1)[1]) for look, address in found
    ]


def test_withdrawing_is_quiet_and_last_on_a_submitted_item(running):
    code = running.item_in("submitted")["code"]
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}").text
        assert ("quiet", "withdraw") in buttons(page)
        assert not [each for each in buttons(page) if each[0] == "primary"]
    with running.signed_in(HEAD) as browser:
        offered = buttons(browser.get(f"/items/{code}").text)
    assert offered == [("primary", "approve_department"), ("", "return"), ("quiet", "reject")]


def test_an_incomplete_draft_lists_what_is_missing_and_leads_back_to_writing(running):
    with running.signed_in(STAFF) as browser:
        campaign = running.draft()["campaign"]
        typed = {"key": secrets.token_hex(16), "title": "Mới bắt đầu", "campaign": campaign}
        page = browser.post("/items/new?type=nomination", data=typed).text
        links = re.findall(r'href="/items/([A-Z0-9-]+)/edit#(f-\w+)"', page)
        assert "f-nominee" in [field for _, field in links]
        assert re.search(r"Còn thiếu \d+ mục để trình:", page)
        assert buttons(page)[0] == ("primary", "edit")
        assert "Soạn tiếp" in page
        form = browser.get(f"/items/{links[0][0]}/edit").text
        assert all(f'id="{field}"' in form for _, field in links)


def test_a_whole_draft_is_submitted_first(running):
    code = running.draft()["code"]
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}").text
    assert buttons(page) == [("primary", "submit"), ("quiet", "withdraw"), ("", "edit")]
    assert "Còn thiếu" not in page
