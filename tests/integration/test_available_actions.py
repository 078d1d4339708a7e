"""What the page of an item offers: the way forward first, what gives up last and quietly."""

import re
import secrets

import pytest

from tests.maker import Maker
from workflow.commands.edited_content import FILES_PER_ITEM

pytestmark = pytest.mark.one_database

STAFF, HEAD = "staff.htqt@so.example", "head.htqt@so.example"


def buttons(page):
    """Return the classes and the address of every button that leads on from an item."""
    found = re.findall(r'<a class="btn ([^"]*)"\s+href="(/items/[^"]+/(?:decide/\w+|edit))"', page)
    return [(look.strip(), address.rsplit("/", 1)[1]) for look, address in found]


def parts(page):
    """Return what stands beside the content, and the bar of a phone."""
    beside, _, bar = page.partition('<div class="stick')
    return beside, bar


def answers(page):
    """Return the answers that are sent from beside the content, and whether each is unfolded."""
    folded = r'<details class="answer"\s*(open)?\s*>.*?'
    sent = r'<input type="hidden" name="decision" value="(\w+)">'
    found = re.findall(rf"(?:{folded})?{sent}", page, re.DOTALL)
    return [(answer, bool(is_open)) for is_open, answer in found]


def test_withdrawing_is_quiet_and_last_on_a_submitted_item(running):
    code = running.item_in("submitted")["code"]
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}").text
        assert ("quiet", "withdraw") in buttons(page)
        assert not [each for each in buttons(page) if each[0] == "primary"]
    with running.signed_in(HEAD) as browser:
        beside, bar = parts(browser.get(f"/items/{code}").text)
    assert answers(beside) == [
        ("approve_department", False),
        ("return", False),
        ("reject", False),
    ]
    assert buttons(bar) == [("", "return"), ("primary", "approve_department")]
    assert f"/items/{code}/decide/reject" in bar


def test_an_answer_chosen_beside_the_content_is_recorded_or_refused_there(running):
    code = running.item_in("submitted")["code"]
    with running.signed_in(HEAD) as browser:
        address = f"/items/{code}/decide"
        nothing = browser.post(address, data={"version": "2"})
        assert nothing.status_code == 400
        assert 'href="#decision"' in nothing.text
        assert answers(nothing.text)
        sent = {"version": "2", "decision": "return", "comment": ""}
        refused = browser.post(address, data=sent)
        assert refused.status_code == 422
        assert 'href="#comment"' in refused.text
        assert ("return", True) in answers(refused.text)
        done = browser.post(address, data={**sent, "comment": "Bổ sung số liệu quý I."})
        assert done.status_code == 200
        assert "Đã ghi nhận" in done.text
    assert running.state_of(code) == "drafted"


def test_an_incomplete_draft_lists_what_is_missing_and_leads_back_to_writing(running):
    with running.signed_in(STAFF) as browser:
        campaign = running.draft()["campaign"]
        typed = {"key": secrets.token_hex(16), "title": "Mới bắt đầu", "campaign": campaign}
        page = browser.post("/items/new?type=nomination", data=typed).text
        links = re.findall(r'href="/items/([A-Z0-9-]+)/edit#(f-\w+)"', page)
        assert "f-nominee_kind" in [field for _, field in links]
        assert re.search(r"Còn thiếu \d+ mục để trình:", page)
        assert buttons(page)[0] == ("primary", "edit")
        assert "Soạn tiếp" in page
        form = browser.get(f"/items/{links[0][0]}/edit").text
        assert all(f'id="{field}"' in form for _, field in links)


def test_a_whole_draft_is_submitted_first(running):
    code = running.draft()["code"]
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}").text
    beside, bar = parts(page)
    assert buttons(beside) == [("primary", "submit"), ("quiet", "withdraw"), ("", "edit")]
    assert buttons(bar) == [("", "edit"), ("primary", "submit")]
    assert "Còn thiếu" not in page


