"""Statements about deadlines, who has met them, and who put off being reminded.

The ledger of reminders is in ``reminder_ledger``.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import orjson
from sqlalchemy import (
    Column,
    Connection,
    bindparam,
    delete,
    exists,
    insert,
    literal_column,
    select,
    tuple_,
)

from workflow.deadlines import (
    Audience,
    Deadline,
    Obligation,
    Obligations,
    Rung,
    called,
)
from workflow.definition import ObligationStage
from workflow.messages import Message
from workflow.model import DepartmentId, ItemId, Json, PersonId, ReminderReason
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values, changed, update_row
from workflow.store.reminder_ledger import supersede_of_person

_deadlines = schema.deadlines.c
_DEADLINE = Mapper(
    Deadline,
    schema.deadlines,
    readers={"ladder": lambda text: tuple(_rung(**each) for each in orjson.loads(text))},
    without=("departments",),
)
_ALL = Prepared(select(*_DEADLINE.columns).order_by(_deadlines.id))
_VERSIONS = Prepared(select(_deadlines.id, _deadlines.version).order_by(_deadlines.id))
_DEPARTMENTS = Prepared(
    select(
        schema.deadline_departments.c.deadline_id, schema.deadline_departments.c.department
    ).order_by(schema.deadline_departments.c.department)
)
_INSERT = Prepared(insert(schema.deadlines).returning(_deadlines.id))
_UPDATE = update_row(
    schema.deadlines,
    known=("id", "version"),
    new=("due_at", "roll", "ladder", "planned_from", "version", "name", "data_until"),
)
_DROP_DEPARTMENTS = Prepared(
    delete(schema.deadline_departments).where(
        schema.deadline_departments.c.deadline_id == bindparam("of_deadline")
    )
)
_ADD_DEPARTMENTS = Prepared(insert(schema.deadline_departments))
_REPORTS_OF = Prepared(
    select(schema.items.c.id)
    .where(
        schema.items.c.campaign == bindparam("of_campaign"),
        schema.items.c.period == bindparam("of_kind"),
    )
    .order_by(schema.items.c.id)
)
_KINDS_OF = Prepared(
    select(_deadlines.kind, _deadlines.name, _deadlines.series, _deadlines.campaign).order_by(
        _deadlines.id
    )
)
_SNOOZES = Prepared(
    select(schema.snoozes.c.deadline_id, schema.snoozes.c.person, schema.snoozes.c.until_on)
)
_DROP_SNOOZE = Prepared(
    delete(schema.snoozes).where(
        schema.snoozes.c.deadline_id == bindparam("of_deadline"),
        schema.snoozes.c.person == bindparam("of_person"),
    )
)
_DROP_SNOOZES = Prepared(
    delete(schema.snoozes).where(schema.snoozes.c.until_on < bindparam("until_before"))
)
_ADD_SNOOZE = Prepared(insert(schema.snoozes))
_KEPT_AFTER = timedelta(days=90)
"""How long a snooze is kept after its end, for a clock that catches up with what it missed."""


def ladder_json(ladder: Iterable[Rung]) -> list[Json]:
    """Return a ladder as JSON: ``[{days, to: […], words?}]``."""
    return [
        {
            "days": rung.days,
            "to": [str(each) for each in rung.to],
            **({"words": rung.words} if rung.words else {}),
        }
        for rung in ladder
    ]


def all_deadlines(connection: Connection) -> list[Deadline]:
    """Return every deadline, by id. The Office sets a handful a year."""
    departments: dict[int, list[DepartmentId]] = {}
    for row in _DEPARTMENTS.rows(connection, {}):
        departments.setdefault(row.deadline_id, []).append(DepartmentId(row.department))
    return [
        _DEADLINE.read(row, departments=tuple(departments.get(row.id, ())))
        for row in _ALL.rows(connection, {})
    ]


def deadline_versions(connection: Connection) -> list[tuple[int, int]]:
    """Return id and version of every deadline: enough to know which have changed."""
    return [(row.id, row.version) for row in _VERSIONS.rows(connection, {})]


def find_deadline(connection: Connection, deadline_id: int) -> Deadline | None:
    """Return one deadline, or None."""
    return next((each for each in all_deadlines(connection) if each.id == deadline_id), None)


def insert_deadline(connection: Connection, values: Values, departments: Sequence[str]) -> int:
    """Insert a deadline with its departments and return its id."""
    deadline_id = int(_INSERT.scalar(connection, values))
    _ADD_DEPARTMENTS.many(
        connection, [{"deadline_id": deadline_id, "department": each} for each in departments]
    )
    return deadline_id


def update_deadline(
    connection: Connection, deadline: Deadline, values: Values, departments: Sequence[str]
) -> bool:
    """Change a deadline that is still at the version read; return whether it was."""
    old = {"id": deadline.id, "version": deadline.version}
    if _UPDATE.run(connection, changed(old, values)) != 1:
        return False
    _DROP_DEPARTMENTS.run(connection, {"of_deadline": deadline.id})
    _ADD_DEPARTMENTS.many(
        connection, [{"deadline_id": deadline.id, "department": each} for each in departments]
    )
    return True


State = tuple[str, str]
"""A state, by its definition's hash and its id there: elsewhere the same id may mean another
thing."""


def load_obligations(
    connection: Connection, stages: Mapping[State, ObligationStage], together: frozenset[str]
) -> Obligations:
    """Return which obligations of the deadlines set are met, and with whom the open ones lie.

    ``together``: the kinds that a department answers with several items, so that one that is not
    handed in leaves them open. Else the item that is furthest counts.
    """
    if not deadline_versions(connection):
        return Obligations(met=frozenset(), drafters={})
    of_stage = {
        stage: [each for each, its in stages.items() if its is stage] for stage in ObligationStage
    }
    drafters = _people(connection, of_stage[ObligationStage.DRAFTING], schema.items.c.author)
    awaiting: dict[Obligation, tuple[PersonId, ...]] = _people(
        connection, of_stage[ObligationStage.AWAITING_APPROVAL], schema.holders.c.person
    )
    unfinished = {each for each in (*drafters, *awaiting) if each[1] in together}
    met = _handed_in(connection, of_stage[ObligationStage.HANDED_IN])
    return Obligations(
        met=frozenset(met - unfinished),
        drafters={
            each: people
            for each, people in drafters.items()
            if each in unfinished or each not in awaiting
        },
        awaiting=awaiting,
    )


def _handed_in(connection: Connection, states: Sequence[State]) -> set[Obligation]:
    """Return what some item in ``states`` answers; each obligation is looked up by its index."""
    items, departments = schema.items.c, schema.deadline_departments.c
    is_answered = exists().where(
        items.campaign == _deadlines.campaign,
        items.period == _deadlines.kind,
        items.department == departments.department,
        tuple_(items.definition_hash, items.state).in_(states),
    )
    found = (
        select(_deadlines.campaign, _deadlines.kind, departments.department)
        .join_from(schema.deadlines, schema.deadline_departments)
        .where(is_answered)
    )
    return {
        (campaign, kind, DepartmentId(department))
        for campaign, kind, department in connection.execute(found)
    }


def _people(
    connection: Connection, states: Sequence[State], person: Column[int]
) -> dict[Obligation, tuple[PersonId, ...]]:
    """Return who has the items in ``states`` that answer deadlines: author, or (none) holders."""
    items = schema.items
    answering = (
        # By the index of states, which are those of few items: a campaign has them of years.
        (items.c.campaign + literal_column("''")).in_(select(_deadlines.campaign)),
        items.c.period.is_not(None),
        items.c.state.in_({state for _, state in states}),
        tuple_(items.c.definition_hash, items.c.state).in_(states),
    )
    found = (
        select(items.c.campaign, items.c.period, items.c.department, person)
        .select_from(items.join(schema.holders, isouter=True))
        .where(*answering)
        .distinct()
        .order_by(person)
    )
    people: dict[Obligation, tuple[PersonId, ...]] = {}
    for campaign, kind, department, who in connection.execute(found):
        of: Obligation = (campaign, kind, DepartmentId(department))
        people[of] = (*people.get(of, ()), *([] if who is None else [PersonId(who)]))
    return people


def kinds_called(connection: Connection, campaign: str | None = None) -> dict[str, Message]:
    """Return the kinds of deadline set, in a campaign or in all, and what the Office calls them."""
    rows = _KINDS_OF.rows(connection, {})
    return {
        row.kind: called(row.kind, row.name, row.series)
        for row in rows
        if campaign is None or row.campaign == campaign
    }


def snoozes(connection: Connection) -> dict[tuple[int, PersonId], date]:
    """Return who has put off being reminded of which deadline, and until which day."""
    return {
        (row.deadline_id, PersonId(row.person)): date.fromisoformat(row.until_on)
        for row in _SNOOZES.rows(connection, {})
    }


def put_snooze(
    connection: Connection, deadline_id: int, person: PersonId, until: date | None, *, today: date
) -> None:
    """Put off a person's reminders of before the due day until ``until``, or no longer (None).

    Snoozes that ended long ago go.
    """
    _DROP_SNOOZES.run(connection, {"until_before": (today - _KEPT_AFTER).isoformat()})
    of = {"of_deadline": deadline_id, "of_person": person}
    _DROP_SNOOZE.run(connection, of)
    if until is not None:
        _ADD_SNOOZE.run(
            connection,
            {"person": person, "deadline_id": deadline_id, "until_on": until.isoformat()},
        )
        supersede_of_person(
            connection, deadline_id, person, f"{ReminderReason.SNOOZED} {until.isoformat()}"
        )


def reports_of(connection: Connection, campaign: str, kind: str) -> list[ItemId]:
    """Return the items that answer deadlines of ``kind`` in a campaign, oldest first."""
    return [
        ItemId(row.id)
        for row in _REPORTS_OF.rows(connection, {"of_campaign": campaign, "of_kind": kind})
    ]


def _rung(days: int, to: Sequence[str], words: str = "") -> Rung:
    return Rung(days=days, to=tuple(map(Audience, to)), words=words)
