"""Statements about departments, people and delegations."""

from collections.abc import Iterable

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.addresses import as_kept
from workflow.model import (
    Absence,
    Delegation,
    Department,
    DepartmentId,
    Person,
    PersonId,
    Position,
    SignedFor,
)
from workflow.people import Directory, build_directory
from workflow.store import schema
from workflow.store.prepared import Prepared, Row, Values

_people = schema.people.c
_COLUMNS = (
    _people.id,
    _people.email,
    _people.name,
    _people.position,
    _people.department,
    _people.is_active,
)
_ALL_PEOPLE = Prepared(select(*_COLUMNS).order_by(_people.id))
_BY_EMAIL = Prepared(select(*_COLUMNS).where(_people.email == bindparam("address")))
_ALL_DEPARTMENTS = Prepared(
    select(
        schema.departments.c.id, schema.departments.c.name, schema.departments.c.is_office
    ).order_by(schema.departments.c.place)
)
_ALL_DELEGATIONS = Prepared(
    select(
        schema.delegations.c.id,
        schema.delegations.c.from_person,
        schema.delegations.c.to_person,
        schema.delegations.c.starts_on,
        schema.delegations.c.ends_on,
        schema.delegations.c.document,
        schema.delegations.c.form,
        schema.delegations.c.kinds,
        schema.delegations.c.terms,
    ).order_by(schema.delegations.c.id)
)
_INSERT_PERSON = Prepared(
    insert(schema.people).returning(_people.id),
    inserts=["email", "name", "position", "department", "is_active"],
)
_UPDATE_PERSON = Prepared(
    update(schema.people)
    .where(_people.id == bindparam("old_id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("email", "name", "position", "department", "is_active")
        }
    )
)
_INSERT_DEPARTMENT = Prepared(
    insert(schema.departments), inserts=["id", "name", "is_office", "place"]
)
_RENAME_DEPARTMENT = Prepared(
    update(schema.departments)
    .where(schema.departments.c.id == bindparam("of_id"))
    .values(name=bindparam("new_name"))
)
_INSERT_DELEGATION = Prepared(
    insert(schema.delegations).returning(schema.delegations.c.id),
    inserts=[
        "from_person",
        "to_person",
        "starts_on",
        "ends_on",
        "document",
        "created_by",
        "created_at",
        "form",
        "kinds",
        "terms",
    ],
)
_absences = schema.absences.c
_ABSENCE_COLUMNS = (
    _absences.id,
    _absences.person,
    _absences.starts_on,
    _absences.ends_on,
    _absences.stand_in,
)
_ABSENCES_FROM = Prepared(
    select(*_ABSENCE_COLUMNS)
    .where(_absences.ends_on >= bindparam("day"))
    .order_by(_absences.ends_on, _absences.id)
    .limit(bindparam("count"))
)
_ABSENCE = Prepared(select(*_ABSENCE_COLUMNS).where(_absences.id == bindparam("wanted")))
_INSERT_ABSENCE = Prepared(
    insert(schema.absences).returning(_absences.id),
    inserts=["person", "stand_in", "starts_on", "ends_on", "created_by", "created_at"],
)
_END_ABSENCE = Prepared(
    update(schema.absences)
    .where(_absences.id == bindparam("old_id"))
    .values(ends_on=bindparam("last"))
)
_ABSENCE_LIMIT = 1000
"""Absences of today and later; an agency of thirty has a few dozen."""


def all_people(connection: Connection) -> list[Person]:
    """Return everybody, also who has left, by id. An agency's people are few: one row each."""
    return [_person(row) for row in _ALL_PEOPLE.rows(connection, {})]


def person_by_email(connection: Connection, email: str) -> Person | None:
    """Return the person with that address, or None; addresses are kept in lower case."""
    row = _BY_EMAIL.one(connection, {"address": as_kept(email)})
    return None if row is None else _person(row)


def all_departments(connection: Connection) -> list[Department]:
    """Return the departments in the agency's order."""
    return [
        Department(id=DepartmentId(row[0]), name=row[1], is_office=bool(row[2]))
        for row in _ALL_DEPARTMENTS.rows(connection, {})
    ]


def all_delegations(connection: Connection) -> list[Delegation]:
    """Return every delegation, past ones too, by id."""
    return [
        Delegation(
            id=row[0],
            from_person=row[1],
            to_person=row[2],
            starts_on=row[3],
            ends_on=row[4],
            document=row[5],
            form=SignedFor(row[6] or SignedFor.KT),
            kinds=tuple(orjson.loads(row[7])) if row[7] else (),
            terms=row[8] or "",
        )
        for row in _ALL_DELEGATIONS.rows(connection, {})
    ]


def absences_from(connection: Connection, day: str) -> list[Absence]:
    """Return the absences that end on the local ``day`` or later, by their last day."""
    return [
        _absence(row)
        for row in _ABSENCES_FROM.rows(connection, {"day": day, "count": _ABSENCE_LIMIT})
    ]


def absence_by_id(connection: Connection, absence: int) -> Absence | None:
    """Return an absence, or None."""
    row = _ABSENCE.one(connection, {"wanted": absence})
    return None if row is None else _absence(row)


def insert_absence(connection: Connection, values: Values) -> int:
    """Insert an absence and return its id."""
    return int(_INSERT_ABSENCE.rows(connection, values)[0][0])


def end_absence(connection: Connection, absence: int, last: str) -> None:
    """Make ``last`` the last day of an absence."""
    _END_ABSENCE.run(connection, {"old_id": absence, "last": last})


def _absence(row: Row) -> Absence:
    return Absence(id=row[0], person=row[1], starts_on=row[2], ends_on=row[3], stand_in=row[4])


def load_directory(connection: Connection, today: str) -> Directory:
    """Return who works here on the local day ``today``."""
    return build_directory(
        all_people(connection),
        all_departments(connection),
        all_delegations(connection),
        today,
        absences_from(connection, today),
    )


def insert_person(connection: Connection, values: Values) -> PersonId:
    """Insert a person and return the id."""
    return PersonId(_INSERT_PERSON.rows(connection, values)[0][0])


def update_person(connection: Connection, person: PersonId, values: Values) -> None:
    """Replace a person's columns (email, name, position, department, is_active)."""
    _UPDATE_PERSON.run(
        connection, {"old_id": person, **{f"new_{name}": value for name, value in values.items()}}
    )


def insert_departments(connection: Connection, departments: Iterable[Values]) -> None:
    """Insert departments."""
    _INSERT_DEPARTMENT.many(connection, list(departments))


def rename_department(connection: Connection, department: DepartmentId, name: str) -> None:
    """Call a department by another name."""
    _RENAME_DEPARTMENT.run(connection, {"of_id": department, "new_name": name})


def insert_delegation(connection: Connection, values: Values) -> int:
    """Insert a delegation and return its id."""
    return int(_INSERT_DELEGATION.rows(connection, values)[0][0])


def _person(row: Row) -> Person:
    return Person(
        id=PersonId(row[0]),
        email=row[1],
        name=row[2],
        position=Position(row[3]),
        department=None if row[4] is None else DepartmentId(row[4]),
        is_active=bool(row[5]),
    )
