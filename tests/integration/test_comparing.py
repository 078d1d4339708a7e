"""What a return asks to mend, and what a resubmission changed since it was last decided on."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

pytestmark = pytest.mark.one_database

HEAD, STAFF, AUDITOR = "head.htqt@so.example", "staff.htqt@so.example", "auditor@so.example"


def returned(running, **more):
    item = running.item_in("submitted")
    running.link_for(
        item["code"], HEAD
    )  # its mail has gone: one that had not would be overtaken by the return
    done = running.decide(item["code"], "return", HEAD, comment="Bổ sung số liệu", **more)
    assert done.status_code == 200, done.text
    return item["code"]


def resubmitted(running, code, fields):
    version = running.client(STAFF).get(f"/items/{code}").json()["version"]
    edited = running.client(STAFF).patch(
        f"/items/{code}", json={"fields": fields}, headers={"If-Match": f'"{version}"'}
    )
    assert edited.status_code == 200, edited.text
    assert running.decide(code, "submit", STAFF).status_code == 200


def test_a_return_names_what_to_mend_and_the_author_sees_it_until_it_is_sent_again(running):
    code = returned(running, mend=["achievements", "files", "achievements"])
    entry = running.client(AUDITOR).get(f"/items/{code}/history").json()["data"][-1]
    assert entry["data"]["mend"] == ["achievements", "files"]
    with running.signed_in(STAFF) as browser:
        for address in (f"/items/{code}", f"/items/{code}/edit"):
            banner = banner_in(browser.get(address).text)
            assert "trả lại lúc" in banner
            assert "Bổ sung" in banner, "in the words of whoever returned it"
            form = "" if address.endswith("/edit") else f"/items/{code}/edit"
            assert f'href="{form}#f-achievements">Tóm tắt thành tích</a>' in banner
            assert f'href="/items/{code}#attachments">Tệp đính kèm</a>' in banner
        assert 'id="f-achievements"' in browser.get(f"/items/{code}/edit").text
        assert 'id="attachments"' in browser.get(f"/items/{code}").text
        resubmitted(running, code, {"achievements": "Ba khoản viện trợ, 120 triệu đồng."})
        assert not banner_in(browser.get(f"/items/{code}").text)


def banner_in(page):
    found = re.search(r'<div class="callout is-returned.*?</div>', page, re.DOTALL)
    return found[0] if found else ""


def test_what_no_field_is_called_and_where_nothing_can_be_mended_is_refused(running):
    code = running.item_in("submitted")["code"]
    refused = running.decide(code, "return", HEAD, comment="Sửa", mend=["salary"])
    assert refused.status_code == 422
    assert "salary" in refused.text
    assert (
        running.decide(code, "approve_department", HEAD, mend=["achievements"]).status_code == 422
    )


def test_who_decides_again_sees_what_changed_word_by_word_on_the_page_and_behind_the_link(running):
    code = returned(running)
    with running.signed_in(HEAD) as browser:
        assert "Thay đổi từ lần xử lý trước" not in browser.get(f"/items/{code}").text
    before = running.client(STAFF).get(f"/items/{code}").json()["fields"]["achievements"]
    assert "một khoản" in before
    resubmitted(
        running,
        code,
        {"achievements": before.replace("một khoản", "bốn khoản"), "award": "bang_khen_tinh"},
    )
    link = running.link_for(code, HEAD, newer_than=1)
    with running.signed_in(HEAD) as browser:
        for page in (browser.get(f"/items/{code}").text, browser.get(link).text):
            assert "Thay đổi từ lần xử lý trước (2 mục" in page
            assert "<del>một</del><ins>bốn</ins>" in page
            assert "Giấy khen của Giám đốc Sở" in page.split("Thay đổi từ lần xử lý trước")[1]


def test_markup_in_what_changed_is_only_text(running):
    code = returned(running)
    resubmitted(running, code, {"achievements": "<script>alert(1)</script> & hết"})
    with running.signed_in(HEAD) as browser:
        page = browser.get(f"/items/{code}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_on_the_page_the_checklist_is_ticked_beside_the_reason(running):
    code = running.item_in("submitted")["code"]
    with running.signed_in(HEAD) as browser:
        form = browser.get(f"/items/{code}/decide/return").text
        assert 'name="mend" value="achievements"' in form
        assert "mend" not in browser.get(f"/items/{code}/decide/approve_department").text
        version = form.split('name="version" value="')[1].split('"')[0]
        sent = {
            "version": version,
            "to": "drafted",
            "comment": "Thiếu số liệu",
            "mend": ["achievements"],
        }
        assert browser.post(f"/items/{code}/decide/return", data=sent).status_code in {200, 303}
    with running.signed_in(STAFF) as browser:
        banner = banner_in(browser.get(f"/items/{code}").text)
        assert "Tóm tắt thành tích" in banner
        assert "Tệp đính kèm" not in banner


def test_the_form_of_what_came_back_marks_each_field_and_section_to_be_mended(running):
    code = returned(running, mend=["achievements", "files"])
    with running.signed_in(STAFF) as browser:
        form = browser.get(f"/items/{code}/edit").text
    field = form.split('for="f-achievements"')[0].rsplit('<div class="field', 1)[1]
    assert "Cần sửa" in field
    assert form.count("Cần sửa</span>") == 2, "the field, and the section of the files"
    index = form.split('<nav class="index"')[1].split("</nav>")[0]
    assert index.count("chỗ cần sửa") == 2
    for place in ("#g-merit", "#files"):
        entry = index.split(f'href="{place}"')[1].split("</a>")[0]
        assert '<span class="done" hidden>' in entry


def test_the_whole_is_read_again_before_it_is_handed_in_or_returned(running):
    code = running.item_in("submitted")["code"]
    with running.signed_in(HEAD) as browser:
        page = browser.get(f"/items/{code}/decide/return").text
        assert '<h3 id="v-achievements">' in page
        assert f'href="/items/{code}/edit"' not in page
        approval = browser.get(f"/items/{code}/decide/approve_department").text
        assert '<h3 id="v-achievements">' not in approval
    code = returned(running)
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}/decide/submit").text
        assert '<h3 id="v-achievements">' in page
        assert f'href="/items/{code}/edit"' in page


def test_what_came_back_stands_on_the_authors_first_page_with_its_reason(running):
    code = returned(running, mend=["achievements"])
    with running.signed_in(STAFF) as browser:
        page = browser.get("/").text
        assert "Bị trả lại" in page
        panel = page.split('<ul class="rows"')[1].split("</ul>")[0]
        assert code in panel
        assert "Trưởng phòng Hợp tác quốc tế trả lại lúc" in panel
        assert "Cần sửa: Tóm tắt thành tích." in panel
        assert "Bổ sung số liệu" in panel
        assert f'href="/items/{code}/edit"' in panel
    assert running.decide(code, "submit", STAFF).status_code == 200
    with running.signed_in(STAFF) as browser:
        assert code not in browser.get("/?tab=returned").text
    with running.signed_in(HEAD) as browser:
        waiting = browser.get("/").text
        assert waiting.count(f'href="/items/{code}?in=only%3Dwaiting') == 1, "one way in a row"


def test_each_version_shows_what_it_changed_and_only_to_readers(running):
    code = returned(running)
    resubmitted(running, code, {"achievements": "Ba khoản viện trợ, 120 triệu đồng."})
    with running.signed_in(HEAD) as browser:
        assert f'href="/items/{code}/versions"' in browser.get(f"/items/{code}").text
        page = browser.get(f"/items/{code}/versions").text
        assert page.count("<h2>Phiên bản") == 2
        newest, first = page.split("<h2>Phiên bản")[1:]
        assert "<ins>" in newest
        assert "triệu</ins>" in newest
        assert "Chuyên viên Phòng Hợp tác quốc tế" in newest
        assert "Nội dung ban đầu" in first
    with running.signed_in("head.ls@so.example") as stranger:
        assert stranger.get(f"/items/{code}/versions").status_code == 404
        assert stranger.get("/items/DN-1999-0001/versions").status_code == 404


def test_an_item_leads_to_its_campaign_and_a_report_to_its_deadline(running):
    office = running.client("officer@so.example")
    campaign = office.get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": "interim",
        "departments": ["hop-tac-quoc-te"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    assert office.post("/deadlines", json=body).status_code == 201
    code = running.draft("department_report")["code"]
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}").text
        assert f'href="/campaigns/{campaign}"' in page
        assert "Báo cáo sơ kết, 17:00 ngày 15/06/2022" in page


def test_an_item_is_seen_as_it_was_at_a_moment(running):
    code = returned(running)
    created = running.client(AUDITOR).get(f"/items/{code}/history").json()["data"][0]["at"]
    running.clock.advance(timedelta(days=1))
    resubmitted(running, code, {"achievements": "Ba khoản viện trợ, 120 triệu đồng."})
    with running.signed_in(AUDITOR) as browser:
        assert f'action="/items/{code}/as-of"' in browser.get(f"/items/{code}").text
        past = browser.get(
            f"/items/{code}/as-of",
            params={
                "at": running.clock.now().astimezone().replace(hour=0, minute=0).isoformat()[:16]
            },
        ).text
        assert "dựng lại từ lịch sử" in past
        assert "120 triệu đồng" not in past
        assert "Đang soạn" in past
        now = browser.get(
            f"/items/{code}/as-of", params={"at": running.clock.now().isoformat()}
        ).text
        assert "120 triệu đồng" in now
        told = running.clock.now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).isoformat()[:16]
        now = browser.get(f"/items/{code}/as-of", params={"at": told}).text
        assert "120 triệu đồng" in now, (
            "the minute that the history tells holds what happened in it"
        )
        assert (
            browser.get(f"/items/{code}/as-of", params={"at": "2000-01-01T00:00"}).status_code
            == 404
        )
        for wrong in (
            "",
            "x",
            "1999-12-31T23:59",
            "2022-13-01T00:00",
            "9999-12-31T23:59",
            "0001-01-01T00:00",
            "9999-12-31T23:59-23:00",
        ):
            assert browser.get(f"/items/{code}/as-of", params={"at": wrong}).status_code in {
                200,
                404,
                422,
            }, wrong
    assert created
    with running.signed_in("head.ls@so.example") as stranger:
        assert (
            stranger.get(f"/items/{code}/as-of", params={"at": "2022-06-01T00:00"}).status_code
            == 404
        )
