"""Tellings: who else hears of a transition, once, in the agency's own words, and nothing of the content."""

import pytest

from notifications.translation import translate
from tests.unit.test_definitions import own_process
from tests.waiting import until
from workflow.commands.setup import SetUp
from workflow.definition import load_definition
from workflow.errors import InvalidInputError
from workflow.rules import vocabulary

STAFF, HEAD, CHIEF = "staff.htqt@so.example", "head.htqt@so.example", "chief@so.example"
TELLS = """    tells:
      - to: [{positions: [chief]}, {positions: [head], within: department}]
        message: {vi: "{actor} đã đồng ý {code} của {department}: {state}.", en: "{code}"}
"""


def telling(*replacements):
    text = own_process().replace("    to: [approved]\n", f"    to: [approved]\n{TELLS}")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return load_definition(text, "told.yaml", vocabulary())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("{state}.", "{title}."), "biến không có: title"),
        (("{state}.", "{actor.email}."), "biến không có: actor.email"),
        (("{state}.", "{actor!r}."), "biến không có: actor"),
        (("{state}.", "{0}."), "biến không có: 0"),
        (("{state}.", "{state."), "không khép"),
    ],
)
def test_a_message_that_names_what_no_mail_may_say_is_refused_with_its_place(change, sentence):
    with pytest.raises(InvalidInputError) as caught:
        telling(change)
    assert sentence in translate(caught.value)
    assert not translate(caught.value).startswith("told.yaml:1:1:")


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
