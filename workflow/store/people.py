"""Statements about departments, people and delegations."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, insert, or_, select, update

from workflow.addresses import as_kept
from workflow.history.entry_types import EntryType
from workflow.model import (
    Absence,
    Delegation,
    Department,
    DepartmentId,
    Person,
    PersonId,
    SignedFor,
)
from workflow.people import Directory, build_directory, with_addresses
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values, changed, update_row
from workflow.store.subject_rows import Kept

_people = schema.people.c
_PERSON = Mapper(Person, schema.people)
_DEPARTMENT = Mapper(Department, schema.departments)
_DELEGATION = Mapper(
    Delegation,
    schema.delegations,
    readers={
        "form": lambda text: SignedFor(text or SignedFor.KT),
        "kinds": lambda text: tuple(orjson.loads(text)) if text else (),
        "departments": lambda text: tuple(orjson.loads(text)) if text else (),
        "terms": lambda text: text or "",
    },
)
_ABSENCE = Mapper(Absence, schema.absences)
_ALL_PEOPLE = Prepared(select(*_PERSON.columns).order_by(_people.id))
_BY_EMAIL = Prepared(select(*_PERSON.columns).where(_people.email == bindparam("address")))
_ALL_DEPARTMENTS = Prepared(select(*_DEPARTMENT.columns).order_by(schema.departments.c.place))
_ALL_DELEGATIONS = Prepared(select(*_DELEGATION.columns).order_by(schema.delegations.c.id))
_ADDRESSES = Prepared(
    select(schema.history_texts.c.subject, schema.history_texts.c.text)
    .join_from(
        schema.history,
        schema.history_texts,
        (schema.history.c.subject == schema.history_texts.c.subject)
        & (schema.history.c.seq == schema.history_texts.c.seq),
    )
    .where(
        or_(
            schema.history.c.type == EntryType.PERSON_ADDED.value,
            schema.history.c.type == EntryType.PERSON_CHANGED.value,
        ),
        schema.history_texts.c.name == "email",
    )
    .order_by(schema.history.c.id)
)
_INSERT_PERSON = Prepared(insert(schema.people).returning(_people.id))
_UPDATE_PERSON = update_row(
    schema.people,
    known=("id",),
    new=("email", "name", "position", "department", "is_active"),
)
_INSERT_DEPARTMENT = Prepared(insert(schema.departments))
_RENAME_DEPARTMENT = Prepared(
    update(schema.departments)
    .where(schema.departments.c.id == bindparam("of_id"))
    .values(name=bindparam("new_name"))
)
_INSERT_DELEGATION = Prepared(insert(schema.delegations).returning(schema.delegations.c.id))
_DELEGATION_BY_ID = Prepared(
    select(*_DELEGATION.columns).where(schema.delegations.c.id == bindparam("wanted"))
)
_END_DELEGATION = Prepared(
    update(schema.delegations)
    .where(schema.delegations.c.id == bindparam("old_id"))
    .values(starts_on=bindparam("first"), ends_on=bindparam("last"))
)
_absences = schema.absences.c
_ABSENCES_FROM = Prepared(
    select(*_ABSENCE.columns)
    .where(_absences.ends_on >= bindparam("day"))
    .order_by(_absences.ends_on, _absences.id)
    .limit(bindparam("count"))
)
_ABSENCE_BY_ID = Prepared(select(*_ABSENCE.columns).where(_absences.id == bindparam("wanted")))
_INSERT_ABSENCE = Prepared(insert(schema.absences).returning(_absences.id))
_END_ABSENCE = Prepared(
    update(schema.absences)
    .where(_absences.id == bindparam("old_id"))
    .values(ends_on=bindparam("last"))
)
_ABSENCE_LIMIT = 1000
"""Absences of today and later; an agency of thirty has a few dozen."""


class KeptAgency(NamedTuple):
    """Rows of people, departments, delegations and absences as texts of entries hold them."""

    people: list[Person]
    departments: list[Department]
    delegations: list[Delegation]
    absences: list[Absence]


def read_kept(kept: Iterable[Kept]) -> KeptAgency:
    """Return the rows that texts hold, each as it would be read from its table."""
    rows = list(kept)

    def found(table: str) -> list[tuple[str, Mapping[str, object]]]:
        return [row for each in rows for row in each.get(table, {}).items()]

    return KeptAgency(
        people=[_PERSON.read_named({**row, "id": int(key)}) for key, row in found("people")],
        departments=[
            _DEPARTMENT.read_named({**row, "id": key})
            for key, row in sorted(
                found("departments"), key=lambda each: str(each[1]["place"]).zfill(9)
            )
        ],
        delegations=[
            _DELEGATION.read_named({**row, "id": int(key)}) for key, row in found("delegations")
        ],
        absences=[_ABSENCE.read_named({**row, "id": int(key)}) for key, row in found("absences")],
    )


def all_people(connection: Connection) -> list[Person]:
    """Return everybody, also who has left, by id. An agency's people are few: one row each."""
    return [_PERSON.read(row) for row in _ALL_PEOPLE.rows(connection, {})]


