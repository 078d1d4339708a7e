"""Statements about deadlines, obligations and the ledger of reminders.

Owns the ledger's one promise: (deadline, rung, person, due day) stands in it once, whoever plans it and however often.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, literal_column, select, update

from workflow.deadlines import (
    Audience,
    Deadline,
    Obligation,
    Obligations,
    PlannedReminder,
    Rung,
    called,
)
from workflow.messages import Message
from workflow.model import DepartmentId, ItemId, Json, PersonId, ReminderState
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values

_deadlines = schema.deadlines.c
_reminders = schema.reminders.c
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
_UPDATE = Prepared(
    update(schema.deadlines)
    .where(_deadlines.id == bindparam("old_id"), _deadlines.version == bindparam("old_version"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "due_at",
                "roll",
                "ladder",
                "planned_from",
                "version",
                "name",
                "data_until",
            )
        }
    )
)
_DROP_DEPARTMENTS = Prepared(
    delete(schema.deadline_departments).where(
        schema.deadline_departments.c.deadline_id == bindparam("of_deadline")
    )
)
_ADD_DEPARTMENTS = Prepared(insert(schema.deadline_departments))
_KEYS = ByKeys(
    select(_reminders.deadline_id, _reminders.rung, _reminders.person, _reminders.due_on),
    _reminders.deadline_id,
)
_ADD_REMINDER = Prepared(insert(schema.reminders))
_SUPERSEDE = Prepared(
    update(schema.reminders)
    .where(
        _reminders.deadline_id == bindparam("of_deadline"),
        _reminders.state == ReminderState.PLANNED.value,
    )
    .values(state=ReminderState.SUPERSEDED.value, reason=bindparam("why"))
)
_SUPERSEDE_MET = Prepared(
    update(schema.reminders)
    .where(
        _reminders.state == ReminderState.PLANNED.value,
        _reminders.departments == bindparam("of_department"),
        _reminders.deadline_id.in_(
            select(_deadlines.id).where(
                _deadlines.campaign == bindparam("of_campaign"),
                _deadlines.kind == bindparam("of_kind"),
            )
        ),
    )
    .values(state=ReminderState.SUPERSEDED.value, reason=bindparam("why"))
)
_SETTLE = Prepared(
    update(schema.reminders)
    .where(
        _reminders.outbox_id == bindparam("of_outbox"),
        _reminders.state == ReminderState.PLANNED.value,
    )
    .values(state=bindparam("new_state"), reason=bindparam("why"))
)
_PLAN_AGAIN = Prepared(
    update(schema.reminders)
    .where(
        _reminders.outbox_id == bindparam("of_outbox"),
        _reminders.state == ReminderState.FAILED.value,
    )
    .values(state=ReminderState.PLANNED.value, reason=bindparam("why"))
)
_SETTLE_SENT = Prepared(
    update(schema.reminders)
    .where(
        _reminders.outbox_id == bindparam("of_outbox"),
        _reminders.state == ReminderState.PLANNED.value,
    )
    .values(state=ReminderState.SENT.value)
)
_SUPERSEDE_ONE = Prepared(
    update(schema.reminders)
    .where(_reminders.id == bindparam("old_id"), _reminders.state == ReminderState.PLANNED.value)
    .values(state=ReminderState.SUPERSEDED.value, reason=bindparam("why"))
)
_REPORTS_OF = Prepared(
    select(schema.items.c.id)
    .where(
        schema.items.c.campaign == bindparam("of_campaign"),
        schema.items.c.period == bindparam("of_kind"),
    )
    .order_by(schema.items.c.id)
)
_REPORTS = Prepared(
    select(
        schema.items.c.campaign,
        schema.items.c.period,
        schema.items.c.department,
        schema.items.c.definition_hash,
        schema.items.c.state,
        schema.items.c.author,
    )
    .where(
        schema.items.c.campaign.in_(select(schema.deadlines.c.campaign)),
        schema.items.c.period.is_not(None),
    )
    .distinct()
)
_KINDS_OF = Prepared(
    select(_deadlines.kind, _deadlines.name, _deadlines.campaign).order_by(_deadlines.id)
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
_SUPERSEDE_OF_PERSON = Prepared(
    update(schema.reminders)
    .where(
        _reminders.deadline_id == bindparam("of_deadline"),
        _reminders.person == bindparam("of_person"),
        _reminders.rung < literal_column("0"),
        _reminders.state == ReminderState.PLANNED.value,
    )
    .values(state=ReminderState.SUPERSEDED.value, reason=bindparam("why"))
)

_KEPT_AFTER = timedelta(days=90)
"""How long a snooze is kept after its end, for a clock that catches up with what it missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One reminder that came due: to whom, when, what became of it."""

    id: int
    deadline: int
    rung: int
    person: PersonId
    due_on: str
    departments: tuple[DepartmentId, ...]
    at: datetime
    state: ReminderState
    reason: str
    message_id: str | None
    outbox_state: str | None


_LEDGER_ROW = Mapper(
    LedgerRow,
    schema.reminders,
    named={
        "deadline": _reminders.deadline_id,
        "message_id": schema.outbox.c.message_id,
        "outbox_state": schema.outbox.c.state,
    },
    readers={
        "departments": lambda text: tuple(DepartmentId(each) for each in text.split(",") if each)
    },
)
_LEDGER = Prepared(
    select(*_LEDGER_ROW.columns)
    .select_from(
        schema.reminders.outerjoin(schema.outbox, schema.outbox.c.id == _reminders.outbox_id)
    )
    .where(_reminders.id > bindparam("after"))
    .order_by(_reminders.id)
    .limit(bindparam("count"))
)
_BY_OUTBOX = ByKeys(
    select(*_LEDGER_ROW.columns).select_from(
        schema.reminders.outerjoin(schema.outbox, schema.outbox.c.id == _reminders.outbox_id)
    ),
    _reminders.outbox_id,
)


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
    changes = {f"new_{name}": value for name, value in values.items()}
    if (
        _UPDATE.run(connection, {**changes, "old_id": deadline.id, "old_version": deadline.version})
        != 1
    ):
        return False
    _DROP_DEPARTMENTS.run(connection, {"of_deadline": deadline.id})
    _ADD_DEPARTMENTS.many(
        connection, [{"deadline_id": deadline.id, "department": each} for each in departments]
    )
    return True


State = tuple[str, str]
"""A state, by the hash of its definition and its id there: the same id may mean another thing elsewhere."""


def load_obligations(
    connection: Connection,
    handed_in: frozenset[State],
    given_up: frozenset[State],
    together: frozenset[str],
) -> Obligations:
    """Return which obligations are met, and who drafts the open ones.

    ``handed_in``: states of a report that fulfil it. ``given_up``: states whose author drafts no more. ``together``:
    the kinds that a department answers with several items, so that one still being drafted leaves them open.
    """
    met: set[Obligation] = set()
    drafters: dict[Obligation, tuple[PersonId, ...]] = {}
    for campaign, period, department, definition, state, author in _REPORTS.rows(connection, {}):
        obligation: Obligation = (campaign, period, DepartmentId(department))
        if (definition, state) in handed_in:
            met.add(obligation)
        elif (definition, state) not in given_up:
            drafters[obligation] = tuple(
                dict.fromkeys((*drafters.get(obligation, ()), PersonId(author)))
            )
    unfinished = {each for each in drafters if each[1] in together}
    return Obligations(met=frozenset(met - unfinished), drafters=drafters)


def kinds_called(connection: Connection, campaign: str | None = None) -> dict[str, Message]:
    """Return the kinds of deadline that the Office has set, in a campaign or in all, and what it calls them."""
    rows = _KINDS_OF.rows(connection, {})
    return {
        row.kind: called(row.kind, row.name)
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
    """Put off a person's reminders before the due day until ``until``, or no longer (None). Those that ended long ago go."""
    _DROP_SNOOZES.run(connection, {"until_before": (today - _KEPT_AFTER).isoformat()})
    of = {"of_deadline": deadline_id, "of_person": person}
    _DROP_SNOOZE.run(connection, of)
    if until is not None:
        _ADD_SNOOZE.run(
            connection,
            {"person": person, "deadline_id": deadline_id, "until_on": until.isoformat()},
        )
        _SUPERSEDE_OF_PERSON.run(
            connection, {**of, "why": f"Người nhận hoãn nhắc đến {until:%d/%m/%Y}."}
        )


