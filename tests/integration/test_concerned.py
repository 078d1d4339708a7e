"""Nobody decides on themselves: who holds an item whose author or nominee is the head or the Director."""

import pytest

from tests.conftest import CAMPAIGN
from tests.waiting import until
from workflow.lookups.obligations import obligations
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

STAFF, HEAD, DEPUTY = (f"{each}.htqt@so.example" for each in ("staff", "head", "deputy"))
CHIEF, OFFICER, CLERK, DIRECTOR, SECOND = (
    f"{each}@so.example" for each in ("chief", "officer", "clerk", "director", "deputy.director")
)


def nomination_of(running, nominee, author=STAFF):
    """Draft the example for one person of the agency instead of a collective."""
    body = running.client(author).get("/definitions/nomination/example").json()
    of_collective = {"nominee", "members"}
    fields = {name: value for name, value in body["fields"].items() if name not in of_collective}
    body["fields"] = {
        **fields,
        "nominee_kind": "individual",
        "nominee_person": nominee,
        "nominee_sex": "female",
        "nominee_position": "Trưởng phòng",
        "nominee_class": "leader",
    }
    made = running.client(author).post("/items", json=body)
    assert made.status_code == 201, made.text
    return made.json()["code"]


def holders(running, code):
    item = running.client("auditor@so.example").get(f"/items/{code}").json()
    return {each["email"] for each in item["holders"]}


def taken(running, code, transition, by, **more):
    answer = running.decide(code, transition, by, **more)
    assert answer.status_code == 200, answer.text
    return holders(running, code)


def refused(running, code, transition, by, **more):
    answer = running.decide(code, transition, by, **more)
    assert answer.status_code == 403, answer.text
    return {each["rule"] for each in answer.json()["reasons"]}


@pytest.fixture(autouse=True)
def whole(running):
    """Whatever was decided, the history holds and every row is what it says."""
    yield
    verdict = running.parts.database.report_blocking(verify_database)
    assert verdict.status == 0, verdict.sentence


@pytest.mark.parametrize(
    ("nominee", "author", "first"),
    [
        (STAFF, STAFF, {HEAD, DEPUTY}),
        (HEAD, STAFF, {SECOND}),
        (DEPUTY, STAFF, {HEAD}),
        (HEAD, HEAD, {SECOND}),
        ("head.ls@so.example", STAFF, {HEAD, DEPUTY}),
        (OFFICER, STAFF, {HEAD, DEPUTY}),
        (CHIEF, CHIEF, {SECOND}),
        (OFFICER, OFFICER, {CHIEF}),
        (CHIEF, OFFICER, {SECOND}),
        (SECOND, HEAD, {CHIEF}),
        (DIRECTOR, HEAD, {CHIEF}),
        (SECOND, CHIEF, {HEAD, "head.ls@so.example", "head.bg@so.example"}),
    ],
)
def test_who_decides_first(running, nominee, author, first):
    code = nomination_of(running, nominee, author)
    assert taken(running, code, "submit", author) == first


def test_a_nominated_head_is_refused_and_the_deputy_director_decides_instead(running):
    code = nomination_of(running, HEAD)
    taken(running, code, "submit", STAFF)
    assert "not_named_in" in refused(running, code, "approve_department", HEAD)
    assert "holder" in refused(running, code, "approve_department", DEPUTY)
    assert running.link_for(code, SECOND)
    assert taken(running, code, "approve_department", SECOND) == {CHIEF, OFFICER}
    assert taken(running, code, "review_office", OFFICER) == {DIRECTOR}


def test_on_a_nominated_chief_the_officer_reviews_and_on_the_director_the_deputy_signs(running):
    code = nomination_of(running, CHIEF)
    taken(running, code, "submit", STAFF)
    assert taken(running, code, "approve_department", HEAD) == {OFFICER}
    code = nomination_of(running, DIRECTOR)
    taken(running, code, "submit", STAFF)
    taken(running, code, "approve_department", HEAD)
    assert taken(running, code, "review_office", CHIEF) == {SECOND}
    assert "not_named_in" in refused(running, code, "sign_director", DIRECTOR, pin="246810")
    assert taken(running, code, "sign_director", SECOND, pin="246810") == {CLERK}


def test_a_nominated_clerk_is_stood_for_by_the_office(running):
    code = nomination_of(running, CLERK)
    taken(running, code, "submit", STAFF)
    taken(running, code, "approve_department", HEAD)
    taken(running, code, "review_office", OFFICER)
    assert taken(running, code, "sign_director", DIRECTOR, pin="246810") == {CHIEF, OFFICER}


def test_within_the_office_the_clerk_reviews_what_its_own_people_cannot(running):
    code = nomination_of(running, CHIEF, OFFICER)
    taken(running, code, "submit", OFFICER)
    assert taken(running, code, "approve_department", SECOND) == {CLERK}
    assert taken(running, code, "review_office", CLERK) == {DIRECTOR}
    assert taken(running, code, "sign_director", DIRECTOR, pin="246810") == {CLERK}


