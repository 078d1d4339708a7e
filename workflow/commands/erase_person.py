"""Erase a person who has left: name, address, factors, and what was kept for them alone.

What was pending against them, and to whom their imported awards were given, goes with it; while
anything is pending, nothing goes. What they did stays
in the history, under their number. It takes evidence away, so a second person confirms it. Nothing
that a hold keeps is erased.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from sqlalchemy import Connection

from workflow.canonical import digest, nfc
from workflow.command import Command
from workflow.commands.erase_text import (
    EraseNote,
    checked_reason,
    require_eraser,
    require_request,
    take_note,
    tell_auditors,
)
from workflow.commands.execute import Transaction
from workflow.commands.proposals import Proposed, Wish, proposed
from workflow.commands.recorded_rows import require_recorded
from workflow.commands.recording import record_by, touch_directory
from workflow.errors import InvalidRefusal, NotFoundRefusal, reason
from workflow.history.privacy_payloads import PersonErased
from workflow.lookups.privacy import notes_about, require_no_hold
from workflow.messages import lazy
from workflow.model import Grant, Person, PersonId, erased_address
from workflow.people.powers import Gain
from workflow.store import erasures, people
from workflow.store.proceedings import proceedings_against


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePerson(Command[PersonId | Proposed]):
    """Erase what is kept of a person, and say why; ``request``: of a data subject that asked it."""

    person: PersonId
    why: str
    request: int | None = None
    contends_for: ClassVar[str] = "people"


def erase_person(transaction: Transaction, command: ErasePerson) -> PersonId | Proposed:
    """Erase a person; answer their id, or the proposal."""
    connection = transaction.connection
    require_eraser(transaction, command.cause)
    require_request(connection, command.request)
    person = people.people_by_id(connection).get(command.person)
    if person is None:
        raise NotFoundRefusal(lazy("this person"))
    if person.is_active or person.is_erased:
        raise InvalidRefusal(
            reason(
                "active",
                "Only somebody who no longer works here is erased, and once. Who works here needs "
                "a name and an address; say on the page People that they have left.",
            )
        )
    require_no_hold(connection, f"person:{person.id}")
    _require_nothing_pending(connection, person)
    checked_reason(command.why)
    wish = Wish(
        parameters={"person": person.id, "why": command.why, "request": command.request},
        # By its hash: the proposal's own words must not keep what it wants erased.
        base=digest(nfc([person.email, person.name])),
        gain=Gain(grants=frozenset({Grant.ERASURES}), gainers=frozenset({person.id})),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    seq = take_person(transaction, command, person)
    tell_auditors(transaction, command.cause, f"person:{person.id}", seq)
    return person.id


def _require_nothing_pending(connection: Connection, person: Person) -> None:
    against = proceedings_against(connection, [person.id], ())
    for subject in notes_about(connection, person.id):
        require_no_hold(connection, subject)
    if any(each.closed_at is None for each in against):
        raise InvalidRefusal(
            reason(
                "pending",
                "Something is pending against this person. Say how it ended before they are "
                "erased.",
            )
        )


def take_person(transaction: Transaction, command: ErasePerson, person: Person) -> int:
    """Erase a person who was judged before; answer the number of the entry.

    All of it is one transaction: a crash leaves either the texts or the entry that says they went.
    """
    connection, cause, subject = transaction.connection, command.cause, f"person:{person.id}"
    require_recorded(connection, subject)
    texts = erasures.texts_of(connection, subject)
    named = [
        each for each in erasures.proposals_naming(connection, person.id) if each != cause.proposal
    ]
    erasures.empty_proposals(connection, named)
    erasures.drop_personal(connection, person.id)
    erased = {
        "email": erased_address(person.id),
        "name": f"#{person.id}",
        "position": person.position,
        "department": person.department,
        "is_active": False,
    }
    people.update_person(connection, person.id, erased)
    payload = PersonErased(
        texts=tuple(texts),
        proposals=tuple(named),
        request=command.request,
        proposal=cause.proposal,
        proposed_by=cause.proposed_by,
    )
    why = checked_reason(command.why)
    seq = record_by(transaction, cause, subject, payload, texts={"message": why}).seq
    erasures.drop_texts(connection, subject, texts)
    _take_notes(transaction, command, person)
    touch_directory(transaction)
    return seq


def _take_notes(transaction: Transaction, command: ErasePerson, person: Person) -> None:
    """Erase what was pending against a person, and that imported awards were theirs.

    Each with an entry of its own.
    """
    for subject in notes_about(transaction.connection, person.id):
        own = replace(command.cause, command_id=f"{command.cause.command_id}:{subject}")
        why = checked_reason(command.why)
        take_note(
            transaction,
            EraseNote(cause=own, subject=subject, why=why, request=command.request),
        )