def reports_of(connection: Connection, campaign: str, kind: str) -> list[ItemId]:
    """Return the items that answer deadlines of ``kind`` in a campaign, oldest first."""
    return [
        ItemId(row.id)
        for row in _REPORTS_OF.rows(connection, {"of_campaign": campaign, "of_kind": kind})
    ]


def ledger(connection: Connection, page: int = 5000) -> list[LedgerRow]:
    """Return the whole ledger, in order; it is read in pages."""
    found: list[LedgerRow] = []
    while rows := _LEDGER.rows(connection, {"after": found[-1].id if found else 0, "count": page}):
        found += [_LEDGER_ROW.read(row) for row in rows]
    return found


def ledger_by_outbox(connection: Connection, outbox_ids: Iterable[int]) -> list[LedgerRow]:
    """Return the reminders that those messages carry."""
    return [_LEDGER_ROW.read(row) for row in _BY_OUTBOX.rows(connection, outbox_ids)]


def ledger_keys(
    connection: Connection, deadline_ids: Iterable[int]
) -> set[tuple[int, int, int, str]]:
    """Return the keys that stand in the ledger for those deadlines."""
    return {
        (row.deadline_id, row.rung, row.person, row.due_on)
        for row in _KEYS.rows(connection, deadline_ids)
    }


