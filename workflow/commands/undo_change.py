"""Take back what became other of a person: their address, their place, who acts for them.

Owns what goes back; each is an ordinary change with an entry of its own, so history folds as ever.
It is given by a link that only the person was mailed. What signs in, ``api.auth`` takes back.
"""

from collections.abc import Sequence
from dataclasses import replace

from workflow.command import Cause
from workflow.commands.absences import cut_absence_short
from workflow.commands.delegations import cut_short
from workflow.commands.execute import Transaction
from workflow.commands.person_record import follow_people, move_links, put_person
from workflow.commands.recording import record_by, touch_directory
from workflow.errors import LinkEndedRefusal, LinkRefusal, NotFoundRefusal, Refusal, reason
from workflow.events import AccountChange, AccountChangeUndone, AddressChanged
from workflow.history import agency_payloads
from workflow.history.payloads import Confirmable
from workflow.links import LinkStatus
from workflow.lookups.account_changes import UndoStanding, place_before, standing_of
from workflow.messages import lazy
from workflow.model import PersonId, Position
from workflow.people.staff_rows import row_of
from workflow.store import account_changes, held_items, history, people
from workflow.store.account_changes import UndoableChange
from workflow.store.history import StoredEntry


def begin_undo(transaction: Transaction, identity: bytes, cause: Cause) -> UndoableChange:
    """Return the change that is to be taken back, locked. Raises NotFoundRefusal, LinkRefusal."""
    connection = transaction.connection
    change = account_changes.lock_change(connection, identity)
    if change is None or change.person != cause.actor:
        raise NotFoundRefusal(lazy("this change"))
    standing = standing_of(connection, transaction.directory, change, transaction.now)
    if (refusal := _refusal(standing)) is not None:
        raise refusal
    return change


def _refusal(standing: UndoStanding) -> Refusal | None:
    match standing.status:
        case LinkStatus.LIVE:
            return None
        case LinkStatus.EXPIRED:
            return LinkEndedRefusal(*([standing.why] if standing.why else []))
        case LinkStatus.USED:
            return LinkRefusal(reason("link-used", "This change was taken back already."))
        case _:
            return LinkRefusal(*([standing.why] if standing.why else []))


def take_back(transaction: Transaction, change: UndoableChange, cause: Cause) -> None:
    """Let go back what is kept of the person themselves; a factor is not."""
    own = replace(cause, command_id=f"{cause.command_id}:undo", is_undo=True)
    before = change.goes_back_to
    match change.what:
        case AccountChange.ADDRESS:
            _address_back(transaction, change, own, before["email"])
        case AccountChange.POSITION:
            person = people.people_by_id(transaction.connection)[change.person]
            row = place_before(person, before)
            put_person(transaction, own, person, row, is_first=True)
            follow_people(transaction, own)
        case AccountChange.DELEGATION:
            delegation = people.delegation_by_id(transaction.connection, before["delegation"])
            if delegation is not None:
                cut_short(transaction, own, delegation)
        case AccountChange.ABSENCE:
            absence = people.absence_by_id(transaction.connection, before["absence"])
            if absence is not None:
                cut_absence_short(transaction, own, absence)
        case _:
            pass


def _address_back(
    transaction: Transaction, change: UndoableChange, cause: Cause, address: str
) -> None:
    """Write to a person where they were before; what led on from there leads back nowhere."""
    connection, now = transaction.connection, transaction.now
    person = people.people_by_id(connection)[change.person]
    held = held_items.held_by(connection, person.id)
    put_person(transaction, cause, person, replace(row_of(person), email=address), is_first=True)
    touch_directory(transaction)
    transaction.emit([AddressChanged(person=person.id, at=now)])
    move_links(transaction, cause, person, held)
    for each in account_changes.live_changes(connection, person.id, now):
        # The links of what came later went to the other address.
        is_elsewhere = each.what is AccountChange.ADDRESS or each.seq > change.seq
        if is_elsewhere and each.id != change.id:
            account_changes.end_change(connection, each, now)


def end_undo(
    transaction: Transaction, change: UndoableChange, cause: Cause, meanwhile: Sequence[StoredEntry]
) -> int:
    """Record that a change was taken back, and tell whoever is to know; return the entry's number.

    ``meanwhile``: the decisions made by it, as found before it went back; they stay and are named.
    """
    connection, owner = transaction.connection, change.person
    payload = agency_payloads.ChangeUndone(
        what=change.what,
        undoes=change.seq,
        meanwhile=tuple(f"{each.subject}/{each.seq}" for each in meanwhile),
    )
    seq = record_by(transaction, cause, f"person:{owner}", payload).seq
    account_changes.note_undone(connection, change, seq)
    transaction.emit(
        AccountChangeUndone(person=each, owner=owner, seq=seq)
        for each in _people_to_tell(transaction, change)
    )
    return seq


def _people_to_tell(transaction: Transaction, change: UndoableChange) -> list[PersonId]:
    """Return who hears: auditors, whoever proposed and made the change, and its person."""
    made = history.entry_at(transaction.connection, f"person:{change.person}", change.seq)
    told = [each.id for each in transaction.directory.in_positions({Position.AUDITOR})]
    if made is not None:
        told += [each for each in (made.actor, _proposer(made.fact.payload)) if each is not None]
    return list(dict.fromkeys([*told, change.person]))


def _proposer(payload: object) -> PersonId | None:
    return payload.proposed_by if isinstance(payload, Confirmable) else None
