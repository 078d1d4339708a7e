"""What an auditor finds in the history: filters by the same names on the page and in the interface, patterns, openings, sheets."""

import csv
import io
import json
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from tests.waiting import until
from workflow.canonical import instant
from workflow.queries.object_log import write_ocel
from workflow.store.history_search import MOST_COUNTED

AUDITOR, STAFF, HEAD = "auditor@so.example", "staff.htqt@so.example", "head.htqt@so.example"
OFFICER, CHIEF, DIRECTOR = "officer@so.example", "chief@so.example", "director@so.example"


def found(running, **wanted):
    """The entries that the interface finds, all pages of them, and how many it says there are."""
    entries, count, cursor = [], None, None
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = running.client(AUDITOR).get("/history", params={**wanted, **more, "limit": 20})
        assert answer.status_code == 200, answer.text
        entries += answer.json()["data"]
        count, cursor = answer.json()["count"], answer.json()["next"]
        if not cursor:
            assert count == len(entries) <= MOST_COUNTED
            return entries


def seen(running, **wanted):
    """How many rows the page shows with the same filters."""
    with running.signed_in(AUDITOR) as auditor:
        page = auditor.get("/history", params=wanted).text
    return page.count('name="entry"')


@pytest.fixture(scope="module")
def signed(running):
    return running.item_in("director_signed")["code"]


FILTERS = [
    ({"kind": "decisions"}, {"transition"}),
    ({"kind": "content"}, {"created"}),
    ({"transition": "sign_director"}, {"transition"}),
    ({"method": "pin"}, {"transition"}),
    ({"via": "api", "method": "token", "kind": "content"}, {"created"}),
    ({"kind": "decisions", "department": "hop-tac-quoc-te"}, {"transition"}),
]


@pytest.mark.parametrize(("wanted", "types"), FILTERS)
def test_page_and_interface_find_the_same_by_the_same_names(running, signed, wanted, types):
    entries = found(running, code=signed, **wanted)
    assert {each["type"] for each in entries} == types
    assert {each["subject"] for each in entries} == {f"item:{signed}"}
    for name in wanted.keys() & {"transition", "method", "via"}:
        assert {each[name] for each in entries} == {wanted[name]}
    assert seen(running, code=signed, **wanted) == len(entries)
    everywhere = found(running, **wanted)
    assert [each["hash"] for each in entries] == [
        each["hash"] for each in everywhere if each["subject"] == f"item:{signed}"
    ]


@pytest.mark.one_database
@pytest.mark.parametrize(
    "nothing", [{"department": "lanh-su"}, {"via": "clock"}, {"kind": "people"}]
)
def test_what_no_entry_is_finds_none(running, signed, nothing):
    assert found(running, code=signed, **nothing) == []


@pytest.mark.one_database
def test_a_person_is_found_as_actor_as_principal_and_as_whom_it_is_about(running):
    officer = running.client(OFFICER)
    given = {"from": HEAD, "to": "deputy.htqt@so.example", "document": "7/UQ", "pin": "246810"}
    days = {"starts_on": "2022-05-04", "ends_on": "2022-05-05"}
    answer = running.client(HEAD).post("/delegations", json={**given, **days})
    assert answer.status_code == 201, answer.text
    code = running.item_in("submitted")["code"]
    assert running.decide(code, "approve_department", "deputy.htqt@so.example").status_code == 200
    entries = found(running, who=HEAD)
    head = running.person(HEAD).id
    assert {
        "transition" if each["actor"] == "deputy.htqt@so.example" else each["type"]
        for each in entries
    } >= {"person_added", "delegation_added"}
    for each in entries:
        assert HEAD in {each["actor"], each["on_behalf_of"]} or each["subject"] == f"person:{head}"
    assert seen(running, who=head, kind="people") == len(found(running, who=HEAD, kind="people"))
    assert officer.get("/history", params={"who": HEAD}).status_code == 403


