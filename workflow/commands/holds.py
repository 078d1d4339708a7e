"""Place and lift holds: what is kept of an item, merit, proceeding or person is not to be erased.

A complaint, an inspection or a trial needs it. A hold keeps more than was kept before, so the
Office places and lifts it alone; both are entries with a reason.
"""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection

from workflow.command import Command
from workflow.commands.erase_text import checked_reason, tell_every_auditor
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, reason
from workflow.history.privacy_payloads import HoldLifted, HoldPlaced
from workflow.lookups.privacy import number_in, present_hold
from workflow.messages import lazy
from workflow.model import PersonId, Position
from workflow.people import may_place_holds, may_set_deadlines
from workflow.store import items, merits, past_awards, people, privacy, proceedings
from workflow.store.instants import written


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(Command[int]):
    """Keep what is kept about ``about``: ``item:CODE``, or a kind of subject and its number."""

    about: str
    why: str
    contends_for: ClassVar[str] = "holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftHold(Command[int]):
    """End a hold."""

    hold: int
    why: str
    contends_for: ClassVar[str] = "holds"


def place_hold(transaction: Transaction, command: PlaceHold) -> int:
    """Place a hold; answer its number."""
    connection, cause = transaction.connection, command.cause
    by = _permitted(transaction, command)
    if not _is_there(connection, command.about):
        raise NotFoundRefusal(lazy("what is to be held"))
    if (before := present_hold(connection, command.about)) is not None:
        raise InvalidRefusal(
            reason("held", "This is under hold {number} already.", number=before.id)
        )
    why = checked_reason(command.why)
    hold = privacy.insert_hold(
        connection,
        {
            "about": command.about,
            "reason": why,
            "placed_by": by,
            "placed_at": written(transaction.now),
        },
    )
    payload = HoldPlaced(about=command.about)
    record_by(transaction, cause, f"hold:{hold}", payload, texts={"message": why})
    return hold


def lift_hold(transaction: Transaction, command: LiftHold) -> int:
    """Lift a hold; answer its number."""
    connection, cause = transaction.connection, command.cause
    by = _permitted(transaction, command)
    hold = privacy.hold_by_id(connection, command.hold)
    if hold is None:
        raise NotFoundRefusal(lazy("this hold"))
    why = checked_reason(command.why)
    if not privacy.lift_hold(connection, hold.id, by=by, at=transaction.now, why=why):
        raise InvalidRefusal(reason("lifted", "This hold was lifted already."))
    payload = HoldLifted(about=hold.about)
    subject = f"hold:{hold.id}"
    seq = record_by(transaction, cause, subject, payload, texts={"message": why}).seq
    placed_by = transaction.directory.people.get(hold.placed_by) if hold.placed_by else None
    if placed_by is not None and placed_by.position is Position.AUDITOR:
        tell_every_auditor(transaction, subject, seq)
    return hold.id


def _permitted(transaction: Transaction, command: PlaceHold | LiftHold) -> PersonId | None:
    """Return who places or lifts a hold: the Office or an auditor; None: the command line."""
    cause = command.cause
    person = transaction.directory.active(cause.actor)
    if cause.is_operator:
        return None
    if person is None or not may_place_holds(person):
        raise NotPermittedRefusal(
            reason("office", "Only the Office and auditors place and lift holds.")
        )
    if isinstance(command, LiftHold) and not may_set_deadlines(person):
        raise NotPermittedRefusal(
            reason("auditor", "Auditors place holds; lifting one is the Office's to answer for.")
        )
    return person.id


def _is_there(connection: Connection, subject: str) -> bool:
    kind, _, name = subject.partition(":")
    number = number_in(subject)
    match kind:
        case "item":
            return items.find_item(connection, name) is not None
        case "person":
            return number is not None and PersonId(number) in people.people_by_id(connection)
        case "merit":
            return number is not None and merits.merit_by_id(connection, number) is not None
        case "past_award":
            return number is not None and bool(past_awards.find_past_award(connection, number))
        case "proceeding":
            return number is not None and bool(proceedings.find_proceeding(connection, number))
    return False
