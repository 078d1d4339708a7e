"""Statements about departments, people and delegations."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.model import Delegation, Department, DepartmentId, Person, PersonId, Position
from workflow.people import Directory, build_directory
from workflow.store import tables
from workflow.store.prepared import Prepared, Row, Values

_people = tables.people.c
_COLUMNS = (_people.id, _people.email, _people.name, _people.position, _people.department, _people.is_active)
_ALL_PEOPLE = Prepared(select(*_COLUMNS).order_by(_people.id))
_BY_EMAIL = Prepared(select(*_COLUMNS).where(_people.email == bindparam("address")))
_ALL_DEPARTMENTS = Prepared(
    select(tables.departments.c.id, tables.departments.c.name, tables.departments.c.is_office).order_by(tables.departments.c.place)
)
_ALL_DELEGATIONS = Prepared(
    select(
        tables.delegations.c.id,
        tables.delegations.c.from_person,
        tables.delegations.c.to_person,
        tables.delegations.c.starts_on,
        tables.delegations.c.ends_on,
        tables.delegations.c.document,
    ).order_by(tables.delegations.c.id)
)
_INSERT_PERSON = Prepared(insert(tables.people).returning(_people.id), inserts=["email", "name", "position", "department", "is_active"])
_UPDATE_PERSON = Prepared(
    update(tables.people)
    .where(_people.id == bindparam("old_id"))
    .values({name: bindparam(f"new_{name}") for name in ("email", "name", "position", "department", "is_active")})
)
_INSERT_DEPARTMENT = Prepared(insert(tables.departments), inserts=["id", "name", "is_office", "place"])
_INSERT_DELEGATION = Prepared(
    insert(tables.delegations).returning(tables.delegations.c.id),
    inserts=["from_person", "to_person", "starts_on", "ends_on", "document", "created_by", "created_at"],
)


def all_people(connection: Connection) -> list[Person]:
    """Return everybody, also who has left, by id. An agency's people are few: one row each."""
    return [_person(row) for row in _ALL_PEOPLE.rows(connection, {})]


def person_by_email(connection: Connection, email: str) -> Person | None:
    """Return the person with that address, or None; addresses are kept in lower case."""
    row = _BY_EMAIL.one(connection, {"address": email.strip().lower()})
    return None if row is None else _person(row)


def all_departments(connection: Connection) -> list[Department]:
    """Return the departments in the agency's order."""
    return [Department(id=DepartmentId(row[0]), name=row[1], is_office=bool(row[2])) for row in _ALL_DEPARTMENTS.rows(connection, {})]


def all_delegations(connection: Connection) -> list[Delegation]:
    """Return every delegation, past ones too, by id."""
    names = ("id", "from_person", "to_person", "starts_on", "ends_on", "document")
    return [Delegation(**dict(zip(names, row, strict=True))) for row in _ALL_DELEGATIONS.rows(connection, {})]


def load_directory(connection: Connection, today: str) -> Directory:
    """Return who works here on the local day ``today``."""
    return build_directory(all_people(connection), all_departments(connection), all_delegations(connection), today)


def insert_person(connection: Connection, values: Values) -> PersonId:
    """Insert a person and return the id."""
    return PersonId(_INSERT_PERSON.rows(connection, values)[0][0])


def update_person(connection: Connection, person: PersonId, values: Values) -> None:
    """Replace a person's columns (email, name, position, department, is_active)."""
    _UPDATE_PERSON.run(connection, {"old_id": person, **{f"new_{name}": value for name, value in values.items()}})


def insert_departments(connection: Connection, departments: Iterable[Values]) -> None:
    """Insert departments."""
    _INSERT_DEPARTMENT.many(connection, list(departments))


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