def test_what_came_back_is_mended_before_it_is_handed_in_again(running):
    item = running.item_in("submitted")
    code = item["code"]
    returned = running.decide(code, "return", HEAD, comment="Bổ sung số liệu.")
    assert returned.status_code == 200, returned.text
    with running.signed_in(STAFF) as browser:

        def seen():
            beside, bar = parts(browser.get(f"/items/{code}").text)
            assert "Sửa nội dung" in bar
            return buttons(beside), buttons(bar)

        mend = [("primary", "edit"), ("", "submit"), ("quiet", "withdraw")]
        assert seen() == (mend, [("primary", "edit")]), "once, and nothing else is as loud"
        version = running.client(STAFF).get(f"/items/{code}").json()["version"]
        sent = {"key": secrets.token_hex(16), "version": str(version)}
        file = {"file": ("Biên bản.pdf", PDF)}
        assert browser.post(f"/items/{code}/files", data=sent, files=file).status_code == 200
        beside, bar = seen()
    assert beside == [("primary", "submit"), ("quiet", "withdraw"), ("", "edit")]
    assert bar == [("", "edit"), ("primary", "submit")]


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]"
    b"/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def test_a_file_is_attached_while_a_new_draft_is_written(running):
    campaign = running.draft()["campaign"]
    typed = {"key": secrets.token_hex(16), "title": "Có tệp từ đầu", "campaign": campaign}
    with running.signed_in(STAFF) as browser:
        address = "/items/new?type=nomination"
        refused = browser.post(address, data=typed, files={"file": ("x.exe", b"MZ")})
        assert refused.status_code == 422
        assert 'href="#file"' in refused.text
        assert "Có tệp từ đầu" in refused.text
        done = browser.post(address, data=typed, files={"file": ("Biên bản.pdf", PDF)})
    assert done.status_code == 200
    assert "Biên bản.pdf" in done.text


def test_what_was_typed_is_saved_where_the_file_beside_it_is_one_too_many(running):
    code = running.draft()["code"]
    with running.signed_in(STAFF) as browser:

        def save(number, title):
            form = browser.get(f"/items/{code}/edit").text
            version = re.search(r'name="version" value="(\d+)"', form)[1]
            typed = {"key": secrets.token_hex(16), "version": version, "title": title}
            file = (f"tệp {number}.pdf", PDF + b"%% %d" % number)
            return browser.post(f"/items/{code}/edit", data=typed, files={"file": file})

        for number in range(FILES_PER_ITEM):
            assert save(number, f"Lần {number}").status_code == 200
        last = save(FILES_PER_ITEM, "Tên cuối cùng")
    assert last.status_code == 200
    assert "Tên cuối cùng" in last.text
    assert "Chưa đính kèm tệp" in last.text
    assert f"tối đa {FILES_PER_ITEM} tệp" in last.text


def test_where_an_item_failed_its_last_step_is_not_drawn_as_passed(running):
    maker = Maker(running)
    for state, steps in (("not_awarded", 7), ("rejected", 2), ("awarded", 7)):
        code = maker.item("nomination", "lanh-su", state)
        with running.signed_in("officer@so.example") as browser:
            page = browser.get(f"/items/{code}").text
        drawn = re.findall(r'<li class="(passed|failed|current|)"', page)
        last = "passed" if state == "awarded" else "failed"
        assert drawn == ["passed"] * (steps - 1) + [last], state
        assert "điều cần xem lại" not in page, "nothing is decided on it any more"


def test_what_was_said_is_read_alone_and_each_fact_stands_once(running):
    code = running.item_in("submitted")["code"]
    said = {"words": "Nêu rõ số liệu của từng đoàn."}
    assert running.client(HEAD).post(f"/items/{code}/comments", json=said).status_code == 201
    with running.signed_in(HEAD) as browser:
        every, talk = browser.get(f"/items/{code}").text, browser.get(f"/items/{code}?talk=1").text
    submitted = "</strong>: “Trình lãnh đạo phòng”"
    assert submitted in every
    for page in (every, talk):
        assert page.count(said["words"]) == 1
    assert submitted not in talk
    assert re.search(r'href="\?talk=true#history"\s+aria-current', talk)
    labels = re.findall(r"<dt[^>]*>([^<]+)</dt>", every)
    assert sorted(labels) == sorted(set(labels))
    assert "Đề nghị theo danh sách" not in "".join(labels), "one is put forward, as is seen"
