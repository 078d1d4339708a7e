"""The table of mails: every kind has its row, and every row can be filled from what causes it."""

import dataclasses
import string
import typing
from datetime import UTC, datetime

import pytest

from notifications.mail_parameters import (
    ConfirmedParameters,
    FieldsOf,
    OpinionParameters,
    params_of,
    read_params,
)
from notifications.mails import CAUSED_BY, MAILS
from notifications.messages import Ending, Kind, OutboxMessage, SendingAttempt
from notifications.outbox import MAILS_NOBODY
from notifications.outbox_states import OutboxState
from notifications.settlement import TRIES, outcome_of
from workflow.events import DecisionConfirmed, DossierSent, Event, Saying
from workflow.model import ItemId, PersonId
from workflow.recipient_events import SendingAmended


def fields_of(kind):
    return {each.name for each in dataclasses.fields(kind)}


def test_every_kind_has_one_row_and_every_event_its_mail_or_none():
    assert set(MAILS) == set(Kind)
    assert len(CAUSED_BY) == len(MAILS)
    events = set(typing.get_args(Event))
    to_each_outside = {DossierSent, SendingAmended}
    assert events - set(CAUSED_BY) == {*MAILS_NOBODY, *to_each_outside}


@pytest.mark.parametrize("mail", MAILS.values(), ids=lambda each: each.kind)
def test_what_causes_a_mail_says_all_that_its_key_and_its_letter_need(mail):
    known = fields_of(mail.occasion)
    in_key = {name for _, name, _, _ in string.Formatter().parse(mail.key) if name}
    assert in_key
    assert in_key <= known
    assert fields_of(mail.parameters) <= known
    assert {"person", "address"} & known, "whom it goes to"


def test_parameters_are_read_as_they_were_stored():
    at = datetime(2022, 5, 4, 1, 30, tzinfo=UTC)
    event = DecisionConfirmed(
        item=ItemId(1),
        code="DN-2022-0001",
        person=PersonId(2),
        version=3,
        transition="approve",
        definition_hash="ab",
        at=at,
    )
    text = params_of(ConfirmedParameters, event)
    assert text == (
        '{"transition":"approve","definition_hash":"ab","at":"2022-05-04T01:30:00.000000Z"}'
    )
    assert read_params(ConfirmedParameters, text) == ConfirmedParameters(
        transition="approve", definition_hash="ab", at=at
    )
    assert MAILS[Kind.CONFIRMED].key_of(event) == "confirmed:DN-2022-0001:3:2"
    assert FieldsOf(event)["at"] == "2022-05-04T01:30:00.000000Z"


def test_parameters_that_cannot_be_read_are_refused_without_a_word_of_theirs():
    with pytest.raises(ValueError, match="OpinionParameters") as refused:
        read_params(OpinionParameters, '{"actor": 1, "what": "ba chấm"}')
    assert "ba chấm" not in str(refused.value)
    assert read_params(OpinionParameters, '{"actor": 1, "what": "commented", "more": 1}') == (
        OpinionParameters(actor=PersonId(1), what=Saying.COMMENTED)
    )


def attempt(ending, tried=0, detail="450"):
    message = OutboxMessage(
        id=1,
        dedupe_key="k",
        message_id="<k@so.example>",
        kind=Kind.OPINION,
        person=PersonId(1),
        address="a@so.example",
        item_id=None,
        parameters=OpinionParameters(actor=PersonId(1), what=Saying.COMMENTED),
        attempts=tried,
        created_at=datetime(2022, 5, 4, tzinfo=UTC),
        lease_token="t",
    )
    return SendingAttempt(message=message, ending=ending, detail=detail)


@pytest.mark.parametrize(
    ("made", "state", "minutes", "was_tried", "is_doubtful"),
    [
        (attempt(Ending.SENT), OutboxState.SENT, 0, True, False),
        (attempt(Ending.DEAD), OutboxState.DEAD, 0, True, False),
        (attempt(Ending.NOT_TRIED), OutboxState.NEW, 0, False, False),
        (attempt(Ending.CHANNEL_TEMPORARY), OutboxState.NEW, 1, False, False),
        (attempt(Ending.CHANNEL_PERMANENT, 29), OutboxState.NEW, 1, False, False),
        (attempt(Ending.RETRY), OutboxState.NEW, 5, True, False),
        (attempt(Ending.RETRY, 3), OutboxState.NEW, 60, True, False),
        (attempt(Ending.AMBIGUOUS, TRIES - 2), OutboxState.NEW, 240, True, True),
        (attempt(Ending.AMBIGUOUS, TRIES - 1), OutboxState.DEAD, 0, True, False),
        (attempt(Ending.RETRY, 1, "render X"), OutboxState.NEW, 15, True, False),
        (attempt(Ending.RETRY, 2, "render X"), OutboxState.DEAD, 0, True, False),
    ],
)
def test_each_ending_makes_one_outcome(made, state, minutes, was_tried, is_doubtful):
    outcome = outcome_of(made, 1.0)
    assert (outcome.state, outcome.waits.total_seconds() / 60) == (state, minutes)
    assert (outcome.was_tried, outcome.is_doubtful) == (was_tried, is_doubtful)
