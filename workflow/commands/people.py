"""Bring people into the agency, and change them.

Every change is an entry in that person's history, with name and address as salted commitments.
Holders of open items follow in the same transaction, with a mail.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

from sqlalchemy import Connection

from workflow.addresses import as_kept, parse_mailbox
from workflow.command import Cause, Command, ItemCommand
from workflow.commands.execute import Transaction
from workflow.commands.person_record import follow_people, move_links, put_person
from workflow.commands.proposals import (
    Proposed,
    Wish,
    is_first_import,
    proposed,
)
from workflow.commands.recorded_rows import require_recorded
from workflow.commands.recording import require_manager, touch_directory
from workflow.commands.refresh_holders import reissue_to
from workflow.errors import (
    InvalidInputError,
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    StaleRefusal,
    reason,
)
from workflow.events import AddressChanged, PersonInvited
from workflow.history import EntryType
from workflow.lookups.items import pending_holders
from workflow.messages import lazy
from workflow.model import ERASED_DOMAIN, Json, Person, PersonId, Position
from workflow.people.powers import gain_of
from workflow.people.staff_changes import differs, staff_changes
from workflow.people.staff_rows import (
    PersonRow,
    import_problems,
    is_shared,
    row_of,
    rows_said,
)
from workflow.store import held_items, history, items, people
from workflow.store.history import StoredEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPeople(Command["ImportReport | Proposed"]):
    """Add or change people, all or nothing.

    ``invites``: whether new people get a mailed invitation.
    """

    rows: tuple[PersonRow, ...]
    invites: bool
    contends_for: ClassVar[str] = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """How many people were added, changed, and left as they were."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson(Command[PersonId | Proposed]):
    """Add somebody whose address nobody has yet, and mail them an invitation."""

    row: PersonRow
    contends_for: ClassVar[str] = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePerson(Command[PersonId | Proposed]):
    """Make a person what ``row`` says; a new address revokes live links and gets new ones.

    ``seen``: the person as whoever asks saw them; None where a proposal keeps that.
    """

    person: PersonId
    row: PersonRow
    seen: Person | None = None
    contends_for: ClassVar[str] = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAddress(Command[PersonId | Proposed]):
    """Give a person a new mail address; live links are revoked and new ones mailed there."""

    person: PersonId
    email: str
    contends_for: ClassVar[str] = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendLink(ItemCommand[bool]):
    """Mail the actor a fresh link to an item they hold, to the registered address only."""


def resend_link(transaction: Transaction, command: ResendLink) -> bool:
    """Mail a fresh link; answer whether the actor holds the item now."""
    connection, person = transaction.connection, command.cause.actor
    item = items.find_item(connection, command.code)
    if item is None or person is None:
        return False
    if all(each.person != person for each in pending_holders(connection, item)):
        return False
    transaction.emit(reissue_to(connection, person, command.cause.command_id, [item.id]))
    return True


def import_people(transaction: Transaction, command: ImportPeople) -> ImportReport | Proposed:
    """Add and change all rows or, with every problem named by row, none."""
    require_manager(transaction, command.cause)
    known = {person.email: person for person in people.all_people(transaction.connection)}
    departments = {each.id: each for each in people.all_departments(transaction.connection)}
    changes = staff_changes(command.rows, known, departments)
    changing = changes.changing
    _refuse_beyond(transaction, command.cause, [row for _, row in changing], known)
    for _, row in changing:
        _refuse_erased_address(row.email)
    parameters: dict[str, Json] = {
        "rows": [asdict(row) for _, row in changing],
        "invites": command.invites,
    }
    wish = _wish(transaction, changing, parameters)
    is_first = is_first_import(transaction.connection)
    if not is_first and (waits := proposed(transaction, command, wish)) is not None:
        return waits
    for number, (before, row) in enumerate(changing):
        person = put_person(transaction, command.cause, before, row, is_first=number == 0)
        if before is None and row.is_active and command.invites:
            transaction.emit([PersonInvited(person=person, at=transaction.now)])
    if changing:
        follow_people(transaction, command.cause)
    return ImportReport(
        added=changes.added,
        changed=len(changing) - changes.added,
        unchanged=len(changes.rows) - len(changing),
    )


def recall_import(
    connection: Connection, command: ImportPeople, _made: StoredEntry
) -> ImportReport:
    """Return what an import did.

    Each entry after the first bears the person's id behind its own.
    """
    cause = command.cause
    ids = [f"{cause.command_id}:{each.id}" for each in people.all_people(connection)]
    made = history.entries_by_command(connection, [cause.command_id, *ids])
    kinds = [entry.type for (actor, _), entry in made.items() if actor == cause.actor]
    added, changed = kinds.count(EntryType.PERSON_ADDED), kinds.count(EntryType.PERSON_CHANGED)
    return ImportReport(added=added, changed=changed, unchanged=len(command.rows) - added - changed)


def add_person(transaction: Transaction, command: AddPerson) -> PersonId | Proposed:
    """Add a person; answer their id, or the proposal to add them."""
    require_manager(transaction, command.cause)
    if people.person_by_email(transaction.connection, as_kept(command.row.email)) is not None:
        raise InvalidRefusal(
            reason(
                "email",
                "Somebody already has the address {email}. Change that person instead "
                "of adding a new one.",
                email=command.row.email,
            )
        )
    (row,) = _checked(transaction, command.cause, [command.row], {})
    _refuse_erased_address(row.email)
    wish = _wish(transaction, [(None, row)], {"row": asdict(row)})
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    person = put_person(transaction, command.cause, None, row, is_first=True)
    if row.is_active:
        transaction.emit([PersonInvited(person=person, at=transaction.now)])
    follow_people(transaction, command.cause)
    return person


