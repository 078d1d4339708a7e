"""Write a person's row with its entry, and what follows of it: mails, links, holders.

Owns what every change of a person has in common, whoever asks for it; who may, is judged before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workflow import values
from workflow.addresses import as_kept
from workflow.command import Cause
from workflow.commands.account_changes import told_of
from workflow.commands.execute import Transaction
from workflow.commands.proposals import move_proposal_links
from workflow.commands.recording import record, touch_directory
from workflow.commands.refresh_holders import refresh, reissue_to
from workflow.commands.round_links import move_round_links
from workflow.events import AccountChange, AccountChanged, PersonLeft
from workflow.history import Fact, agency_payloads
from workflow.links import RevokeReason
from workflow.lookups.account_changes import gives_power, place_before
from workflow.model import ItemId, Person, PersonId
from workflow.people.staff_changes import values_of
from workflow.people.staff_rows import PersonRow
from workflow.store import ballots, held_items, links, people, proposal_links
from workflow.store.account_changes import Before


def put_person(
    transaction: Transaction, cause: Cause, before: Person | None, row: PersonRow, *, is_first: bool
) -> PersonId:
    """Write a person and record it; the first entry of a command bears its id.

    What takes a change back is told, and not taken back in turn.
    """
    connection, now = transaction.connection, transaction.now
    if before is None:
        kind: type[agency_payloads.PersonAdded] = agency_payloads.PersonAdded
        person = people.insert_person(connection, values_of(row))
    else:
        person, kind = before.id, agency_payloads.PersonChanged
        people.update_person(connection, person, values_of(row))
    fact = Fact(
        subject=f"person:{person}",
        payload=kind(
            department=row.department,
            is_active=row.is_active,
            proposal=cause.proposal,
            proposed_by=cause.proposed_by,
        ),
        at=now,
        actor=cause.actor,
        position=row.position,
        via=cause.via.value,
        method=cause.method.value,
        command_id=cause.command_id if is_first else f"{cause.command_id}:{person}",
        texts={"name": values.line(row.name), "email": as_kept(row.email)},
    )
    entry = record(transaction, fact, digest=cause.digest)
    if before is not None:
        for told, goes_back_to in _changes(transaction, cause, before, row):
            transaction.emit(told_of(transaction, cause, told, entry.seq, goes_back_to))
    if before is not None and not row.is_active:
        links.revoke_links(connection, person, why=RevokeReason.LEFT.value, now=now)
        proposal_links.revoke_links(connection, person, now)
        ballots.revoke_links(connection, person, now)
        transaction.emit([PersonLeft(person=person, at=now)])
    return person


def _changes(
    transaction: Transaction, cause: Cause, before: Person, row: PersonRow
) -> Iterator[tuple[AccountChanged, Before | None]]:
    """Yield what a person hears, where they were written to until now, and what undoes it."""
    told = AccountChanged(
        person=before.id,
        what=AccountChange.ADDRESS,
        by=cause.actor,
        at=transaction.now,
        address=before.email,
    )
    if as_kept(row.email) != before.email:
        yield told, None if cause.is_undo else {"email": before.email}
    is_elsewhere = row.is_active and (not before.is_active or row.department != before.department)
    if row.position != before.position or is_elsewhere:
        goes_back_to = None if cause.is_undo else _place(transaction, before)
        yield replace(told, what=AccountChange.POSITION), goes_back_to


def _place(transaction: Transaction, before: Person) -> Before | None:
    """Return the place to go back to, or None where that would give power: that takes two."""
    person = people.people_by_id(transaction.connection)[before.id]
    place: Before = {
        "position": before.position.value,
        "department": before.department,
        "is_active": before.is_active,
    }
    gains = gives_power(person, place_before(person, place), transaction.directory)
    return None if gains else place


def follow_people(transaction: Transaction, cause: Cause) -> None:
    """Make the holders of open items follow."""
    touch_directory(transaction)
    transaction.emit(refresh(transaction, cause)[0])


def move_links(
    transaction: Transaction, cause: Cause, before: Person, held: Sequence[ItemId]
) -> None:
    """Revoke the links that went to an address, and mail new ones to the present one."""
    connection = transaction.connection
    why = RevokeReason.ADDRESS_CHANGED.value
    links.revoke_links(connection, before.id, why=why, now=transaction.now)
    move_proposal_links(transaction, before.id)
    move_round_links(transaction, before.id)
    still = [each for each in held_items.held_by(connection, before.id) if each in held]
    occurrence = f"{cause.command_id}:{cause.actor}"
    transaction.emit(reissue_to(connection, before.id, occurrence, still))
