"""Tellings: who else hears of a transition, once, in the agency's own words, and nothing of the content."""

import pytest

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