def test_what_only_people_hold_who_took_another_step_is_the_office_s_to_mend(running):
    """The chief is away, so the deputy director approves; nobody but them is then found to review."""
    code = running.draft("department_report", OFFICER)["code"]
    taken(running, code, "submit", OFFICER)
    today = running.parts.context.calendar.local_day(running.parts.clock.now()).isoformat()
    absence = {"person": CHIEF, "stand_in": None, "starts_on": today, "ends_on": today}
    made = running.client(CHIEF).post("/absences", json=absence)
    assert made.status_code == 201, made.text
    try:
        assert taken(running, code, "approve_department", SECOND) == {SECOND}
        assert refused(running, code, "review_office", SECOND) == {"different_people"}
        until(
            lambda: [
                each
                for each in running.mails_about(code, OFFICER)
                if "Không có người xử lý" in each.subject
            ]
        )
        with running.signed_in(OFFICER) as browser:
            page = browser.get("/office").text
        assert f"{code} ở bước" in page
        assert "Giao lại cho người khác" in page
        late = running.draft("department_report", OFFICER)["code"]
        told = running.decide(late, "submit", OFFICER)
        assert told.status_code == 422
        assert [each["rule"] for each in told.json()["reasons"]] == ["dead_end"]
        with running.signed_in(OFFICER) as browser:
            assert "sẽ không còn ai xử lý được" in browser.get(f"/items/{late}").text
    finally:
        ended = running.client(CHIEF).post(f"/absences/{made.json()['id']}/end")
        assert ended.status_code == 200, ended.text


def test_who_stands_in_a_field_that_is_not_asked_for_is_no_nominee(running):
    client = running.client(STAFF)
    body = client.get("/definitions/nomination/example").json()
    body["fields"] |= {"nominee_person": HEAD, "nominee_position": "Trưởng phòng"}
    made = client.post("/items", json=body).json()
    assert "nominee_person" not in made["fields"]
    assert taken(running, made["code"], "submit", STAFF) == {HEAD, DEPUTY}
    code = nomination_of(running, HEAD)
    version = client.get(f"/items/{code}").json()["version"]
    fields = {"nominee_kind": "collective", "nominee": "Phòng X", "members": 4}
    edited = client.patch(
        f"/items/{code}", json={"fields": fields}, headers={"If-Match": f'"{version}"'}
    )
    assert edited.status_code == 200, edited.text
    assert not {"nominee_person", "nominee_sex"} & set(edited.json()["fields"])
    assert taken(running, code, "submit", STAFF) == {HEAD, DEPUTY}
    assert running.decide(code, "approve_department", HEAD).status_code == 200


def test_a_head_s_report_is_not_approved_by_their_deputy(running):
    body = running.client(HEAD).get("/definitions/department_report/example").json()
    code = running.client(HEAD).post("/items", json=body).json()["code"]
    assert taken(running, code, "submit", HEAD) == {SECOND}


def test_another_nominee_named_while_it_waits_is_decided_on_by_others(running):
    code = nomination_of(running, STAFF)
    taken(running, code, "submit", STAFF)
    client = running.client(STAFF)

    def edit(**fields):
        version = client.get(f"/items/{code}").json()["version"]
        return client.patch(
            f"/items/{code}", json={"fields": fields}, headers={"If-Match": f'"{version}"'}
        )

    assert edit(nominee_person=HEAD).status_code == 200
    assert holders(running, code) == {SECOND}
    assert edit(nominee_person=DEPUTY).status_code == 200
    assert holders(running, code) == {HEAD}
    emptied = edit(nominee_person=None)
    assert emptied.status_code == 422, "what was handed in stays whole"
    assert [each["rule"] for each in emptied.json()["reasons"]] == ["content_complete"]
    assert edit(period_to="2030-12-31").status_code == 422
    assert holders(running, code) == {HEAD}


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        (
            {"period_from": "2030-01-01", "period_to": "2031-01-01"},
            {"within_campaign", "not_in_future"},
        ),
        ({"period_to": "2022-05-05"}, {"not_in_future"}),
        ({"period_from": "2022-04-27"}, {"within_campaign"}),
        ({"members": 0}, {"requires"}),
    ],
)
def test_a_merit_that_cannot_be_is_not_handed_in(running, fields, rules):
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    body["fields"] |= fields
    code = running.client(STAFF).post("/items", json=body).json()["code"]
    answer = running.decide(code, "submit", STAFF)
    assert answer.status_code == 422
    assert {each["rule"] for each in answer.json()["reasons"]} == rules


def test_what_was_done_is_named_by_the_plan_of_the_movement(running):
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    body["fields"]["criteria"] = ["professional", "khong_co"]
    assert running.client(STAFF).post("/items", json=body).status_code == 422
    code = running.draft()["code"]
    with running.signed_in(STAFF) as browser:
        assert "1. Về công tác chuyên môn" in browser.get(f"/items/{code}").text
        form = browser.get("/items/new", params={"type": "nomination"}).text
    assert "2. Về hoạt động của các tổ chức Đảng, Đoàn thể" in form


def test_a_department_that_puts_nobody_forward_has_answered_once_its_head_approves(running):
    terms = {
        "campaign": CAMPAIGN,
        "kind": "nominations",
        "departments": ["lanh-su"],
        "due_at": "2022-06-30T17:00:00+07:00",
    }
    assert running.client(OFFICER).post("/deadlines", json=terms).status_code == 201
    author, head = "staff.ls@so.example", "head.ls@so.example"
    code = running.draft("nothing_to_nominate", author)["code"]

    def is_met():
        owed = running.parts.database.report_blocking(
            lambda connection: obligations(running.parts.context, connection)
        )
        return (CAMPAIGN, "nominations", "lanh-su") in owed.met

    taken(running, code, "submit", author)
    assert not is_met()
    assert taken(running, code, "approve_department", head) == set()
    assert is_met()
