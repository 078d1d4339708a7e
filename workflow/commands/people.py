"""Bring people into the agency, and change them.

Every change is an entry in that person's history, with name and address as salted commitments. Holders of open items
follow in the same transaction, with a mail.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow import values
from workflow.addresses import as_kept, parse_mailbox
from workflow.commands.refresh_holders import Cause, refresh, reissue_to
from workflow.commands.replays import made_by
from workflow.context import Context, record, touch_directory
from workflow.errors import (
    InvalidInputError,
    InvalidRefusal,
    NotPermittedRefusal,
    Reason,
    Refusal,
    reason,
)
from workflow.events import AddressChanged, Event, PersonInvited, PersonLeft
from workflow.history import Fact, payloads
from workflow.model import (
    Method,
    Person,
    PersonId,
    Position,
    Via,
)
from workflow.people.staff_rows import PersonRow, import_problems, rows_said
from workflow.store import items, links, people

_ADMINS_ONLY = reason("admin", "Only an administrator may add or change administrators.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPeople:
    """Add or change people, all or nothing. ``invites``: whether new people get a mailed invitation."""

    rows: tuple[PersonRow, ...]
    actor: PersonId | None
    via: Via
    method: Method
    command_id: str
    invites: bool
    digest: str = ""
    key: str = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """How many people were added, changed, and left as they were."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendLink:
    """Mail ``person`` a fresh link to an item they hold; only ever to the registered address."""

    code: str
    person: PersonId
    occurrence: str

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return self.code


def resend_links(
    context: Context, connection: Connection, commands: Sequence[ResendLink]
) -> list[bool]:
    """Mail fresh links; answer whether the person holds the item now."""
    outcomes = []
    for command in commands:
        item = items.find_item(connection, command.code)
        holds = item is not None and any(
            each.person == command.person
            for each in items.holders_by_item(connection, [item.id]).get(item.id, [])
        )
        if item is not None and holds:
            context.publish(
                connection, reissue_to(connection, command.person, command.occurrence, [item.id])
            )
        outcomes.append(holds)
    return outcomes


def import_people(
    context: Context, connection: Connection, commands: Sequence[ImportPeople]
) -> list[ImportReport | InvalidInputError | Refusal]:
    """Run imports; each adds all its rows or, with every problem named by row, none."""
    return [_import(context, connection, command) for command in commands]


def _import(
    context: Context, connection: Connection, command: ImportPeople
) -> ImportReport | InvalidInputError | Refusal:
    made = made_by(connection, command)
    if made is not None:
        return (
            made
            if isinstance(made, Refusal)
            else ImportReport(added=0, changed=0, unchanged=len(command.rows))
        )
    departments = {each.id: each for each in people.all_departments(connection)}
    problems = import_problems(command.rows, departments)
    if problems:
        return InvalidInputError(*problems)
    known = {person.email: person for person in people.all_people(connection)}
    command = replace(command, rows=rows_said(command.rows, known))
    if refusals := list(_beyond(command, known)):
        return NotPermittedRefusal(*refusals)
    events: list[Event] = []
    added = changed = 0
    for row in command.rows:
        before = known.get(as_kept(row.email))
        is_first = not added and not changed
        if before is None:
            events += _add(context, connection, row, command, is_first=is_first)
            added += 1
        elif _differs(before, row):
            events += _change(context, connection, before, row, command, is_first=is_first)
            changed += 1
    if added or changed:
        touch_directory(context, connection)
        cause = Cause(
            actor=command.actor,
            via=command.via,
            method=command.method,
            command_id=command.command_id,
        )
        events += refresh(context, connection, cause, context.clock())[0]
        context.publish(connection, events)
    return ImportReport(added=added, changed=changed, unchanged=len(command.rows) - added - changed)


def _beyond(command: ImportPeople, known: Mapping[str, Person]) -> Iterator[Reason]:
    """Yield why these changes are beyond whoever asks for them; the command line, whose actor is None, may do everything."""
    actor = next((each for each in known.values() if each.id == command.actor), None)
    if actor is None:
        return
    for row in command.rows:
        before = known.get(as_kept(row.email))
        touches_admin = row.position == Position.ADMIN or (
            before is not None and before.position is Position.ADMIN
        )
        if touches_admin and actor.position is not Position.ADMIN:
            yield _ADMINS_ONLY
        if before == actor and (row.position != actor.position or not row.is_active):
            yield reason(
                "self",
                "Nobody changes their own position or ends their own work here. Ask "
                "somebody else who may.",
            )


