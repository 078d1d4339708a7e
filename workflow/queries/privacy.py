"""What is held on a person, the register of requests, holds, and what is past its period.

Reads only. Who may read what is asked at the edge by ``permissions``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.addresses import as_kept
from workflow.context import Context
from workflow.definition import FieldType
from workflow.errors import NotFoundRefusal
from workflow.history import restore_content
from workflow.lookups.privacy import present_hold, privacy_rules
from workflow.lookups.retention import Overdue, RetentionPlan, retention_plan
from workflow.messages import lazy
from workflow.model import Item, Person, PersonId
from workflow.people import Directory
from workflow.rules import fields_and_rows
from workflow.rules.erasing import erasable_fields
from workflow.store import erasures, items, people, personal_data
from workflow.store.erasures import texts_of
from workflow.store.personal_data import Rows, is_cut
from workflow.store.privacy import (
    PAGE,
    Hold,
    PrivacyRequest,
    hold_by_id,
    holds_about,
    newest_holds,
    newest_requests,
    open_requests,
    request_by_id,
    requests_of,
)
from workflow.values import searchable

__all__ = [
    "PAGE",
    "ErasableItem",
    "Hold",
    "Overdue",
    "PrivacyRequest",
    "RetentionPlan",
    "Rows",
    "called",
    "erasable_item",
    "held_on",
    "hold_by_id",
    "holds_about",
    "is_cut",
    "newest_holds",
    "newest_requests",
    "open_requests",
    "present_hold",
    "privacy_rules",
    "request_by_id",
    "requests_of",
    "retention_plan",
    "subject_named",
]


def subject_named(connection: Connection, name: str) -> str:
    """Return whose history ``item:CODE``, ``merit:ID``, ``person:ADDRESS`` … means.

    Raises NotFoundRefusal for an address that nobody has; what else is there, a command says.
    """
    kind, _, rest = name.partition(":")
    if kind != "person":
        return name
    person = people.person_by_email(connection, as_kept(rest))
    if person is None:
        raise NotFoundRefusal(lazy("anybody with the address {email}", email=rest))
    return f"person:{person.id}"


def called(subject: str, known: Mapping[PersonId, Person]) -> str:
    """Return a subject as people name it: a person by their address."""
    kind, _, rest = subject.partition(":")
    if kind != "person" or not rest.isdecimal():
        return subject
    person = known.get(PersonId(int(rest)))
    return subject if person is None else f"person:{person.email}"


def held_on(context: Context, connection: Connection, person: Person) -> dict[str, Rows]:
    """Return everything that is kept about a person, by what it is."""
    found = personal_data.sections_about(connection, person.id)
    found["items_naming_them"] = [
        {"code": each.code, "title": each.title, "state": each.state}
        for each in _nominations(context, connection, person)
    ]
    return {**found, "holds_on_them": [_hold(e) for e in holds_about(connection, _subject(person))]}


def _subject(person: Person) -> str:
    return f"person:{person.id}"


def _hold(hold: Hold) -> dict[str, object]:
    return {"id": hold.id, "reason": hold.reason, "placed_at": hold.placed_at.isoformat()}


def _nominations(context: Context, connection: Connection, person: Person) -> list[Item]:
    """Return the items a field of which names a person, by address or by their whole name."""
    if person.is_erased:
        return []
    addresses = _directory(context, connection).addresses_of(person.id)
    ids = {
        each
        for words in (person.name, *addresses)
        for each in personal_data.items_naming(connection, searchable(words))
    }
    found = items.items_by_id(connection, sorted(ids))
    return [each for each in found.values() if _names(context, connection, each, person)]


def _names(context: Context, connection: Connection, item: Item, person: Person) -> bool:
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    of_people = {each.id for each in definition.fields if each.type is FieldType.PERSON}
    fields = context.contents.of(connection, [item])[item.id].fields
    directory = _directory(context, connection)
    return any(
        directory.addressed(value, item.concerned) == person.id
        if name in of_people
        else value == person.name
        for said in fields_and_rows(definition, fields)
        for name, value in said.items()
        if isinstance(value, str)
    )


def _directory(context: Context, connection: Connection) -> Directory:
    return context.directory(connection, context.clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasableItem:
    """What of an item can be erased: numbers of entries with words, fields, files by hash."""

    item: Item
    entries: tuple[tuple[int, str], ...]
    fields: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    hold: Hold | None


def erasable_item(context: Context, connection: Connection, code: str) -> ErasableItem:
    """Return what somebody wrote into an item and is still there. Raises NotFoundRefusal."""
    item = items.find_item(connection, code)
    if item is None:
        raise NotFoundRefusal(lazy("the item {code}", code=code))
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    contents = [restore_content(body) for body in erasures.bodies_of(connection, item.id).values()]
    used = {name for each in contents for name in each.fields}
    files = {file.sha256: file.name for each in contents for file in each.files}
    return ErasableItem(
        item=item,
        entries=tuple(texts_of(connection, item.subject)),
        fields=tuple(each for each in erasable_fields(definition) if each in used),
        files=tuple(sorted(files.items(), key=lambda each: each[1])),
        hold=present_hold(connection, item.subject),
    )
