"""Statements about findings of auditors and the notes on them: they are added and closed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.model import PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """What an auditor found at an entry: ``entry`` of the subject ``about``.

    ``addressee``: who is asked to answer; None: it is for auditors alone.
    """

    id: int
    about: str
    entry: int
    title: str
    addressee: PersonId | None
    opened_by: PersonId
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingNote:
    """What somebody said of a finding."""

    person: PersonId
    at: datetime
    words: str


_findings, _notes = schema.findings.c, schema.finding_notes.c
_FINDING = Mapper(AuditFinding, schema.findings)
_NOTE = Mapper(FindingNote, schema.finding_notes)
_INSERT = Prepared(insert(schema.findings).returning(_findings.id))
_ADD_NOTE = Prepared(insert(schema.finding_notes))
_CLOSE = Prepared(
    update(schema.findings)
    .where(_findings.id == bindparam("of_id"))
    .values(closed_at=bindparam("new_closed_at"))
)
_BY_ID = Prepared(select(*_FINDING.columns).where(_findings.id == bindparam("wanted")))
_AT = Prepared(
    select(*_FINDING.columns)
    .where(_findings.about == bindparam("of_subject"), _findings.entry == bindparam("of_entry"))
    .order_by(_findings.id)
)
_NOTES_OF = Prepared(
    select(*_NOTE.columns).where(_notes.finding_id == bindparam("of_finding")).order_by(_notes.id)
)


def insert_finding(connection: Connection, values: Values) -> int:
    """Insert a finding and return its number."""
    return int(_INSERT.scalar(connection, values))


def add_note(connection: Connection, finding: int, note: FindingNote) -> None:
    """Add what somebody said of a finding."""
    _ADD_NOTE.run(connection, {"finding_id": finding, **_NOTE.write(note)})


def close_finding(connection: Connection, finding: int, at: datetime) -> None:
    """Close a finding for good."""
    _CLOSE.run(connection, {"of_id": finding, "new_closed_at": written(at)})


def finding_by_id(connection: Connection, finding: int) -> AuditFinding | None:
    """Return a finding, or None."""
    return _FINDING.find(_BY_ID.one(connection, {"wanted": finding}))


def findings_at(connection: Connection, subject: str, entry: int) -> list[AuditFinding]:
    """Return the findings at an entry, oldest first."""
    rows = _AT.rows(connection, {"of_subject": subject, "of_entry": entry})
    return list(map(_FINDING.read, rows))


def newest_findings(
    connection: Connection,
    *,
    addressee: PersonId | None,
    only_open: bool,
    before: int | None,
    count: int,
) -> list[AuditFinding]:
    """Return up to ``count`` findings below ``before``, newest first: all, or those of a person."""
    query = select(*_FINDING.columns).order_by(_findings.id.desc()).limit(count)
    if addressee is not None:
        query = query.where(_findings.addressee == addressee)
    if only_open:
        query = query.where(_findings.closed_at.is_(None))
    if before is not None:
        query = query.where(_findings.id < before)
    return [_FINDING.read(row) for row in connection.execute(query).all()]


def notes_of(connection: Connection, finding: int) -> list[FindingNote]:
    """Return what was said of a finding, oldest first."""
    return [_NOTE.read(row) for row in _NOTES_OF.rows(connection, {"of_finding": finding})]