def people_by_id(connection: Connection) -> dict[PersonId, Person]:
    """Return everybody, also who has left, each by their id."""
    return {each.id: each for each in all_people(connection)}


def person_by_email(connection: Connection, email: str) -> Person | None:
    """Return the person with that address, or None; addresses are kept in lower case."""
    return _PERSON.find(_BY_EMAIL.one(connection, {"address": as_kept(email)}))


def all_departments(connection: Connection) -> list[Department]:
    """Return the departments in the agency's order."""
    return list(map(_DEPARTMENT.read, _ALL_DEPARTMENTS.rows(connection, {})))


def department_names(connection: Connection) -> dict[DepartmentId, str]:
    """Return what each department is called, in the agency's order."""
    return {each.id: each.name for each in all_departments(connection)}


def all_delegations(connection: Connection) -> list[Delegation]:
    """Return every delegation, past ones too, by id."""
    return list(map(_DELEGATION.read, _ALL_DELEGATIONS.rows(connection, {})))


def absences_from(connection: Connection, day: str) -> list[Absence]:
    """Return the absences that end on the local ``day`` or later, by their last day."""
    return [
        _ABSENCE.read(row)
        for row in _ABSENCES_FROM.rows(connection, {"day": day, "count": _ABSENCE_LIMIT})
    ]


def absence_by_id(connection: Connection, absence: int) -> Absence | None:
    """Return an absence, or None."""
    return _ABSENCE.find(_ABSENCE_BY_ID.one(connection, {"wanted": absence}))


def insert_absence(connection: Connection, values: Values) -> int:
    """Insert an absence and return its id."""
    return int(_INSERT_ABSENCE.scalar(connection, values))


def delegation_by_id(connection: Connection, delegation: int) -> Delegation | None:
    """Return a delegation, or None."""
    row = _DELEGATION_BY_ID.one(connection, {"wanted": delegation})
    return _DELEGATION.read(row) if row is not None else None


def end_delegation(connection: Connection, delegation: Delegation, last: str) -> None:
    """Make ``last`` the last day of a delegation, and the first of one that had not begun."""
    first = min(delegation.starts_on, last)
    _END_DELEGATION.run(connection, {"old_id": delegation.id, "first": first, "last": last})


def end_absence(connection: Connection, absence: int, last: str) -> None:
    """Make ``last`` the last day of an absence."""
    _END_ABSENCE.run(connection, {"old_id": absence, "last": last})


def load_directory(connection: Connection, today: str) -> Directory:
    """Return who works here on the local day ``today``."""
    directory = build_directory(
        all_people(connection),
        all_departments(connection),
        all_delegations(connection),
        today,
        absences_from(connection, today),
    )
    had = [
        (row.text, PersonId(int(row.subject.removeprefix("person:"))))
        for row in _ADDRESSES.rows(connection, {})
    ]
    return with_addresses(directory, had)


def insert_person(connection: Connection, values: Values) -> PersonId:
    """Insert a person and return the id."""
    return PersonId(_INSERT_PERSON.scalar(connection, values))


def update_person(connection: Connection, person: PersonId, values: Values) -> None:
    """Replace a person's columns (email, name, position, department, is_active)."""
    _UPDATE_PERSON.run(connection, changed({"id": person}, values))


def insert_departments(connection: Connection, departments: Iterable[Values]) -> None:
    """Insert departments."""
    _INSERT_DEPARTMENT.many(connection, list(departments))


def rename_department(connection: Connection, department: DepartmentId, name: str) -> None:
    """Call a department by another name."""
    _RENAME_DEPARTMENT.run(connection, {"of_id": department, "new_name": name})


def insert_delegation(connection: Connection, values: Values) -> int:
    """Insert a delegation and return its id."""
    return int(_INSERT_DELEGATION.scalar(connection, values))