def _values(row: PersonRow) -> dict[str, object]:
    return {
        "email": as_kept(row.email),
        "name": values.line(row.name),
        "position": row.position,
        "department": row.department,
        "is_active": row.is_active,
    }


def _differs(before: Person, row: PersonRow) -> bool:
    wanted = _values(row)
    return any(wanted[name] != getattr(before, name) for name in wanted)


def _add(
    context: Context,
    connection: Connection,
    row: PersonRow,
    command: ImportPeople,
    *,
    is_first: bool,
) -> list[Event]:
    person = people.insert_person(connection, _values(row))
    _record_person(
        context, connection, person, row, command, kind=payloads.PersonAdded, is_first=is_first
    )
    return (
        [PersonInvited(person=person, at=context.clock())]
        if command.invites and row.is_active
        else []
    )


def _change(
    context: Context,
    connection: Connection,
    before: Person,
    row: PersonRow,
    command: ImportPeople,
    *,
    is_first: bool,
) -> list[Event]:
    people.update_person(connection, before.id, _values(row))
    _record_person(
        context, connection, before.id, row, command, kind=payloads.PersonChanged, is_first=is_first
    )
    if not row.is_active:
        links.revoke_links(connection, before.id, why="left", now=context.clock())
        return [PersonLeft(person=before.id, at=context.clock())]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAddress:
    """Give a person a new mail address; live links are revoked and new ones mailed there."""

    person: PersonId
    email: str
    actor: PersonId | None
    via: Via
    method: Method
    command_id: str
    digest: str = ""
    key: str = "people"


def change_addresses(
    context: Context, connection: Connection, commands: Sequence[ChangeAddress]
) -> list[Refusal | None]:
    """Change addresses; each is refused if it is no address or somebody else's."""
    return [_change_address(context, connection, command) for command in commands]


def _change_address(
    context: Context, connection: Connection, command: ChangeAddress
) -> Refusal | None:
    made = made_by(connection, command)
    if made is not None:
        return made if isinstance(made, Refusal) else None
    found = parse_mailbox(command.email.strip())
    owner = people.person_by_email(connection, found.address) if found else None
    if found is None or (owner is not None and owner.id != command.person):
        return InvalidRefusal(
            reason(
                "email",
                "The mail address “{email}” is not valid or belongs to somebody else.",
                email=command.email.strip(),
            )
        )
    address = found.address
    known = {each.id: each for each in people.all_people(connection)}
    person, actor = known[command.person], known.get(command.actor or PersonId(0))
    if (
        person.position is Position.ADMIN
        and actor is not None
        and actor.position is not Position.ADMIN
    ):
        return NotPermittedRefusal(_ADMINS_ONLY)
    row = PersonRow(
        row=0,
        email=address,
        name=person.name,
        position=person.position.value,
        department=person.department,
        is_active=person.is_active,
    )
    people.update_person(connection, person.id, _values(row))
    _record_person(
        context, connection, person.id, row, command, kind=payloads.PersonChanged, is_first=True
    )
    links.revoke_links(connection, person.id, why="address-changed", now=context.clock())
    touch_directory(context, connection)
    reissued = reissue_to(
        connection,
        person.id,
        f"{command.command_id}:{command.actor}",
        items.held_by(connection, person.id),
    )
    changed = (
        [AddressChanged(person=person.id, at=context.clock())] if address != person.email else []
    )
    context.publish(connection, [*changed, *reissued])
    return None


def _record_person(
    context: Context,
    connection: Connection,
    person: PersonId,
    row: PersonRow,
    command: ImportPeople | ChangeAddress,
    *,
    kind: type[payloads.PersonAdded],
    is_first: bool,
) -> None:
    """Record what became of a person; the first entry of a command bears its id, by which it is known when it comes again."""
    fact = Fact(
        subject=f"person:{person}",
        payload=kind(department=row.department, is_active=row.is_active),
        at=context.clock(),
        actor=command.actor,
        position=row.position,
        via=command.via.value,
        method=command.method.value,
        command_id=command.command_id if is_first else f"{command.command_id}:{person}",
        texts={"name": values.line(row.name), "email": as_kept(row.email)},
    )
    record(context, connection, fact, digest=command.digest)
