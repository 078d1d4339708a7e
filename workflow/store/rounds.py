"""Statements about rounds of the council, their members and the cases before them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from workflow.model import ContentHash, Item, ItemId, PersonId
from workflow.rounds import Seat, case_code, parse_share, written_share
from workflow.store import schema
from workflow.store.instants import read_required
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values
from workflow.values import LARGEST_ID
from workflow.voting import ENDED, Attendance, MeetingForm, Role, RoundState, Voting


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One review of nominations by the council; ``run`` counts how often it was put to the vote.

    ``box``, ``second_box``: the public halves of the chair's and the secretary's key of a secret
    ballot's box, from when they take them until it is counted.
    """

    id: int
    campaign: str
    title: str
    meeting: MeetingForm
    voting: Voting
    held_on: str
    place: str
    agenda: str
    quorum: Fraction
    concerned_count: bool
    state: RoundState
    run: int
    box: bytes | None
    second_box: bytes | None
    created_by: PersonId
    created_at: datetime
    counted_by: PersonId | None
    counted_at: datetime | None
    ended_by: PersonId | None
    ended_at: datetime | None

    @property
    def subject(self) -> str:
        """Return the history subject of this round."""
        return f"round:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSeat:
    """A member of the council in a round; ``voted_run``: the last vote that they took part in."""

    person: PersonId
    role: Role
    attendance: Attendance
    voted_run: int = 0

    def in_run(self, run: int) -> Seat:
        """Return the seat as the count of a run knows it."""
        return Seat(
            person=self.person,
            role=self.role,
            attendance=self.attendance,
            has_voted=0 < run == self.voted_run,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCase:
    """A nominee in a round; the count is None before it was voted on.

    ``nominee``: the row of the item's list; 0 in a nomination of one. ``content_hash``: what the
    vote is on. ``left_out``: that was changed while the vote went on, so nothing is decided on it.
    """

    item_id: ItemId
    item_code: str
    nominee: int = 0
    place: int
    threshold: Fraction
    content_hash: ContentHash
    concerned: frozenset[PersonId]
    agree: int | None = None
    disagree: int | None = None
    blank: int | None = None
    base: int | None = None
    passed: bool | None = None
    left_out: bool = False

    def uncounted(self) -> "RoundCase":
        """Return the case as before a vote."""
        return replace(
            self, agree=None, disagree=None, blank=None, base=None, passed=None, left_out=False
        )

    @property
    def key(self) -> tuple[ItemId, int]:
        """Return what tells a case from others of its round."""
        return self.item_id, self.nominee

    @property
    def code(self) -> str:
        """Return what people name it by."""
        return case_code(self.item_code, self.nominee)


def _share(text: str) -> Fraction:
    share = parse_share(text)
    if share is None:
        raise ValueError(text)
    return share


_rounds, _seats, _cases = schema.rounds.c, schema.round_seats.c, schema.round_cases.c
_ROUND = Mapper(Round, schema.rounds, readers={"quorum": _share, "concerned_count": bool})
_SEAT = Mapper(RoundSeat, schema.round_seats)
_CASE = Mapper(
    RoundCase,
    schema.round_cases,
    named={"item_code": schema.items.c.code},
    readers={
        "threshold": _share,
        "concerned": lambda text: frozenset(PersonId(int(each)) for each in text.split()),
        "passed": lambda value: None if value is None else bool(value),
        "left_out": bool,
    },
)
_BY_ID = Prepared(select(*_ROUND.columns).where(_rounds.id == bindparam("wanted")))
_LOCKED = Prepared(
    select(*_ROUND.columns).where(_rounds.id == bindparam("wanted")).with_for_update()
)
_INSERT = Prepared(insert(schema.rounds).returning(_rounds.id))
_SEATS = Prepared(
    select(*_SEAT.columns).where(_seats.round_id == bindparam("of_round")).order_by(_seats.person)
)
_CASES = Prepared(
    select(*_CASE.columns)
    .join(schema.items, schema.items.c.id == _cases.item_id)
    .where(_cases.round_id == bindparam("of_round"))
    .order_by(_cases.place, _cases.item_id, _cases.nominee)
)
_ADD_SEATS = Prepared(insert(schema.round_seats))
_ADD_CASES = Prepared(insert(schema.round_cases))
_DROP_SEAT = Prepared(
    delete(schema.round_seats).where(
        _seats.round_id == bindparam("of_round"), _seats.person == bindparam("of_person")
    )
)
_DROP_CASE = Prepared(
    delete(schema.round_cases).where(
        _cases.round_id == bindparam("of_round"),
        _cases.item_id == bindparam("of_item"),
        _cases.nominee == bindparam("of_nominee"),
    )
)
_VOTED = Prepared(
    update(schema.round_seats)
    .where(
        _seats.round_id == bindparam("of_round"),
        _seats.person == bindparam("of_person"),
        _seats.voted_run < bindparam("new_run"),
    )
    .values(voted_run=bindparam("new_run"))
)
_BEFORE = Prepared(
    select(_cases.round_id)
    .join(schema.round_seats, _seats.round_id == _cases.round_id)
    .join(schema.rounds, _rounds.id == _cases.round_id)
    .where(
        _cases.item_id == bindparam("of_item"),
        _seats.person == bindparam("of_person"),
        _rounds.state != RoundState.CANCELLED.value,
    )
    .limit(1)
)
_PASSED = ByKeys(
    select(_cases.item_id, _cases.content_hash, _cases.round_id)
    .join(schema.rounds, _rounds.id == _cases.round_id)
    .where(_rounds.state == RoundState.CLOSED.value, _cases.passed == 1),
    _cases.item_id,
)
_CLOSINGS = ByKeys(
    select(_cases.item_id, _rounds.ended_at)
    .join(schema.rounds, _rounds.id == _cases.round_id)
    .where(_rounds.state == RoundState.CLOSED.value, _cases.passed == 1)
    .distinct(),
    _cases.item_id,
)
_COUNTS = ByKeys(
    select(
        _cases.item_id,
        _cases.nominee,
        _cases.content_hash,
        _cases.agree,
        _cases.base,
        _cases.passed,
    )
    .join(schema.rounds, _rounds.id == _cases.round_id)
    .where(_rounds.state == RoundState.CLOSED.value, _cases.base.is_not(None))
    .order_by(_cases.round_id),
    _cases.item_id,
)
_ROUNDS_OF = ByKeys(
    select(_cases.item_id, _cases.round_id, _rounds.state, func.max(_cases.passed).label("passed"))
    .join(schema.rounds, _rounds.id == _cases.round_id)
    .group_by(_cases.item_id, _cases.round_id, _rounds.state),
    _cases.item_id,
)


def insert_round(connection: Connection, values: Values) -> int:
    """Insert a round and return its number."""
    return int(_INSERT.scalar(connection, values))


def change_round(connection: Connection, number: int, values: Values) -> None:
    """Change columns of a round that its caller has locked."""
    connection.execute(update(schema.rounds).where(_rounds.id == number).values(**values))


def find_round(connection: Connection, number: int) -> Round | None:
    """Return a round, or None."""
    return _ROUND.find(_BY_ID.one(connection, {"wanted": number}))


def lock_round(connection: Connection, number: int) -> Round | None:
    """Return a round, which nobody else changes until the transaction ends, or None."""
    return _ROUND.find(_LOCKED.one(connection, {"wanted": number}))


def newest_rounds(
    connection: Connection, *, member: PersonId | None, before: int | None, count: int
) -> list[Round]:
    """Return up to ``count`` rounds below ``before``, newest first: all, or those of a member."""
    query = (
        select(*_ROUND.columns)
        .where(_rounds.id < (LARGEST_ID if before is None else before))
        .order_by(_rounds.id.desc())
        .limit(count)
    )
    if member is not None:
        query = query.where(_rounds.id.in_(select(_seats.round_id).where(_seats.person == member)))
    return [_ROUND.read(row) for row in connection.execute(query).all()]


def seats_of(connection: Connection, number: int) -> list[RoundSeat]:
    """Return the members of a round, by person."""
    return list(map(_SEAT.read, _SEATS.rows(connection, {"of_round": number})))


def cases_of(connection: Connection, number: int) -> list[RoundCase]:
    """Return what is before a round, in its order."""
    return list(map(_CASE.read, _CASES.rows(connection, {"of_round": number})))


def put_seats(
    connection: Connection, number: int, before: Iterable[RoundSeat], after: Iterable[RoundSeat]
) -> None:
    """Let the members of a round be ``after``; whoever stays keeps that they have voted."""
    old = {each.person: each for each in before}
    new = {each.person: each for each in after}
    for person in old.keys() - new.keys():
        _DROP_SEAT.run(connection, {"of_round": number, "of_person": person})
    added = [each for person, each in new.items() if person not in old]
    _ADD_SEATS.many(connection, [{"round_id": number, **_SEAT.write(each)} for each in added])
    for person, each in new.items():
        if person in old and each != old[person]:
            row = update(schema.round_seats).where(
                _seats.round_id == number, _seats.person == person
            )
            connection.execute(row.values(role=each.role.value, attendance=each.attendance.value))


def put_cases(
    connection: Connection, number: int, before: Iterable[RoundCase], after: Sequence[RoundCase]
) -> None:
    """Let ``after`` be before a round, with its counts."""
    old = {each.key: each for each in before}
    for item, nominee in old.keys() - {each.key for each in after}:
        _DROP_CASE.run(connection, {"of_round": number, "of_item": item, "of_nominee": nominee})
    added = [each for each in after if each.key not in old]
    _ADD_CASES.many(
        connection,
        [
            {
                "round_id": number,
                "item_id": each.item_id,
                "nominee": each.nominee,
                **_written(each),
            }
            for each in added
        ],
    )
    for each in after:
        if each.key in old and each != old[each.key]:
            row = update(schema.round_cases).where(
                _cases.round_id == number,
                _cases.item_id == each.item_id,
                _cases.nominee == each.nominee,
            )
            connection.execute(row.values(**_written(each)))


def _written(case: RoundCase) -> dict[str, object]:
    return {
        "place": case.place,
        "threshold": written_share(case.threshold),
        "content_hash": case.content_hash,
        "concerned": " ".join(map(str, sorted(case.concerned))),
        "agree": case.agree,
        "disagree": case.disagree,
        "blank": case.blank,
        "base": case.base,
        "passed": None if case.passed is None else int(case.passed),
        "left_out": 1 if case.left_out else None,
    }


def note_voted(connection: Connection, number: int, person: PersonId, run: int) -> bool:
    """Write down that somebody has voted; False where they had already, or are no member."""
    values = {"of_round": number, "of_person": person, "new_run": run}
    return _VOTED.run(connection, values) == 1


def rounds_of(connection: Connection, items: Sequence[Item]) -> dict[ItemId, int]:
    """Return the round that each item is before, or that has passed it as it is now.

    One that did not pass is free for another round, and so is one that was changed since.
    """
    passed = passed_items(connection, items)
    found: dict[ItemId, int] = {}
    for row in _ROUNDS_OF.rows(connection, [each.id for each in items]):
        state = RoundState(row.state)
        is_passed = state is RoundState.CLOSED and row.passed and row.item_id in passed
        if state not in ENDED or is_passed:
            found[ItemId(row.item_id)] = row.round_id
    return found


def passed_items(connection: Connection, items: Iterable[Item]) -> frozenset[ItemId]:
    """Return which items a closed round has passed with the content that they have now."""
    asked = {(each.id, each.content_hash): each.id for each in items}
    rows = _PASSED.rows(connection, [each for each, _ in asked])
    return frozenset(
        asked[row.item_id, row.content_hash]
        for row in rows
        if (row.item_id, row.content_hash) in asked
    )


def passing_rounds(connection: Connection, items: Iterable[Item]) -> list[int]:
    """Return the closed rounds that have passed any of ``items`` as they are given, in order."""
    asked = {(each.id, each.content_hash) for each in items}
    rows = _PASSED.rows(connection, [each for each, _ in asked])
    return sorted({row.round_id for row in rows if (row.item_id, row.content_hash) in asked})


def closings_of(connection: Connection, items: Iterable[ItemId]) -> dict[ItemId, list[datetime]]:
    """Return when rounds were closed that passed each of ``items``; nothing where none did."""
    found: dict[ItemId, list[datetime]] = defaultdict(list)
    for row in _CLOSINGS.rows(connection, items):
        found[ItemId(row.item_id)].append(read_required(row.ended_at))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCount:
    """How many members agreed to a nominee, of how many, and whether that was enough."""

    agree: int
    base: int
    passed: bool


def counts_of(connection: Connection, item: Item) -> dict[int, CaseCount]:
    """Return what the last closed round counted for each nominee of an item as it is now, by row.

    Nothing where no round has counted it so.
    """
    return {
        row.nominee: CaseCount(agree=row.agree, base=row.base, passed=bool(row.passed))
        for row in _COUNTS.rows(connection, [item.id])
        if row.content_hash == item.content_hash
    }


def is_before(connection: Connection, item: ItemId, person: PersonId) -> bool:
    """Return whether an item is, or was, before a council that somebody sits in."""
    return _BEFORE.one(connection, {"of_item": item, "of_person": person}) is not None
