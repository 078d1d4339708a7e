"""Remove what is past its retention period: shown first, proposed by one, confirmed by another.

Each subject gets an entry of its own that says what of it is gone; the agency's history gets one
that counts them. What came under a hold meanwhile, or is not past its period any more, stays.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import ClassVar

from sqlalchemy import Connection

from workflow import values
from workflow.command import Cause, Command
from workflow.commands.erase_person import ErasePerson, take_person
from workflow.commands.erase_text import (
    EraseNote,
    EraseText,
    checked_reason,
    require_eraser,
    take_from_item,
    take_note,
    tell_auditors,
)
from workflow.commands.execute import Transaction
from workflow.commands.proposals import Proposed, Wish, proposed
from workflow.commands.recording import record_by
from workflow.errors import InvalidRefusal, reason
from workflow.history import TITLE, restore_content
from workflow.history.payloads import narrow
from workflow.history.privacy_payloads import RetentionApplied
from workflow.lookups.retention import MOST_AT_ONCE, still_overdue
from workflow.model import Grant, KeptKind, PersonId
from workflow.people.powers import Gain
from workflow.rules.erasing import Wanted, erasable_fields
from workflow.store import erasures, items, people
from workflow.store.history import StoredEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRetention(Command[int | Proposed]):
    """Erase those of ``subjects`` that are past their period on ``day`` (local, ISO), and why."""

    day: str
    subjects: tuple[str, ...]
    why: str
    contends_for: ClassVar[str] = "people"


def apply_retention(transaction: Transaction, command: ApplyRetention) -> int | Proposed:
    """Erase what is over; answer how many subjects that were, or the proposal."""
    connection, context, cause = transaction.connection, transaction.context, command.cause
    require_eraser(transaction, cause)
    day, today = values.day(command.day), context.calendar.local_day(transaction.now)
    if day is None or day > today:
        raise InvalidRefusal(reason("day", "The day is today or earlier, as YYYY-MM-DD."))
    if len(command.subjects) > MOST_AT_ONCE:
        raise InvalidRefusal(
            reason(
                "subjects",
                "At most {most} subjects are erased at once. Name fewer, then propose the others.",
                most=MOST_AT_ONCE,
            )
        )
    wanted = still_overdue(context, connection, day, frozenset(command.subjects))
    if not wanted:
        raise InvalidRefusal(
            reason(
                "nothing",
                "Nothing of this is past its period any more, or a hold keeps it. Look at what is "
                "past its period again.",
            )
        )
    why = checked_reason(command.why)
    leavers = {PersonId(_number(e.subject)) for e in wanted if e.kind is KeptKind.LEAVERS}
    wish = Wish(
        parameters={"day": command.day, "subjects": list(command.subjects), "why": command.why},
        base="",
        gain=Gain(grants=frozenset({Grant.ERASURES}), gainers=frozenset(leavers)),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    for each in wanted:
        own = replace(cause, command_id=f"{cause.command_id}:{each.subject}")
        _remove(transaction, each.kind, each.subject, own, why)
    counts = Counter(each.kind.value for each in wanted)
    payload = RetentionApplied(
        day=day.isoformat(),
        removed=tuple(sorted(counts.items())),
        proposal=cause.proposal,
        proposed_by=cause.proposed_by,
    )
    seq = record_by(transaction, cause, "agency", payload, texts={"message": why}).seq
    tell_auditors(transaction, cause, "agency", seq)
    return len(wanted)


def _remove(transaction: Transaction, kind: KeptKind, subject: str, cause: Cause, why: str) -> None:
    connection = transaction.connection
    match kind:
        case KeptKind.LEAVERS:
            person = people.people_by_id(connection)[PersonId(_number(subject))]
            take_person(transaction, ErasePerson(cause=cause, person=person.id, why=why), person)
        case KeptKind.REQUESTS:
            take_note(transaction, EraseNote(cause=cause, subject=subject, why=why))
        case KeptKind.DRAFTS | KeptKind.ENDED:
            _remove_item(transaction, subject.removeprefix("item:"), cause, why)


def _remove_item(transaction: Transaction, code: str, cause: Cause, why: str) -> None:
    """Erase all that was written in an item; its states, days and who acted stay."""
    connection, context = transaction.connection, transaction.context
    item = items.lock_items(connection, [code])[code]
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    texts = erasures.texts_of(connection, item.subject)
    contents = map(restore_content, erasures.bodies_of(connection, item.id).values())
    wanted = Wanted(
        entries=tuple(sorted({seq for seq, _ in texts})),
        parts=(TITLE, *erasable_fields(definition)),
        files=tuple(sorted({file.sha256 for each in contents for file in each.files})),
    )
    take_from_item(
        transaction, item, EraseText(cause=cause, code=code, wanted=wanted, why=why), texts
    )


def _number(subject: str) -> int:
    return int(subject.partition(":")[2])


def recall_removed(_connection: Connection, _command: object, made: StoredEntry) -> int:
    """Return how many subjects an entry counts."""
    return sum(count for _, count in narrow(made.fact.payload, RetentionApplied).removed)
