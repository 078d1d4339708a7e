"""Statements that read a campaign as a whole: its items, what they say, who has read its plan."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, insert, select

from workflow.model import DepartmentId, PersonId
from workflow.store import schema
from workflow.store.counting import count_up_to
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared, Row
from workflow.store.unindexed import unindexed

_items = schema.items.c
_contents = schema.contents.c
_history = schema.history.c
_reads = schema.campaign_reads.c
_newest = (
    select(
        *(_items.id, _items.department, _items.definition_hash, _items.state),
        *(_items.due_at, _items.since),
    )
    .where(_items.campaign == bindparam("of_campaign"))
    .order_by(_items.id.desc())
    .limit(bindparam("most"))
    .subquery("newest_items")
)
_STANDING = [_newest.c.department, _newest.c.definition_hash, _newest.c.state]
_COUNTS = Prepared(
    select(
        *_STANDING,
        func.count().label("items"),
        func.count(case((_newest.c.due_at < bindparam("now"), 1))).label("late"),
        func.count(
            case((_newest.c.due_at.between(bindparam("monday"), bindparam("now")), 1))
        ).label("late_since"),
        func.count(case((_newest.c.since >= bindparam("monday"), 1))).label("come_since"),
    ).group_by(*_STANDING)
)
_STATES = Prepared(
    select(
        _items.id,
        _items.department,
        _items.definition_hash,
        _items.state,
        _items.content_hash,
        _items.erasures,
    )
    .where(
        _items.campaign == bindparam("of_campaign"), unindexed(_items.type) == bindparam("of_type")
    )
    .order_by(_items.id.desc())
    .limit(bindparam("count"))
)
_READS = Prepared(
    select(_reads.person, _reads.at).where(_reads.campaign == bindparam("of_campaign"))
)
_HAS_READ = Prepared(
    select(_reads.at).where(
        _reads.campaign == bindparam("of_campaign"), _reads.person == bindparam("of_person")
    )
)
_ADD_READ = Prepared(insert(schema.campaign_reads))
_MINUTES = len("2022-05-04T08:0")
"""So much of an instant says in which ten minutes it lies: no day begins within them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many items of one definition version a department has in one state, and how many late.

    ``late_since``, ``come_since``: of these, that have been so only since some Monday.
    """

    department: DepartmentId
    definition_hash: str
    state: str
    count: int
    late: int
    late_since: int
    come_since: int


def counts_of(
    connection: Connection, campaign: str, *, now: datetime, monday: datetime, most: int
) -> list[StateCount]:
    """Return the newest items of a campaign, counted by department, definition and state.

    At most ``most`` are counted. Late: past the due instant of their step at ``now``.
    """
    instants = {"now": written(now), "monday": written(monday)}
    wanted = {"of_campaign": campaign, "most": most, **instants}
    return [
        StateCount(
            department=row.department,
            definition_hash=row.definition_hash,
            state=row.state,
            count=row.items,
            late=row.late,
            late_since=row.late_since,
            come_since=row.come_since,
        )
        for row in _COUNTS.rows(connection, wanted)
    ]


def count_items(connection: Connection, campaign: str, most: int) -> int:
    """Return how many items a campaign has, not counting beyond ``most``."""
    return count_up_to(connection, _items.campaign == campaign, most)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastMoves:
    """So many items that stand alike were last handed in, and sent, within the same ten minutes."""

    department: DepartmentId
    definition_hash: str
    state: str
    handed_in: datetime | None
    sent: datetime | None
    count: int


def last_moves(
    connection: Connection, campaign: str, *, handing_in: set[str], sending: set[str], most: int
) -> list[LastMoves]:
    """Return when up to ``most`` newest items of a campaign last took some of these transitions."""
    handed_in, sent = (
        func.substr(func.max(case((_history.transition.in_(taken), _history.at))), 1, _MINUTES)
        for taken in (handing_in, sending)
    )
    moves = (
        select(*_STANDING, handed_in.label("handed_in"), sent.label("sent"))
        .join_from(_newest, schema.history, _history.item_id == _newest.c.id)
        .where(_history.decided_version.is_not(None))
        .where(_history.transition.in_(handing_in | sending))
        .group_by(_newest.c.id, *_STANDING)
        .subquery()
    )
    alike = list(moves.c)
    found = select(*alike, func.count().label("items")).group_by(*alike)
    wanted = {"of_campaign": campaign, "most": most}
    return [
        LastMoves(
            department=DepartmentId(row.department),
            definition_hash=row.definition_hash,
            state=row.state,
            handed_in=_begun(row.handed_in),
            sent=_begun(row.sent),
            count=row.items,
        )
        for row in connection.execute(found, wanted)
    ]


def _begun(minutes: str | None) -> datetime | None:
    return read_required(f"{minutes}0:00.000000Z") if minutes else None


def states_of(connection: Connection, campaign: str, kind: str, count: int) -> list[Row]:
    """Return where up to ``count`` items of a kind in a campaign stand, newest first.

    With what their contents are known by: content_hash and erasures.
    """
    wanted = {"of_campaign": campaign, "of_type": kind, "count": count}
    return _STATES.rows(connection, wanted)


def reads_of(connection: Connection, campaign: str) -> dict[PersonId, datetime]:
    """Return who has read the plan of a campaign, and when."""
    return {
        PersonId(row.person): read_required(row.at)
        for row in _READS.rows(connection, {"of_campaign": campaign})
    }


def note_read(connection: Connection, campaign: str, person: PersonId, at: datetime) -> bool:
    """Note that ``person`` has read a plan; return whether they had not before."""
    of = {"of_campaign": campaign, "of_person": person}
    if _HAS_READ.one(connection, of) is not None:
        return False
    _ADD_READ.run(connection, {"campaign": campaign, "person": person, "at": written(at)})
    return True
