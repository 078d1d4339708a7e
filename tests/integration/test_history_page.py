"""The auditor's page of the history: all of it, or what concerns one item, one person, or the time up to a day."""

from datetime import timedelta

import pytest

pytestmark = pytest.mark.one_database

AUDITOR, STAFF, HEAD = "auditor@so.example", "staff.htqt@so.example", "head.htqt@so.example"


@pytest.fixture
def auditor(running):
    with running.signed_in(AUDITOR) as browser:
        yield browser


def rows(page):
    return page.count('name="entry"')


def test_the_history_is_narrowed_to_an_item_a_person_and_a_day(running):
    other = running.draft()["code"]
    code = running.item_in("submitted")["code"]
    running.clock.advance(timedelta(days=3))
    assert running.decide(code, "approve_department", HEAD).status_code == 200
    with running.signed_in(AUDITOR) as auditor:
        of_item = auditor.get("/history", params={"code": code.lower()}).text
        assert rows(of_item) == 3
        assert other not in of_item
        head = running.person(HEAD)
        of_head = auditor.get("/history", params={"code": code, "who": head.id}).text
        assert rows(of_head) == 1
        assert "Trưởng phòng Hợp tác quốc tế" in of_head
        day = running.clock.now().astimezone(running.parts.context.calendar.zone) - timedelta(
            days=1
        )
        assert (
            rows(
                auditor.get("/history", params={"code": code, "until": day.date().isoformat()}).text
            )
            == 2
        )
        assert (
            "Không có mục nào khớp" in auditor.get("/history", params={"code": "DN-1999-0001"}).text
        )


def test_the_filter_stays_when_one_turns_the_page(running, auditor):
    for _ in range(3):
        running.item_in("office_reviewed")
    staff = running.person(STAFF)
    for number in range(50):
        if number < 48:
            running.draft()
    page = auditor.get("/history", params={"who": staff.id}).text
    assert rows(page) == 50
    assert f'href="/history?who={staff.id}&amp;cursor=' in page


@pytest.mark.parametrize(
    "wrong", [{"until": "2022-02-30"}, {"until": "x"}, {"who": "x"}, {"cursor": "???"}]
)
def test_what_is_no_filter_gets_a_sentence(auditor, wrong):
    answer = auditor.get("/history", params=wrong)
    assert answer.status_code == 422
    assert "<h1>" in answer.text


@pytest.mark.parametrize(
    "odd",
    [
        {"until": "0001-01-01"},
        {"until": "9999-12-31"},
        {"who": str(2**63)},
        {"code": "%_'\"<b>"},
        {"who": "-1"},
    ],
)
def test_odd_filters_find_what_there_is(auditor, odd):
    answer = auditor.get("/history", params=odd)
    assert answer.status_code in {200, 422}
    assert "<b>" not in answer.text


def test_a_number_that_nobody_has_finds_nothing(running, auditor):
    running.draft()
    assert rows(auditor.get("/history").text)
    assert rows(auditor.get("/history", params={"who": "0"}).text) == 0


def test_an_entry_is_one_line_of_its_day_with_its_subject_by_title_and_the_hash_one_click_away(
    running, auditor
):
    item = running.item_in("submitted")
    page = auditor.get("/history", params={"code": item["code"]}).text
    local = running.clock.now().astimezone(running.parts.context.calendar.zone)
    assert page.count(f"<h2>{local:%d/%m/%Y}</h2>") == 1
    assert page.count(f'title="{item["title"]}"') == rows(page)
    newest = running.client(AUDITOR).get("/history", params={"code": item["code"]}).json()["data"]
    hash_at = page.index(newest[0]["hash"])
    assert page.rindex("<details", 0, hash_at) > page.rindex("</details>", 0, hash_at)


def test_a_verdict_says_over_how_many_when_and_leads_to_the_export(running, auditor):
    running.draft()
    before = auditor.get("/history").text
    assert "nguyên vẹn" not in before
    assert 'href="/history?verify=1"' in before
    page = auditor.get("/history?verify=1").text
    verdict = page.split("callout is-success")[1].split("</form>")[0]
    assert "Lịch sử nguyên vẹn" in verdict
    assert f"{running.clock.now().astimezone(running.parts.context.calendar.zone):%H:}" in verdict
    assert 'href="/api/v1/history/export"' in verdict


def test_a_filter_that_is_on_is_said_and_taken_off_alone(running, auditor):
    code = running.item_in("submitted")["code"]
    page = auditor.get("/history", params={"code": code, "kind": "decisions"}).text
    chips = page.split('class="chips"')[1].split("</ul>")[0]
    assert code in chips
    assert f'href="/history?code={code}"' in chips
    assert 'href="/history?kind=decisions"' in chips


def test_the_history_is_for_auditors(running):
    with running.signed_in(HEAD) as browser:
        assert browser.get("/history", params={"who": 1}).status_code == 403