def test_a_day_is_the_agency_s_and_both_its_ends_are_within(running):
    before = running.item_in("submitted")["code"]
    day = running.parts.context.calendar.local_day(running.clock.now())
    running.clock.advance(timedelta(days=1))
    after = running.item_in("submitted")["code"]
    first, second = day.isoformat(), (day + timedelta(days=1)).isoformat()
    assert len(found(running, code=before, since=first, until=first)) == 2
    assert found(running, code=before, since=second) == []
    assert found(running, code=after, until=first) == []
    assert len(found(running, code=after, since=first, until=second)) == 2


@pytest.mark.one_database
def test_what_was_configured_meanwhile_stands_beside_an_item(running):
    code = running.draft()["code"]
    alone = found(running, code=code)
    made = running.client("admin@so.example").post(
        "/departments", json={"id": f"p-{code.lower()}", "name": f"Phòng {code}"}
    )
    assert made.status_code == 201, made.text
    beside = found(running, code=code, beside=True)
    assert [each["type"] for each in beside] == ["department_added", *(e["type"] for e in alone)]
    assert seen(running, code=code, beside=1) == len(beside)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "wrong",
    [{"kind": "x"}, {"via": "x"}, {"method": "x"}, {"pattern": "x"}, {"since": "2022-02-30"}, {"who": "nobody@x.vn"}],
)  # fmt: skip
def test_what_is_no_filter_is_said_by_its_name(running, wrong):
    answer = running.client(AUDITOR).get("/history", params=wrong)
    assert answer.status_code == 422
    assert [each["rule"] for each in answer.json()["reasons"]] == [*wrong]


@pytest.mark.one_database
def test_a_search_is_kept_for_its_auditor_alone_and_apart_from_lists_of_items(running, signed):
    with running.signed_in(AUDITOR) as auditor:
        query = urlencode({"code": signed, "method": "pin", "unknown": "1"})
        page = auditor.post("/history/views", data={"query": query, "name": "Ký bằng PIN"}).text
        assert f'href="/history?code={signed}&amp;method=pin">Ký bằng PIN</a>' in page
        assert "Ký bằng PIN" not in auditor.get("/items").text
        number = page.split("/history/views/")[1].split("/forget")[0]
        assert "Ký bằng PIN" not in auditor.post(f"/history/views/{number}/forget").text
    with running.signed_in(HEAD) as head:
        refused = head.post("/history/views", data={"query": query, "name": "x"})
        assert refused.status_code == 403


@pytest.mark.one_database
def test_what_was_typed_as_a_code_leads_to_openings_as_typed(running):
    with running.signed_in(AUDITOR) as auditor:
        page = auditor.get("/history/openings", params={"code": "A&B"}).text
    assert 'value="A&amp;B"' in page


@pytest.mark.one_database
def test_a_sheet_has_the_rows_of_the_list_and_no_formula(running):
    code = running.item_in("submitted")["code"]
    said = "=HYPERLINK(1)"
    assert running.decide(code, "return", HEAD, comment=said).status_code == 200
    with running.signed_in(AUDITOR) as auditor:
        answer = auditor.get("/history.csv", params={"code": code})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) == 1 + len(found(running, code=code)) == 4
        assert rows[1][11] == f"'{said}"
        assert rows[1][4] == running.person(HEAD).name
        assert rows[1][13] == found(running, code=code)[0]["hash"]
        sheet = auditor.get("/history.xlsx", params={"code": code})
        assert sheet.headers["content-type"].endswith("sheet")
        openings = running.client(AUDITOR).get("/history/openings", params={"who": AUDITOR})
        assert {each["what"] for each in openings.json()["data"]} >= {"history_exported"}


