"""Tellings: who else hears of a transition, once, in the agency's own words, and nothing of the content."""

import pytest

from tests.consolidated import handed_in as report
from tests.integration.test_gathering import (
    AUDITOR,
    CLERK,
    DIRECTOR,
    OFFICER,
    deadline,
    gather,
    take,
)
from tests.integration.test_signed_copies import text_of
from tests.unit.test_references import telling
from tests.waiting import until
from workflow.commands.setup import SetUp

pytestmark = pytest.mark.one_database

STAFF, HEAD, CHIEF = "staff.htqt@so.example", "head.htqt@so.example", "chief@so.example"


def test_those_named_hear_of_it_once_and_who_did_it_does_not(running):
    running.run(
        running.parts.database.write(
            SetUp(definitions=(telling(),), campaigns=(), organization=None, software="test")
        )
    )
    item = running.draft("leave_request", STAFF)
    assert running.decide(item["code"], "submit", STAFF).status_code == 200
    assert running.decide(item["code"], "approve", HEAD).status_code == 200
    mails = until(lambda: running.mails_about(item["code"], CHIEF))
    assert len(mails) == 1
    assert (
        f"Trưởng phòng Hợp tác quốc tế đã đồng ý {item['code']} của Phòng Hợp tác quốc tế: Được nghỉ."
        in " ".join(mails[0].text.split())
    )
    assert "Việc gia đình" not in mails[0].text
    assert mails[0].decision_links == []
    assert [
        mail for mail in running.mails_about(item["code"], HEAD) if not mail.decision_links
    ] == []


def copies(running, code, reader):
    """The mails that tell somebody that a report has gone out, and ask nothing of them."""
    found = running.mails_about(code, reader)
    return [each for each in found if "theo Nơi nhận" in " ".join(each.text.split())]


def test_the_agency_s_report_goes_in_copy_to_whom_the_plan_names(running):
    which = deadline(running, "final")
    own = report(running, "htqt", period="final")
    code = gather(running, which).json()["code"]
    version = {"If-Match": running.client(OFFICER).get(f"/items/{code}").headers["ETag"]}
    body = {"fields": {"data_until": "2022-05-03"}}
    assert running.client(OFFICER).patch(f"/items/{code}", json=body, headers=version).is_success
    take(running, code, "submit", OFFICER)
    for each in (code, own):
        take(running, each, "review_office", CHIEF)
    take(running, code, "sign_director", DIRECTOR, pin="246810")
    take(running, code, "send_to_board", CLERK)
    number = running.client(CLERK).get("/register").json()["data"][0]["notation"]
    for reader, sees_it in (("head.bg@so.example", False), (DIRECTOR, True)):
        until(lambda reader=reader: copies(running, code, reader))
        (copy,) = copies(running, code, reader)
        assert number in copy.text
        assert (f"/items/{code}" in copy.text) is sees_it
    assert copies(running, own, "head.bg@so.example") == []
    with running.signed_in(AUDITOR) as browser:
        paper = browser.get(f"/items/{code}/documents/report.pdf").content
        part = browser.get(f"/items/{own}/documents/report.pdf").content
    assert "- Các phòng chuyên môn;" in text_of(paper)
    assert "- Các phòng chuyên môn;" not in text_of(part)
