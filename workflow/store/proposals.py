"""Statements about proposals."""

from dataclasses import dataclass
from datetime import datetime
from typing import NotRequired, TypedDict

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.model import Grant, PersonId, ProposalState
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values
from workflow.values import LARGEST_ID

_proposals = schema.proposals.c
PAGE = 200
"""Proposals that are read at once."""


class SaidPerson(TypedDict):
    """A person as they were, or are to be."""

    email: str
    name: str
    position: str
    department: str | None
    is_active: bool


class SaidRow(SaidPerson):
    """A person as a form or a sheet names them; ``row``: its line in the sheet."""

    row: int


class SaidDelegation(TypedDict):
    """Who is to act for whom, and by what."""

    from_email: str
    to_email: str
    starts_on: str
    ends_on: str
    document: str
    form: str | None
    kinds: list[str]
    departments: NotRequired[list[str]]
    terms: str


class SaidEnd(TypedDict):
    """How a proceeding ended, days as ISO text; ``outcome`` empty: it has not."""

    outcome: str
    ended_on: str
    document: str
    document_on: str
    served_on: str
    words: str


class SaidAward(TypedDict):
    """An award of earlier years as a sheet names it; ``row``: its line there."""

    row: int
    nominee: str
    kind: str
    award: str
    number: str
    decided_on: str
    email: str
    department: str
    authority: str
    commendation: str
    reason: str
    first_day: str
    last_day: str


class Said(TypedDict, total=False):
    """What is proposed, as the handler of its command wrote it: each has some of these."""

    person: PersonId
    row: SaidRow
    rows: list[SaidRow]
    invites: bool
    email: str
    id: str
    text: str
    codes: list[str]
    to_hash: str
    delegation: SaidDelegation
    code: str
    entries: list[int]
    parts: list[str]
    files: list[str]
    subject: str
    day: str
    subjects: list[str]
    proceeding: int
    before: SaidEnd
    after: SaidEnd
    awards: list[SaidAward]
    award: int
    whole: bool
    why: str
    request: int | None


class ProposedChange(TypedDict):
    """A proposal's parameters: what is proposed, and what it was made against."""

    of: Said
    base: list[SaidPerson] | SaidEnd | str | int
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A command that waits for a second person, or had its answer.

    ``parameters``: canonical JSON; ``base``: the hash of what it was made against; ``named``: who
    confirms it where that is not left to positions.
    """

    id: int
    command: str
    parameters: str
    base: str
    grants: tuple[Grant, ...]
    gainers: tuple[PersonId, ...]
    named: tuple[PersonId, ...]
    proposed_by: PersonId
    proposed_at: datetime
    until: datetime
    state: ProposalState
    decided_by: PersonId | None
    decided_at: datetime | None
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalOutcome:
    """What became of a proposal, by whom and when."""

    state: ProposalState
    by: PersonId
    at: datetime
    comment: str | None = None


def parameters_of(proposal: Proposal) -> ProposedChange:
    """Return what is proposed, and what it was made against."""
    found: ProposedChange = orjson.loads(proposal.parameters)
    return found


_PROPOSAL = Mapper(
    Proposal,
    schema.proposals,
    readers={
        "grants": lambda text: tuple(map(Grant, orjson.loads(text))),
        "gainers": lambda text: tuple(orjson.loads(text)),
        "named": lambda text: tuple(orjson.loads(text)),
    },
)
_BY_ID = Prepared(select(*_PROPOSAL.columns).where(_proposals.id == bindparam("wanted")))
_LOCKED = Prepared(
    select(*_PROPOSAL.columns).where(_proposals.id == bindparam("wanted")).with_for_update()
)
_OPEN = Prepared(
    select(*_PROPOSAL.columns)
    .where(_proposals.state == ProposalState.OPEN.value, _proposals.until > bindparam("now_is"))
    .order_by(_proposals.id)
)
_NEWEST = Prepared(
    select(*_PROPOSAL.columns)
    .where(_proposals.id < bindparam("before"))
    .order_by(_proposals.id.desc())
    .limit(bindparam("count"))
)
_INSERT = Prepared(insert(schema.proposals).returning(_proposals.id))
_ANSWER = Prepared(
    update(schema.proposals)
    .where(_proposals.id == bindparam("old_id"), _proposals.state == ProposalState.OPEN.value)
    .values(
        state=bindparam("new_state"),
        decided_by=bindparam("by"),
        decided_at=bindparam("at"),
        comment=bindparam("says"),
    )
)


def find_proposal(connection: Connection, proposal: int) -> Proposal | None:
    """Return a proposal, or None."""
    row = _BY_ID.one(connection, {"wanted": proposal})
    return None if row is None else _PROPOSAL.read(row)


def lock_proposal(connection: Connection, proposal: int) -> Proposal | None:
    """Return a proposal, which nobody else decides until the transaction ends, or None."""
    row = _LOCKED.one(connection, {"wanted": proposal})
    return None if row is None else _PROPOSAL.read(row)


def open_proposals(connection: Connection, now: datetime) -> list[Proposal]:
    """Return what waits at ``now``, oldest first; an agency has a few in a year."""
    return [_PROPOSAL.read(row) for row in _OPEN.rows(connection, {"now_is": written(now)})]


def newest_proposals(
    connection: Connection, before: int | None = None
) -> tuple[list[Proposal], int | None]:
    """Return a page of proposals below ``before``, whatever became of them, newest first.

    With it the id below which the next page begins, None on the last.
    """
    below = LARGEST_ID if before is None else before
    rows = _NEWEST.rows(connection, {"before": below, "count": PAGE})
    found = [_PROPOSAL.read(row) for row in rows]
    return found, found[-1].id if len(found) == PAGE else None


def insert_proposal(connection: Connection, values: Values) -> int:
    """Insert an open proposal and return its id."""
    return int(_INSERT.scalar(connection, {**values, "state": ProposalState.OPEN.value}))


def answer_proposal(connection: Connection, proposal: int, answer: ProposalOutcome) -> None:
    """Record the answer to a proposal that its caller has locked open."""
    values = {
        "old_id": proposal,
        "new_state": answer.state.value,
        "by": answer.by,
        "at": written(answer.at),
        "says": answer.comment,
    }
    _ANSWER.run(connection, values)
