"""Whether a mail that was intended still need go, asked when it is claimed.

Owns the questions; ``mails`` says which kind asks which. What must not go is answered with a code.
"""

from enum import StrEnum

from notifications.batch import Batch
from notifications.mail_parameters import (
    ProposalParameters,
    RequestParameters,
    RoundParameters,
    TaskParameters,
)
from notifications.messages import AnyMessage, OutboxMessage
from workflow.definition import Definition
from workflow.events import RequestMoment
from workflow.lookups.proposals import is_waiting
from workflow.lookups.rounds import load_round
from workflow.model import Item, ReminderReason, ReminderState
from workflow.rules import asks_council, goes_along
from workflow.store import privacy, proposals, reminder_ledger, rounds
from workflow.voting import RoundNews


class TaskOvertaken(StrEnum):
    """Why the mail of a task does not go any more."""

    ITEM_MOVED = "item_moved"
    """It is in another step, or has another content: the mail of that goes instead."""
    NOT_HELD = "not_held"
    """Its reader holds the item no longer."""
    WAITS_FOR_COUNCIL = "waits_for_council"
    """It goes on only past a round of the council: the mail of that goes when it has passed."""
    GOES_ALONG = "goes_along"
    """It goes on only with the consolidated report it was gathered in: that one's mail goes."""


class ProposalOvertaken(StrEnum):
    """Why the mail about a proposal does not go any more."""

    ANSWERED = "answered"
    """It was confirmed or rejected, or has lapsed."""


class RequestOvertaken(StrEnum):
    """Why the mail about a data subject's request does not go any more."""

    ANSWERED = "answered"
    """It was answered meanwhile."""


class RoundOvertaken(StrEnum):
    """Why the mail that asks for a vote does not go any more."""

    NOT_ASKED = "not_asked"
    """Its reader has voted, or the vote is over."""


class DigestOvertaken(StrEnum):
    """Why a digest does not go."""

    NOTHING_LEFT = "nothing_left"
    """Nothing of what it was to gather need be said any more."""


Overtaken = (
    DigestOvertaken
    | TaskOvertaken
    | ProposalOvertaken
    | RequestOvertaken
    | RoundOvertaken
    | ReminderReason
)


def always(_batch: Batch, _message: AnyMessage) -> Overtaken | None:
    """Answer for a mail that tells what has happened: that stays true."""
    return None


def task_overtaken(batch: Batch, message: OutboxMessage[TaskParameters]) -> Overtaken | None:
    """Return why a task is none any more: the item is elsewhere, or somebody else's."""
    item, said = batch.item(message), message.parameters
    if (item.step, item.content_hash) != (said.step, said.content_hash):
        return TaskOvertaken.ITEM_MOVED
    if all(each.person != message.person for each in batch.holders.get(item.id, [])):
        return TaskOvertaken.NOT_HELD
    definition = batch.context.rulebooks.of(batch.connection, item.definition_hash).definition
    if goes_along(definition, item):
        return TaskOvertaken.GOES_ALONG
    is_before_council = _waits_for_council(batch, definition, item)
    return TaskOvertaken.WAITS_FOR_COUNCIL if is_before_council else None


def _waits_for_council(batch: Batch, definition: Definition, item: Item) -> bool:
    """Return whether ``item`` asks for the council, and no closed round has passed it yet."""
    if not asks_council(definition, item.state, batch.contents.get(item.id)):
        return False
    return item.id not in rounds.passed_items(batch.connection, [item])


def proposal_overtaken(
    batch: Batch, message: OutboxMessage[ProposalParameters]
) -> Overtaken | None:
    """Return why a proposal does not wait any more."""
    found = proposals.find_proposal(batch.connection, message.parameters.proposal)
    is_open = found is not None and is_waiting(found, batch.at)
    return None if is_open else ProposalOvertaken.ANSWERED


def request_overtaken(batch: Batch, message: OutboxMessage[RequestParameters]) -> Overtaken | None:
    """Return why the Office need not hear of a request any more."""
    found = privacy.request_by_id(batch.connection, message.parameters.request)
    tells = message.parameters.moment in {RequestMoment.ANSWERED, RequestMoment.ACKNOWLEDGED}
    is_open = found is not None and found.is_open
    return None if tells or is_open else RequestOvertaken.ANSWERED


def round_overtaken(batch: Batch, message: OutboxMessage[RoundParameters]) -> Overtaken | None:
    """Return why no vote or key is asked for any more; what else is told of a round stays true."""
    what, person = message.parameters.what, message.person
    if what not in {RoundNews.VOTE, RoundNews.KEY} or person is None:
        return None
    found = load_round(batch.connection, message.parameters.round)
    is_asked = found.awaits(person) if what is RoundNews.VOTE else person in found.keyless
    return None if is_asked else RoundOvertaken.NOT_ASKED


def digest_overtaken(_batch: Batch, message: AnyMessage) -> Overtaken | None:
    """Return why a digest has nothing to bring."""
    return None if message.parts else DigestOvertaken.NOTHING_LEFT


def reminders_overtaken(batch: Batch, message: AnyMessage) -> Overtaken | None:
    """Drop from a digest what has been met meanwhile; one with nothing left does not go."""
    planned = [
        row for row in batch.reminders.get(message.id, []) if row.state is ReminderState.PLANNED
    ]
    met = [row for row in planned if not batch.owed(row)]
    for row in met:
        reminder_ledger.supersede_reminder(batch.connection, row.id, ReminderReason.MET.value)
    return ReminderReason.NOTHING_OWED if len(met) == len(planned) else None
