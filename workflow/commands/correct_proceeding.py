"""Correct how a proceeding ended, where it was written wrongly: an entry of its own says why.

What was written stays beside it. Where whom it was against would be held less, a second person
confirms it, who is not one of them.
"""

from dataclasses import asdict, dataclass
from typing import ClassVar

from workflow import values
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.proceedings import AskedEnd, checked_end, open_to
from workflow.commands.proposals import Proposed, Wish, proposed
from workflow.commands.recording import record_by
from workflow.errors import InvalidRefusal, reason
from workflow.history.proceeding_payloads import ProceedingCorrected
from workflow.model import Grant, Json, PersonId
from workflow.people import Directory
from workflow.people.powers import Gain
from workflow.store import proceedings
from workflow.store.instants import written
from workflow.store.proceedings import Proceeding, ProceedingEnd
from workflow.store.proposals import SaidEnd

_WHY_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectProceeding(Command[int | Proposed]):
    """Write down how it truly ended, and why that is written anew; None: it has not ended."""

    proceeding: int
    ending: AskedEnd | None
    why: str
    contends_for: ClassVar[str] = "proceedings"


def correct_proceeding(transaction: Transaction, command: CorrectProceeding) -> int | Proposed:
    """Write down how it truly ended; return its number, or the proposal to do so."""
    cause = command.cause
    found, office = open_to(transaction, command.proceeding, cause.asker)
    if not found.is_corrected and found.closed_at is None:
        raise InvalidRefusal(reason("state", "It has not ended. There is nothing to correct."))
    if not found.document:
        raise InvalidRefusal(
            reason("state", "What it said was erased. There is nothing left to correct.")
        )
    if wrong := values.lines_fault(command.why, _WHY_LIMIT):
        raise InvalidRefusal(
            reason("why", "Say what was written wrongly: the text {wrong}", wrong=wrong)
        )
    ending = command.ending
    end = None if ending is None else checked_end(transaction, found, ending, office)
    before, after = _as_said(_end_of(found)), _as_said(end)
    if before == after:
        raise InvalidRefusal(reason("outcome", "This is what is written already."))
    grants = frozenset({Grant.CORRECTIONS}) if _frees(found, end) else frozenset[Grant]()
    wish = Wish(
        parameters={
            "proceeding": found.id,
            "before": before,
            "after": after,
            "why": command.why,
        },
        base=before,
        gain=Gain(grants=grants, gainers=_gainers(transaction.directory, found)),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    _insert(transaction, command, found, end)
    payload = ProceedingCorrected(proposal=cause.proposal, proposed_by=cause.proposed_by)
    record_by(transaction, cause, found.subject, payload)
    return found.id


def ending_of(said: SaidEnd) -> AskedEnd | None:
    """Return an end as ``Wish.parameters`` of a correction say it; None: it has not ended."""
    if not said["outcome"]:
        return None
    return AskedEnd(
        outcome=said["outcome"],
        ended_on=values.day(said["ended_on"]),
        document=said["document"],
        document_on=values.day(said["document_on"]),
        served_on=values.day(said["served_on"]),
        words=said["words"],
    )


def _insert(
    transaction: Transaction,
    command: CorrectProceeding,
    found: Proceeding,
    end: ProceedingEnd | None,
) -> None:
    cause = command.cause
    said = _as_said(end)
    row = {
        **{each: said[each] or None for each in ("outcome", "ended_on", "document_on")},
        "served_on": said["served_on"] or None,
        "document": said["document"],
        "words": said["words"],
        "proceeding_id": found.id,
        "person": found.person,
        "why": values.lines(command.why),
        "corrected_by": cause.asker,
        "confirmed_by": None if cause.proposal is None else cause.actor,
        "corrected_at": written(transaction.now),
    }
    proceedings.insert_correction(transaction.connection, row)


def _end_of(found: Proceeding) -> ProceedingEnd | None:
    """Return how it ended as it is written now; None: it has not."""
    outcome, ended_on, document_on = found.outcome, found.ended_on, found.end_document_on
    by, at = found.closed_by, found.closed_at
    if outcome is None or ended_on is None or document_on is None or by is None or at is None:
        return None
    return ProceedingEnd(
        outcome=outcome,
        ended_on=ended_on,
        document=found.end_document or "",
        document_on=document_on,
        served_on=found.served_on,
        words=found.end_words or "",
        by=by,
        at=at,
    )


def _as_said(end: ProceedingEnd | None) -> dict[str, Json]:
    """Return an end as texts, by name; all empty where there is none."""
    names = ("outcome", "ended_on", "document", "document_on", "served_on", "words")
    said = {} if end is None else asdict(end)
    return {each: str(said.get(each) or "") for each in names}


def _frees(found: Proceeding, end: ProceedingEnd | None) -> bool:
    """Return whether whom it is against is held for less long, or their merit counts from earlier.

    ``end`` None: it is pending again.
    """
    if end is None:
        return False
    if found.ended_on is None or end.ended_on < found.ended_on:
        return True
    was_served = found.served_on
    return was_served is not None and (end.served_on is None or end.served_on < was_served)


def _gainers(directory: Directory, found: Proceeding) -> frozenset[PersonId]:
    """Return whom it is against: the person, or everybody of the department."""
    if found.person is not None:
        return frozenset({found.person})
    return frozenset(
        each.id for each in directory.people.values() if each.department == found.department
    )
