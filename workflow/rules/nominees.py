"""Whom a nomination puts forward: one, or each row of its list read as a nomination of one.

Everything that judges, counts, votes on or records a nominee asks here, so a row of a list goes by
the very rules of a nomination of one. A nomination of one has row 0; rows of a list count from 1,
collectives first. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from workflow.definition import Definition, FieldType, ItemField, nominees_field
from workflow.definition.nominations import Nominates
from workflow.errors import Reason, reason
from workflow.messages import Message, lazy
from workflow.model import Content, Json, PersonId
from workflow.people import Directory
from workflow.rules.conditional_fields import NOBODY, asked_fields, asked_of_row
from workflow.rules.expressions import fields_named
from workflow.values import searchable

COLLECTIVE: Final = "collective"
"""As the file of awards calls a nominee that is no person."""
ONE: Final = 0
"""The row of a nomination that has no list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NomineeRow:
    """One who is put forward; ``content`` reads as a nomination of this one alone."""

    row: int
    content: Content
    name: str
    """As the nomination says it: a name, or the address of a person."""
    kind: str

    @property
    def is_collective(self) -> bool:
        """Return whether it is no person."""
        return self.kind == COLLECTIVE


@dataclass(frozen=True, slots=True)
class CountedNominee:
    """What a movement counts of a nominee: for caps, the share of leaders, and the balance."""

    award: str
    is_leader: bool | None
    """None of a collective, and where the process does not tell leaders apart."""
    chosen: Mapping[str, str]
    """What was chosen in each field that offers choices."""


def list_of(definition: Definition, content: Content) -> ItemField | None:
    """Return the field that lists the nominees of this nomination; None: it has one nominee."""
    field = nominees_field(definition)
    if field is None:
        return None
    asked = {each.id for each in asked_fields(definition, content, NOBODY)}
    return field if field.id in asked else None


def nominees_of(definition: Definition, content: Content) -> list[NomineeRow]:
    """Return whom a nomination puts forward, one or each of its list; nobody in other items."""
    if definition.nominates is None:
        return []
    field = list_of(definition, content)
    if field is None:
        return [_nominee(definition, content, ONE)]
    return [
        _nominee(definition, as_one(field, content, row), number)
        for number, row in enumerate(rows_in(content.fields.get(field.id)), 1)
    ]


def as_one(field: ItemField, content: Content, row: Mapping[str, Json]) -> Content:
    """Return a row as the content of a nomination of one."""
    asking = fields_named(field.shown_when) if field.shown_when else frozenset()
    dropped = {field.id, *field.columns_of, *asking}
    own = {name: value for name, value in content.fields.items() if name not in dropped}
    return replace(content, fields={**own, **row})


def rows_in(value: Json) -> list[Mapping[str, Json]]:
    """Return the rows that a list of nominees holds."""
    rows = value if isinstance(value, list) else []
    return [cast("Mapping[str, Json]", each) for each in rows if isinstance(each, dict)]


def fields_and_rows(definition: Definition, fields: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """Return what an item says: its fields, and after them each row of its list of nominees."""
    listed = nominees_field(definition)
    return [fields, *(rows_in(fields.get(listed.id)) if listed else ())]


def collectives_first(
    definition: Definition, rows: Iterable[Mapping[str, Json]]
) -> list[Mapping[str, Json]]:
    """Return rows as a list is kept and printed: collectives, then persons, each as written."""
    kind = definition.nominates.kind if definition.nominates else ""
    return sorted(rows, key=lambda row: row.get(kind) != COLLECTIVE)


def counted_among(definition: Definition, nominees: Iterable[NomineeRow]) -> list[CountedNominee]:
    """Return what a movement counts of each nominee."""
    said = definition.nominates
    chosen = [each.id for each in definition.fields if each.choices]
    return [_counted(said, chosen, each) for each in nominees] if said is not None else []


def _counted(said: Nominates, chosen: Sequence[str], nominee: NomineeRow) -> CountedNominee:
    fields = nominee.content.fields
    is_leader = all(fields.get(name) == value for name, value in said.leaders.items())
    return CountedNominee(
        award=str(fields.get(said.award) or ""),
        is_leader=None if nominee.is_collective or not said.leaders else is_leader,
        chosen={name: str(fields[name]) for name in chosen if name in fields},
    )


def counted_kinds(nominees: Iterable[NomineeRow]) -> tuple[int, int]:
    """Return how many collectives and how many persons are put forward."""
    kinds = [each.is_collective for each in nominees]
    return sum(kinds), len(kinds) - sum(kinds)


def wrong_row(field: ItemField, number: int, problem: Message) -> Reason:
    """Return what is wrong with a row of a list, named by its number."""
    return reason(
        "field",
        "Row {number} of the list: {problem}",
        number=number,
        problem=problem,
        name=field.id,
    )


def repeated_nominees(
    definition: Definition,
    field: ItemField,
    rows: Sequence[tuple[int, Mapping[str, Json]]],
    directory: Directory,
) -> list[tuple[int, Message]]:
    """Return which of the numbered ``rows`` name somebody who stands in an earlier one already.

    A person whatever their address, a collective with or without diacritics.
    """
    first: dict[PersonId | str, int] = {}
    repeated = []
    for number, row in rows:
        named = _known_as(definition, field, row, directory)
        if named is not None and first.setdefault(named, number) != number:
            said = lazy(
                "This nominee stands in row {first} already. Remove one of the two rows, or write "
                "names that tell them apart.",
                first=first[named],
            )
            repeated.append((number, said))
    return repeated


def _known_as(
    definition: Definition, field: ItemField, row: Mapping[str, Json], directory: Directory
) -> PersonId | str | None:
    """Return by what a row's nominee is known again; None where a name alone does not tell it."""
    said = definition.nominates
    if said is None:
        return None
    whole = as_one(field, Content(title="", fields={}, files=(), salt=""), row)
    asked = {each.id: each for each in asked_of_row(definition, whole, NOBODY)}
    for name in said.nominee:
        value = row.get(name)
        if name in asked and isinstance(value, str) and value:
            if asked[name].type is FieldType.PERSON:
                return directory.addressed(value)
            return searchable(value) if row.get(said.kind) == COLLECTIVE else None
    return None


def _nominee(definition: Definition, content: Content, row: int) -> NomineeRow:
    said = definition.nominates
    names = (content.fields.get(each) for each in said.nominee) if said else ()
    kind = content.fields.get(said.kind) if said else ""
    return NomineeRow(
        row=row,
        content=content,
        name=next((each for each in names if isinstance(each, str) and each), ""),
        kind=kind if isinstance(kind, str) else "",
    )
