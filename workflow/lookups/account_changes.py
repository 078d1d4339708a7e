"""What taking back a change of an account would mean now, and what was decided by it meanwhile.

Owns the judgement: it gives nobody power that they do not have, but an address, which goes back to
where the person was written to until now.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from workflow.errors import Reason, reason
from workflow.events import AccountChange
from workflow.history import EntryType
from workflow.history.agency_payloads import AbsenceAdded, DelegationAdded, FactorSet
from workflow.links import LinkStatus
from workflow.model import Person, PersonId
from workflow.people import Directory
from workflow.people.powers import gain_of
from workflow.people.staff_rows import PersonRow, row_of
from workflow.store import account_changes, history, people
from workflow.store.account_changes import Before, UndoableChange
from workflow.store.history import StoredEntry

_DECIDES = frozenset(
    {
        EntryType.TRANSITION,
        EntryType.SIGNED_OFF,
        EntryType.UNDONE,
        EntryType.MIGRATED,
        EntryType.REASSIGNED,
        EntryType.DELEGATION_ADDED,
        EntryType.EXTENSION_GRANTED,
        EntryType.EXTENSION_REFUSED,
        EntryType.PERSON_ADDED,
        EntryType.PERSON_CHANGED,
        EntryType.PROPOSAL_CONFIRMED,
        EntryType.PROPOSAL_REJECTED,
        EntryType.DEFINITION_PUBLISHED,
    }
)
"""The entries that tell of a decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoStanding:
    """What a change's link is good for; ``why``: why it takes nothing back, where it says so."""

    status: LinkStatus
    why: Reason | None = None


def standing_of(
    connection: Connection, directory: Directory, change: UndoableChange, now: datetime
) -> UndoStanding:
    """Return whether a change can be taken back; the order says what a reader hears first."""
    if change.undone_seq is not None:
        return UndoStanding(status=LinkStatus.USED)
    if change.until <= now:
        return UndoStanding(status=LinkStatus.EXPIRED, why=_over())
    why = _why_not(connection, directory, change)
    return UndoStanding(status=LinkStatus.MOVED if why else LinkStatus.LIVE, why=why)


def _over() -> Reason:
    return reason(
        "link-expired",
        "Two days have passed, so this link serves no more. If the change was not yours, tell the "
        "administrator and the auditor.",
    )


def _why_not(connection: Connection, directory: Directory, change: UndoableChange) -> Reason | None:
    person, before = directory.people[change.person], change.goes_back_to
    if not person.is_active:
        return reason("left", "The account is closed, so there is nothing to take back.")
    if change.ended_at is not None:
        return _overtaken(change)
    match change.what:
        case AccountChange.ADDRESS:
            row = replace(row_of(person), email=before["email"])
            is_passing = _is_passing(connection, change)
            return _why_no_address(connection, person, before["email"]) or (
                gives_power(person, row, directory) if is_passing else None
            )
        case AccountChange.POSITION:
            return _why_no_position(person, before, directory)
        case AccountChange.DELEGATION:
            found = people.delegation_by_id(connection, before["delegation"])
            is_over = found is None or found.ends_on < directory.today
            return _already() if is_over else None
        case AccountChange.ABSENCE:
            away = people.absence_by_id(connection, before["absence"])
            is_back = away is None or away.ends_on < directory.today
            return _already() if is_back else None
        case AccountChange.FACTOR | AccountChange.PASSWORD:
            return _why_no_factor(connection, change)


def _overtaken(change: UndoableChange) -> Reason:
    if change.what is AccountChange.ADDRESS:
        return reason("overtaken", "An earlier change was taken back, and this one with it.")
    return reason(
        "overtaken", "Mail goes to the earlier address again: what was sent to this one ends."
    )


def _already() -> Reason:
    return reason("already", "It is no longer as this change made it: there is nothing to do.")


def _why_no_address(connection: Connection, person: Person, address: str) -> Reason | None:
    if person.email == address:
        return _already()
    if people.person_by_email(connection, address) is not None:
        return reason("email", "Somebody else has this address now. Tell the auditor.")
    return None


def _is_passing(connection: Connection, change: UndoableChange) -> bool:
    """Return whether the address to go back to had itself come but a moment before.

    It was never the person's own where somebody moved it there and back: the earlier one was.
    """
    made = history.entry_at(connection, f"person:{change.person}", change.seq)
    before = [
        each.goes_back_to["email"]
        for each in account_changes.changes_before(connection, change)
        if each.what is AccountChange.ADDRESS and made is not None and each.until > made.at
    ]
    return bool(before) and change.goes_back_to["email"] not in before


def _why_no_position(person: Person, before: Before, directory: Directory) -> Reason | None:
    row = place_before(person, before)
    if row == row_of(person):
        return _already()
    return gives_power(person, row, directory)


def gives_power(person: Person, row: PersonRow, directory: Directory) -> Reason | None:
    """Return why ``person`` does not become ``row`` by a link alone, or None where they lose."""
    if not gain_of([(person, row)], directory).grants:
        return None
    return reason(
        "gains",
        "Going back would give power, and that takes two people. Ask the Office to propose it, and "
        "tell the auditor.",
    )


def place_before(person: Person, before: Before) -> PersonRow:
    """Return a person in the place that a change would go back to; all else as it is now."""
    return replace(
        row_of(person),
        position=before["position"],
        department=before["department"],
        is_active=before["is_active"],
    )


def _why_no_factor(connection: Connection, change: UndoableChange) -> Reason | None:
    """Return why a factor is not ended: a later one, of which its person was told, is in force."""
    factor = change.goes_back_to["factor"]
    if factor == "passkey":
        return None
    later = (
        each.fact.payload
        for each in history.entries_of(connection, f"person:{change.person}")
        if each.seq > change.seq
    )
    if any(isinstance(each, FactorSet) and each.factor == factor for each in later):
        return _already()
    return None


def factors_set_since(connection: Connection, change: UndoableChange) -> dict[str, bool]:
    """Return what was set since a change by whoever read its mail; whether there was one before.

    Not what the command line set: that was handed over in person.
    """
    found: dict[str, bool] = {}
    known: set[str] = set()
    for each in history.entries_of(connection, f"person:{change.person}"):
        payload = each.fact.payload
        if each.type != EntryType.FACTOR_SET or not isinstance(payload, FactorSet):
            continue
        if each.seq > change.seq and each.fact.via != "cli":
            found.setdefault(payload.factor, payload.factor in known)
        known.add(payload.factor)
    return found


def decided_meanwhile(connection: Connection, change: UndoableChange) -> list[StoredEntry]:
    """Return the decisions that were made by a change since; they stay."""
    made = history.entry_at(connection, f"person:{change.person}", change.seq)
    if made is None:
        return []
    actor, seat = change.person, None
    if isinstance(made.fact.payload, DelegationAdded):
        actor, seat = made.fact.payload.to_person, change.person
    elif isinstance(made.fact.payload, AbsenceAdded):
        if made.fact.payload.stand_in is None:
            return []
        actor, seat = made.fact.payload.stand_in, change.person
    return [
        each
        for each in history.acts_since(connection, actor, made.id)
        if each.type in _DECIDES and _counts(each, seat)
    ]


def _counts(entry: StoredEntry, seat: PersonId | None) -> bool:
    return seat is None or entry.fact.on_behalf_of == seat
