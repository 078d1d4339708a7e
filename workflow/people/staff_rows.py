"""People as a file or a form names them, and what is wrong with that. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workflow import values
from workflow.addresses import as_kept, parse_mailbox
from workflow.definition import Organization
from workflow.messages import Message, lazy
from workflow.model import DRAFTERS, Department, DepartmentId, Person, Position

_SHARED = frozenset(
    {
        "all",
        "list",
        "lists",
        "group",
        "groups",
        "nhom",
        "everyone",
        "toanthe",
        "mailinglist",
        "noreply",
        "no-reply",
    }
)
"""Parts of an address that say: a list or a shared mailbox. A link decides for one person, so each
needs an address of their own."""
ADDRESS_LIMIT = 254
_NAME_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person as a file or a form names them.

    ``row`` is the line in the file, for messages, 0 for a form.
    """

    row: int
    email: str
    name: str
    position: str
    department: str | None
    is_active: bool | None = True
    """None where the file does not say: whoever is known stays as they are, whoever is new works
    here."""


def filed_rows(organization: Organization) -> list[PersonRow]:
    """Return the people of an organization file, numbered as they stand there."""
    return [
        PersonRow(
            row=number,
            email=each.email,
            name=each.name,
            position=each.position.value,
            department=each.department,
        )
        for number, each in enumerate(organization.people, 1)
    ]


def row_of(person: Person) -> PersonRow:
    """Return ``person`` as a form would name them."""
    return PersonRow(
        row=0,
        email=person.email,
        name=person.name,
        position=person.position.value,
        department=person.department,
        is_active=person.is_active,
    )


def rows_said(rows: Sequence[PersonRow], known: Mapping[str, Person]) -> tuple[PersonRow, ...]:
    """Return ``rows`` with what they leave unsaid as it is now; ``known`` by address."""
    return tuple(
        row
        if row.is_active is not None
        else replace(
            row, is_active=before.is_active if (before := known.get(as_kept(row.email))) else True
        )
        for row in rows
    )


def rows_by_department(
    rows: Sequence[PersonRow], departments: Mapping[DepartmentId, Department]
) -> tuple[PersonRow, ...]:
    """Return ``rows`` with a department's id where they give its name; two of one name are none."""
    names = Counter(_plain(each.name) for each in departments.values())
    ids = {name: each.id for each in departments.values() if names[name := _plain(each.name)] == 1}
    return tuple(
        row
        if row.department is None or DepartmentId(row.department) in departments
        else replace(row, department=ids.get(_plain(row.department), row.department))
        for row in rows
    )


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def import_problems(
    rows: Sequence[PersonRow], departments: Mapping[DepartmentId, Department]
) -> list[Message]:
    """Return why these rows cannot be imported, each problem by its row; empty if they can."""
    return [problem for row in rows for problem in _row_problems(row, departments)] + _repeated(
        rows
    )


def _address_problems(row: PersonRow, place: Message) -> list[Message]:
    if parse_mailbox(row.email.strip()) is None:
        return [
            lazy(
                "{place}: the mail address “{email}” is not valid. Write an address "
                "like name@agency.vn.",
                place=place,
                email=row.email,
            )
        ]
    if is_shared(row.email):
        return [
            lazy(
                "{place}: the address “{email}” looks like a shared mailbox. Links to "
                "decide need each person's own address.",
                place=place,
                email=row.email,
            )
        ]
    return []


def _row_problems(row: PersonRow, departments: Mapping[DepartmentId, Department]) -> list[Message]:
    place = lazy("Row {row}", row=row.row) if row.row else lazy("This person")
    problems = _address_problems(row, place)
    if wrong := values.line_fault(row.name, _NAME_LIMIT):
        problems.append(
            lazy("{place}: a name or title is needed. The name {wrong}", place=place, wrong=wrong)
        )
    if row.position not in set(Position):
        problems.append(
            lazy(
                "{place}: there is no position “{position}”. Use one of: {names}.",
                place=place,
                position=row.position,
                names=", ".join(Position),
            )
        )
    if row.department is not None and DepartmentId(row.department) not in departments:
        problems.append(
            lazy(
                "{place}: there is no department “{department}”. Use one of: {names}.",
                place=place,
                department=row.department,
                names=", ".join(departments),
            )
        )
    if row.department is None and row.position in DRAFTERS:
        problems.append(
            lazy(
                "{place}: the position “{position}” needs a department. Write the "
                "department's code.",
                place=place,
                position=row.position,
            )
        )
    return problems


def is_shared(address: str) -> bool:
    """Return whether an address says of itself that it is a list or a shared mailbox."""
    local = as_kept(address).partition("@")[0]
    return local in _SHARED or bool(_SHARED.intersection(re.split(r"[._+-]", local)))


def _repeated(rows: Sequence[PersonRow]) -> list[Message]:
    first: dict[str, int] = {}
    problems = []
    for row in rows:
        address = as_kept(row.email)
        if address in first:
            problems.append(
                lazy(
                    "Row {row}: the address “{address}” is already in row {first}. "
                    "Each person has one row.",
                    row=row.row,
                    address=address,
                    first=first[address],
                )
            )
        first.setdefault(address, row.row)
    return problems
