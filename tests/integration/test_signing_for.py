"""Who signs for the Director: by assignment, by the work regulation, or by an authorisation alone."""

import re

import pytest

from tests.conftest import CAMPAIGN
from workflow.lookups.signing import waiting_lines
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database
PIN = {"pin": "246810"}
AUDITOR, OFFICER, CHIEF = "auditor@so.example", "officer@so.example", "chief@so.example"
DIRECTOR, SECOND = "director@so.example", "deputy.director@so.example"
STAFF, HEAD = "staff.ls@so.example", "head.ls@so.example"
KT = "KT., theo phân công: Thông báo số 05/TB-SNgV phân công công tác Ban Giám đốc"


@pytest.fixture(autouse=True)
def whole(running):
    yield
    known = running.client(DIRECTOR).get("/delegations").json()["data"]
    for each in known:
        if each["from"] == DIRECTOR and each["ends_on"] >= "2022-06-01":
            running.client(DIRECTOR).post(f"/delegations/{each['id']}/end")
    verdict = running.parts.database.report_blocking(verify_database)
    assert verdict.status == 0, verdict.sentence


def reviewed(running, author=STAFF, head=HEAD, kind="nomination"):
    body = running.client(author).get(f"/definitions/{kind}/example").json()
    body["campaign"] = CAMPAIGN
    made = running.client(author).post("/items", json=body)
    assert made.status_code == 201, made.text
    code = made.json()["code"]
    for transition, by in (
        ("submit", author),
        ("approve_department", head),
        ("review_office", OFFICER),
    ):
        answer = running.decide(code, transition, by)
        assert answer.status_code == 200, answer.text
    return code


def holders(running, code):
    held = running.client(AUDITOR).get(f"/items/{code}").json()["holders"]
    return {each["email"] for each in held}


def filed_form(page, taker):
    """The fields of the form on the page that asks for one line of the file."""
    forms = re.findall(
        r'<form method="post" action="/standing-in/delegations".*?</form>', page, re.DOTALL
    )
    (found,) = [each for each in forms if f'name="to" value="{taker}"' in each]
    named = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found)
    fields = {}
    for name, value in named:
        fields.setdefault(name, []).append(value)
    return fields


def test_a_standing_assignment_of_the_file_is_confirmed_and_signs_in_its_field(running):
    assert len(running.parts.database.report_blocking(waiting_lines)) == 2
    code = reviewed(running)
    assert holders(running, code) == {DIRECTOR}, "the file alone gives nobody anything"
    with running.signed_in(OFFICER) as office:
        form = filed_form(office.get("/standing-in").text, SECOND)
        assert office.post("/standing-in/delegations", data=form).status_code == 200
    assert holders(running, code) == {DIRECTOR}
    running.confirm(DIRECTOR)
    assert holders(running, code) == {DIRECTOR, SECOND}
    other = reviewed(running, "staff.htqt@so.example", "head.htqt@so.example")
    assert holders(running, other) == {DIRECTOR}, "another department's is another's field"
    assert len(running.parts.database.report_blocking(waiting_lines)) == 1

    signed = running.decide(code, "sign_director", SECOND, **PIN)
    assert signed.status_code == 200, signed.text
    entry = running.client(AUDITOR).get(f"/items/{code}/history").json()["data"][-1]
    assert (entry["actor"], entry["on_behalf_of"]) == (SECOND, DIRECTOR)
    with running.signed_in(AUDITOR) as auditor:
        assert KT in auditor.get(f"/items/{code}").text
        paper = auditor.get(f"/items/{code}/print").text
        certificate = auditor.get(f"/items/{code}/certificate.pdf")
        page = auditor.get("/standing-in").text
    assert "KT. GIÁM ĐỐC" in paper
    assert "PHÓ GIÁM ĐỐC" in paper
    assert KT in paper
    assert certificate.status_code == 200
    assert "khi có văn bản khác" in page


def test_what_the_head_signs_alone_is_not_signed_by_order_and_an_order_rests_on_the_regulation(
    running,
):
    with running.signed_in(DIRECTOR) as director:
        form = filed_form(director.get("/standing-in").text, CHIEF)
        confirmed = director.post("/standing-in/delegations", data={**form, **PIN})
        assert confirmed.status_code == 200, confirmed.text
    report = reviewed(running, kind="department_report")
    assert holders(running, report) == {DIRECTOR, CHIEF}
    assert running.decide(report, "sign_director", CHIEF, **PIN).status_code == 200
    with running.signed_in(AUDITOR) as auditor:
        assert (
            "TL., theo quy chế làm việc: Quy chế làm việc" in auditor.get(f"/items/{report}").text
        )

    body = {"from": DIRECTOR, "to": CHIEF, "starts_on": "2022-05-04", "form": "TL.", **PIN}
    body |= {"document": "9/UQ"}
    client = running.client(DIRECTOR)
    dated = client.post("/delegations", json={**body, "ends_on": "2022-06-04"})
    assert dated.status_code == 422
    assert "quy chế làm việc" in dated.text
    standing = {**body, "ends_on": "2199-12-31", "kinds": ["nomination"]}
    alone = client.post("/delegations", json=standing)
    assert alone.status_code == 422
    assert "giao loại hồ sơ này cho người đứng đầu" in alone.text
    endless = {**body, "ends_on": "2199-12-31", "form": "TUQ.", "terms": "Ký"}
    assert "Ghi ngày kết thúc" in client.post("/delegations", json=endless).text


def test_an_authorisation_is_kept_with_the_signature_as_what_it_is(running):
    body = {
        "from": DIRECTOR,
        "to": CHIEF,
        "starts_on": "2022-05-04",
        "ends_on": "2022-12-31",
        "document": "9/UQ-SNgV",
        "terms": "Ký hồ sơ khen thưởng",
        **PIN,
    }
    assert running.client(DIRECTOR).post("/delegations", json=body).status_code == 201
    code = reviewed(running)
    assert running.decide(code, "sign_director", CHIEF, **PIN).status_code == 200
    with running.signed_in(AUDITOR) as auditor:
        assert "TUQ., theo văn bản ủy quyền: 9/UQ-SNgV" in auditor.get(f"/items/{code}/print").text