def change_person(transaction: Transaction, command: ChangePerson) -> PersonId | Proposed:
    """Change a person; answer their id, or the proposal to change them."""
    require_manager(transaction, command.cause)
    before = _addressed(transaction, command.person, command.row.email)
    if command.seen is not None and command.seen != before:
        raise StaleRefusal(state="", version=0, given=None)
    (row,) = _checked(
        transaction, command.cause, [command.row], {as_kept(command.row.email): before}
    )
    if not differs(before, row):
        return before.id
    parameters: dict[str, Json] = {"person": before.id, "row": asdict(row)}
    wish = _wish(transaction, [(before, row)], parameters)
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    held = held_items.held_by(transaction.connection, before.id)
    put_person(transaction, command.cause, before, row, is_first=True)
    follow_people(transaction, command.cause)
    if as_kept(row.email) != before.email:
        move_links(transaction, command.cause, before, held)
        transaction.emit([AddressChanged(person=before.id, at=transaction.now)])
    return before.id


def change_address(transaction: Transaction, command: ChangeAddress) -> PersonId | Proposed:
    """Change an address; links are replaced even where it is the same. Answer the person's id."""
    require_manager(transaction, command.cause)
    before = _addressed(transaction, command.person, command.email)
    row = replace(row_of(before), email=as_kept(command.email))
    _refuse_beyond(transaction, command.cause, [row], {row.email: before})
    parameters: dict[str, Json] = {"person": before.id, "email": row.email}
    wish = _wish(transaction, [(before, row)], parameters)
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    held = held_items.held_by(transaction.connection, before.id)
    put_person(transaction, command.cause, before, row, is_first=True)
    touch_directory(transaction)
    if row.email != before.email:
        transaction.emit([AddressChanged(person=before.id, at=transaction.now)])
    move_links(transaction, command.cause, before, held)
    return before.id


def person_recorded(_connection: Connection, _command: object, made: StoredEntry) -> PersonId:
    """Return whom an entry tells of."""
    return PersonId(int(made.subject.removeprefix("person:")))


def _wish(
    transaction: Transaction,
    changes: Sequence[tuple[Person | None, PersonRow]],
    parameters: Mapping[str, Json],
) -> Wish:
    """Return what becoming what ``changes`` say gives, made against the people as they are.

    Raises AlteredError where somebody is not what history tells of them.
    """
    for before, _ in changes:
        if before is not None:
            require_recorded(transaction.connection, f"person:{before.id}")
    return Wish(
        parameters=parameters,
        base=[_as_said(before) for before, _ in changes if before is not None],
        gain=gain_of(changes, transaction.directory),
    )


def _as_said(person: Person) -> dict[str, Json]:
    return {**asdict(person), "position": person.position.value}


def _addressed(transaction: Transaction, person: PersonId, email: str) -> Person:
    """Return the person who is to have ``email``. Raises NotFoundRefusal, InvalidRefusal."""
    known = {each.id: each for each in people.all_people(transaction.connection)}
    if person not in known:
        raise NotFoundRefusal(lazy("this person"))
    address = as_kept(email)
    for each in (known[person].email, address):
        _refuse_erased_address(each)
    owner = next((each.id for each in known.values() if each.email == address), person)
    if parse_mailbox(email.strip()) is None or is_shared(address) or owner != person:
        raise InvalidRefusal(
            reason(
                "email",
                "The mail address “{email}” is not valid or belongs to somebody else.",
                email=email.strip(),
            )
        )
    return known[person]


def _refuse_erased_address(address: str) -> None:
    """Refuse to bring an erased person back, or to make somebody look like one."""
    if as_kept(address).endswith(ERASED_DOMAIN):
        raise InvalidRefusal(
            reason("erased", "This person was erased. Whoever comes back is added as somebody new.")
        )


def _checked(
    transaction: Transaction, cause: Cause, rows: Sequence[PersonRow], known: Mapping[str, Person]
) -> tuple[PersonRow, ...]:
    """Return rows complete; ``known`` by address. Raises InvalidInputError, NotPermittedRefusal."""
    departments = {each.id: each for each in people.all_departments(transaction.connection)}
    if problems := import_problems(rows, departments):
        raise InvalidInputError(*problems)
    said = rows_said(rows, known)
    _refuse_beyond(transaction, cause, said, known)
    return said


def _refuse_beyond(
    transaction: Transaction, cause: Cause, rows: Sequence[PersonRow], known: Mapping[str, Person]
) -> None:
    """Refuse what is beyond whoever asks; the command line may do everything."""
    actor = transaction.directory.active(cause.asker)
    if actor is not None and (reasons := list(_beyond(actor, rows, known))):
        raise NotPermittedRefusal(*reasons)


def _beyond(
    actor: Person, rows: Sequence[PersonRow], known: Mapping[str, Person]
) -> Iterator[Reason]:
    for row in rows:
        before = known.get(as_kept(row.email))
        touches_admin = row.position == Position.ADMIN or (
            before is not None and before.position is Position.ADMIN
        )
        if touches_admin and actor.position is not Position.ADMIN:
            yield reason("admin", "Only an administrator may add or change administrators.")
        if (
            before is not None
            and before.id == actor.id
            and (row.position != actor.position or not row.is_active)
        ):
            yield reason(
                "self",
                "Nobody changes their own position or ends their own work here. Ask "
                "somebody else who may.",
            )
