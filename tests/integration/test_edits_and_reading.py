"""What an edit opens and voids, which fields are asked for, who reads them, rich text, and files that a field names."""

import re

import pytest

from tests.unit.test_references import process
from tests.waiting import until
from workflow.commands.setup import SetUp
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

STAFF, HEAD, OTHER = "staff.htqt@so.example", "head.htqt@so.example", "deputy.htqt@so.example"
CHIEF, AUDITOR = "chief@so.example", "auditor@so.example"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="module")
def office(running):
    running.run(
        running.parts.database.write(
            SetUp(definitions=(process(),), campaigns=(), organization=None, software="test")
        )
    )
    return running


def drafted(office, **fields):
    body = office.client(STAFF).get("/definitions/leave_request/example").json()
    made = office.client(STAFF).post(
        "/items", json={**body, "fields": {**body["fields"], **fields}}
    )
    assert made.status_code == 201, made.text
    return made.json()


def edited(office, item, **fields):
    version = office.client(STAFF).get(f"/items/{item['code']}").json()["version"]
    return office.client(STAFF).patch(
        f"/items/{item['code']}", json={"fields": fields}, headers={"If-Match": f'"{version}"'}
    )


def endorsed(office, **fields):
    item = drafted(office, **fields)
    assert office.decide(item["code"], "submit", STAFF).status_code == 200
    assert office.decide(item["code"], "endorse", HEAD).status_code == 200
    return item


def test_an_edit_that_voids_what_was_approved_sends_the_item_back_and_asks_anew(office):
    item = endorsed(office)
    before = len(office.mails_about(item["code"], HEAD))
    changed = edited(office, item, reason="Việc khác")
    assert changed.status_code == 200, changed.text
    after = changed.json()
    assert (after["state"], after["step"]) == ("submitted", 4)
    assert {each["email"] for each in after["holders"]} == {HEAD, OTHER}
    until(lambda: len(office.mails_about(item["code"], HEAD)) > before)
    until(
        lambda: [
            mail for mail in office.mails_about(item["code"], CHIEF) if not mail.decision_links
        ]
    )
    last = office.client(AUDITOR).get(f"/items/{item['code']}/history").json()["data"][-1]
    assert (last["type"], last["from"], last["to"]) == ("edited", "endorsed", "submitted")
    assert office.decide(item["code"], "approve", HEAD).status_code == 200
    assert office.parts.database.report_blocking(verify_database).status == 0


def test_an_edit_that_voids_nothing_leaves_the_item_where_it_is(office):
    item = endorsed(office)
    changed = edited(office, item, plan="Bàn giao cho Phó phòng")
    assert changed.status_code == 200, changed.text
    assert (changed.json()["state"], changed.json()["step"]) == ("endorsed", 3)


def test_what_a_state_does_not_open_to_edits_is_refused_naming_what_it_opens(office):
    item = endorsed(office)
    refused = edited(office, item, first_day="2022-07-05")
    assert refused.status_code == 403
    assert "Bàn giao việc" in refused.json()["reasons"][0]["message"]
    assert (
        office.client(STAFF).get(f"/items/{item['code']}").json()["fields"]["first_day"]
        == "2022-07-04"
    )


def test_a_field_that_does_not_apply_is_neither_required_nor_shown_open(office):
    assert office.decide(drafted(office)["code"], "submit", STAFF).status_code == 200
    item = drafted(office, abroad=True)
    refused = office.decide(item["code"], "submit", STAFF)
    assert refused.status_code == 422
    assert "Nước đến" in refused.text
    with office.signed_in(STAFF) as browser:
        assert (
            "chưa cần với lựa chọn hiện nay"
            in browser.get("/items/new", params={"type": "leave_request"}).text
        )
        assert (
            "chưa cần với lựa chọn hiện nay" not in browser.get(f"/items/{item['code']}/edit").text
        )
    assert edited(office, item, country="Lào").status_code == 200
    assert office.decide(item["code"], "submit", STAFF).status_code == 200


def test_a_field_kept_to_some_is_read_by_them_by_its_author_and_by_auditors_only(office):
    code = endorsed(office, illness="Viêm phổi")["code"]
    seen = {
        email: office.client(email).get(f"/items/{code}").json()
        for email in (STAFF, HEAD, CHIEF, AUDITOR, OTHER, "director@so.example")
    }
    assert {
        email for email, item in seen.items() if item["fields"].get("illness") == "Viêm phổi"
    } == {STAFF, HEAD, CHIEF, AUDITOR}
    assert set(seen[OTHER]["withheld"]) == {"illness", "proof"}
    assert office.client(OTHER).get("/items", params={"q": "viêm phổi"}).json()["data"] == []
    with office.signed_in(OTHER) as browser:
        for page in (f"/items/{code}", f"/items/{code}/print"):
            assert "Viêm phổi" not in browser.get(page).text
        assert "Chỉ người có thẩm quyền đọc" in browser.get(f"/items/{code}").text


def test_rich_text_is_shown_as_such_and_leads_nowhere(office):
    text = "## Việc\n\n- **Báo cáo** quý\n\n<script>alert(1)</script> [x](https://example.com) ![y](https://example.com/z.png)"
    code = drafted(office, plan=text)["code"]
    with office.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}").text
    assert "<strong>Báo cáo</strong>" in page
    assert "<h5>Việc</h5>" in page
    assert "<script>alert" not in page
    assert 'href="https://example.com' not in page
    assert re.findall(r"<img[^>]*src=\"(?!/items/|/static/)", page) == [], (
        "no picture but the item's own and the mark"
    )


def attach(office, item, **form):
    version = office.client(STAFF).get(f"/items/{item['code']}").json()["version"]
    files = {"file": ("kham.pdf", PDF, "application/pdf")}
    return office.client(STAFF).post(
        f"/items/{item['code']}/attachments",
        files=files,
        data=form,
        headers={"If-Match": f'"{version}"'},
    )


def test_a_file_field_names_a_file_of_the_item_and_its_readers_alone_get_it(office):
    item = drafted(office)
    assert edited(office, item, proof="0" * 64).status_code == 422
    assert attach(office, item, for_field="illness").status_code == 422
    given = attach(office, item, for_field="proof")
    assert given.status_code == 201, given.text
    sha256 = given.json()["fields"]["proof"]
    assert [each["sha256"] for each in given.json()["files"]] == [sha256]
    assert (
        office.client(OTHER).get(f"/items/{item['code']}/attachments/{sha256}").status_code == 404
    )
    assert office.client(HEAD).get(f"/items/{item['code']}/attachments/{sha256}").status_code == 200
    with office.signed_in(STAFF) as browser:
        assert "kham.pdf</a>" in browser.get(f"/items/{item['code']}").text
        assert (
            f'<option value="{sha256}" selected' in browser.get(f"/items/{item['code']}/edit").text
        )