def test_openings_are_kept_with_time_and_address_and_an_auditor_sees_them(running):
    code = running.item_in("submitted")["code"]
    link = running.link_for(code, HEAD)
    with running.browser() as browser:
        assert browser.get(link).status_code == 200
    with running.signed_in(HEAD) as head:
        assert "Lượt mở" not in head.get(f"/items/{code}").text

    def openings():
        answer = running.client(AUDITOR).get("/history/openings", params={"code": code})
        kept = answer.json()["data"]
        return kept if len(kept) == 2 else None

    item_opened, link_opened = until(openings)
    assert (link_opened["what"], item_opened["what"]) == ("link_opened", "item_opened")
    for each in (item_opened, link_opened):
        assert (each["who"], each["code"], each["address"]) == (HEAD, code, "127.0.0.1")
    with running.signed_in(AUDITOR) as auditor:
        for path in (f"/items/{code}", f"/history/openings?code={code}", f"/history?code={code}"):
            page = auditor.get(path).text
            assert "mở liên kết" in page
            assert "127.0.0.1" in page


def pattern(running, name, code):
    entries = found(running, pattern=name, code=code) if code else found(running, pattern=name)
    return [each["transition"] or each["type"] for each in entries]


@pytest.mark.one_database
def test_a_decision_within_seconds_of_the_first_opening_is_found_and_a_later_one_is_not(running):
    quick, slow = (running.item_in("submitted")["code"] for _ in range(2))
    note = text(
        "INSERT INTO accesses (at, what, person, item_id, note) "
        "SELECT :at, 'link_opened', :person, id, '' FROM items WHERE code = :code"
    )
    running.clock.advance(timedelta(minutes=5))
    now = running.clock.now()
    for code, seconds in ((quick, 5), (slow, 60), (slow, 5)):
        at = instant(now - timedelta(seconds=seconds))
        opened = {"at": at, "person": running.person(HEAD).id, "code": code}
        with running.parts.engines.write.begin() as connection:
            connection.execute(note, opened)
    for code in (quick, slow):
        assert running.decide(code, "approve_department", HEAD).status_code == 200
    assert pattern(running, "quick", quick) == ["approve_department"]
    assert pattern(running, "quick", slow) == []


@pytest.mark.one_database
def test_what_was_handed_in_again_unchanged_is_found(running):
    code, edited = (running.item_in("submitted")["code"] for _ in range(2))
    for each in (code, edited):
        assert running.decide(each, "return", HEAD, comment="Bổ sung").status_code == 200
    staff = running.client(STAFF)
    change = staff.patch(
        f"/items/{edited}", json={"title": "Đề nghị đã sửa"}, headers={"If-Match": '"3"'}
    )
    assert change.status_code == 200, change.text
    for each in (code, edited):
        assert running.decide(each, "submit", STAFF).status_code == 200
    assert pattern(running, "unchanged", code) == ["submit"]
    assert pattern(running, "unchanged", edited) == []


@pytest.mark.one_database
def test_many_decisions_of_one_person_at_night_are_found_and_those_by_day_are_not(running):
    day, night = ([running.item_in("submitted")["code"] for _ in range(5)] for _ in range(2))
    for code in day:
        assert running.decide(code, "approve_department", HEAD).status_code == 200
    local = running.clock.now().astimezone(running.parts.context.calendar.zone)
    running.clock.advance(timedelta(hours=(23 - local.hour) % 24))
    for code in night:
        assert running.decide(code, "approve_department", HEAD).status_code == 200
    running.clock.advance(timedelta(hours=9))
    assert pattern(running, "night", day[0]) == []
    assert [pattern(running, "night", code) for code in night] == [["approve_department"]] * 5


@pytest.mark.one_database
def test_a_proposal_confirmed_at_once_is_found_and_one_confirmed_later_is_not(running):
    before = len(pattern(running, "confirmed_at_once", None))
    for name, wait in (("mot", 0), ("hai", 5)):
        wished = {"email": f"{name}@so.example", "name": "Phó phòng", "position": "deputy"}
        answer = running.client(OFFICER).post("/people", json={**wished, "department": "lanh-su"})
        assert answer.status_code == 202, answer.text
        running.clock.advance(timedelta(minutes=wait))
        running.confirm()
    assert pattern(running, "confirmed_at_once", None)[before:] == ["proposal_confirmed"]