def add_reminders(
    connection: Connection,
    reminders: Sequence[PlannedReminder],
    *,
    state: ReminderState,
    reason: str,
    outbox_id: int | None,
) -> None:
    """Add reminders to the ledger in ``state``; ``outbox_id`` is the message that carries them."""
    _ADD_REMINDER.many(
        connection,
        [
            {
                "deadline_id": each.deadline,
                "rung": each.rung,
                "person": each.person,
                "due_on": each.due_on,
                "departments": ",".join(each.departments),
                "at": written(each.at),
                "state": state.value,
                "reason": reason,
                "outbox_id": outbox_id,
            }
            for each in reminders
        ],
    )


def supersede_deadline(connection: Connection, deadline_id: int, why: str) -> None:
    """Mark what is planned and unsent for a deadline as overtaken."""
    _SUPERSEDE.run(connection, {"of_deadline": deadline_id, "why": why})


def supersede_met(connection: Connection, met: Iterable[Obligation], why: str) -> None:
    """Mark what is planned and unsent for obligations that have just been met as overtaken."""
    rows = [
        {"of_campaign": campaign, "of_kind": kind, "of_department": department, "why": why}
        for campaign, kind, department in met
    ]
    _SUPERSEDE_MET.many(connection, rows)


def supersede_reminder(connection: Connection, reminder_id: int, why: str) -> None:
    """Mark one planned reminder as overtaken."""
    _SUPERSEDE_ONE.run(connection, {"old_id": reminder_id, "why": why})


def settle_sent(connection: Connection, outbox_id: int) -> None:
    """Note that the message of these reminders was sent; why they went stays."""
    _SETTLE_SENT.run(connection, {"of_outbox": outbox_id})


def plan_again(connection: Connection, outbox_id: int, *, why: str) -> None:
    """Give the failed reminders of a message that is sent again back their plan."""
    _PLAN_AGAIN.run(connection, {"of_outbox": outbox_id, "why": why})


def settle_reminders(
    connection: Connection, outbox_id: int, *, state: ReminderState, why: str
) -> None:
    """Give the planned reminders of a message that did not go the message's end: superseded or failed, and why."""
    _SETTLE.run(connection, {"of_outbox": outbox_id, "new_state": state.value, "why": why})


def _rung(days: int, to: Sequence[str], words: str = "") -> Rung:
    return Rung(days=days, to=tuple(map(Audience, to)), words=words)