def test_patterns_are_counted_in_a_span_and_lead_to_their_entries(running):
    code = running.item_in("submitted")["code"]
    assert running.decide(code, "return", HEAD, comment="Bổ sung").status_code == 200
    assert running.decide(code, "submit", STAFF).status_code == 200
    with running.signed_in(AUDITOR) as auditor:
        page = auditor.get("/history/patterns").text
        count = len(found(running, pattern="unchanged"))
        assert count > 0
        link = page.split("pattern=unchanged")[1].split("</a>")[0]
        assert f">{count} mục" in link
        assert auditor.get("/history/patterns?since=2022-02-30").status_code == 422


@pytest.mark.one_database
def test_an_object_centric_log_reads_as_the_standard_says_and_names_nobody(running):
    """A reader of its own: types declare what is used, ids are unique, relations lead somewhere."""
    running.item_in("director_signed")
    out = io.BytesIO()
    with running.parts.engines.read.connect() as connection, connection.begin():
        objects, events = write_ocel(connection, out, b"salt")
    log = json.loads(out.getvalue())
    assert set(log) == {"eventTypes", "events", "objectTypes", "objects"}
    assert (len(log["objects"]), len(log["events"])) == (objects, events)
    assert events > 50
    declared = {
        part: {
            each["name"]: {a["name"]: a["type"] for a in each["attributes"]} for each in log[part]
        }
        for part in ("eventTypes", "objectTypes")
    }
    ids = [each["id"] for each in log["objects"]]
    known = set(ids)
    assert len(set(ids)) == len(ids)
    assert len({each["id"] for each in log["events"]}) == events
    for each in log["events"]:
        assert datetime.fromisoformat(each["time"]).tzinfo is not None
        assert set(each) == {"id", "type", "time", "attributes", "relationships"}
        assert {a["name"] for a in each["attributes"]} <= declared["eventTypes"][
            each["type"]
        ].keys()
        assert each["relationships"]
        for relation in each["relationships"]:
            assert set(relation) == {"objectId", "qualifier"}
            assert relation["objectId"] in known
    for each in log["objects"]:
        assert {a["name"] for a in each["attributes"]} <= declared["objectTypes"][
            each["type"]
        ].keys()
        assert all({"name", "time", "value"} == set(a) for a in each["attributes"])
    assert {each["type"] for each in log["objects"]} >= {"item", "person", "agency"}
    text_of_log = out.getvalue().decode()
    assert "@so.example" not in text_of_log
    head = running.person(HEAD)
    assert head.name not in text_of_log
    assert f'"person:{head.id}"' not in text_of_log


@pytest.mark.one_database
def test_two_entries_are_compared_in_content_in_what_they_say_and_in_what_was_kept(running):
    code = running.draft()["code"]
    staff = running.client(STAFF)
    edit = {"title": "Đề nghị khác hẳn"}
    assert staff.patch(f"/items/{code}", json=edit, headers={"If-Match": '"1"'}).status_code == 200
    compared = {"entry": [f"item:{code}@2", f"item:{code}@1"]}
    rows = running.client(AUDITOR).get("/history/difference", params=compared).json()["data"]
    by_name = {each["name"]: each for each in rows}
    assert by_name["Tiêu đề"]["after"] == "Đề nghị khác hẳn"
    assert (by_name["type"]["before"], by_name["type"]["after"]) == ("created", "edited")
    officer = running.person(OFFICER).id
    renamed = running.client("admin@so.example").patch(
        f"/people/{OFFICER}", json={"name": "Cán bộ Văn phòng mới"}
    )
    assert renamed.status_code == 200, renamed.text
    last = found(running, who=OFFICER, kind="people")[0]["seq"]
    both = {"entry": [f"person:{officer}@1", f"person:{officer}@{last}"]}
    rows = running.client(AUDITOR).get("/history/difference", params=both).json()["data"]
    names = {each["name"]: each["after"] for each in rows}
    assert names[f"people.{officer}.name"] == "Cán bộ Văn phòng mới"
    with running.signed_in(AUDITOR) as auditor:
        assert "hẳn</ins>" in auditor.get("/history/difference", params=compared).text
        one = auditor.get("/history/difference", params={"entry": f"item:{code}@1"})
        assert one.status_code == 422
