"""Statements about the ledger of reminders.

Owns its one promise: (deadline, rung, person, due day) stands in it once, whoever plans it and
however often.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, insert, literal_column, select, update

from workflow.deadlines import Obligation, PlannedReminder
from workflow.model import DepartmentId, PersonId, ReminderState
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared

_deadlines = schema.deadlines.c
_reminders = schema.reminders.c
_KEYS = ByKeys(
    select(_reminders.deadline_id, _reminders.rung, _reminders.person, _reminders.due_on),
    _reminders.deadline_id,
)
_ADD_REMINDER = Prepared(insert(schema.reminders))
_OF_DEADLINE = _reminders.deadline_id == bindparam("of_deadline")
_OF_MESSAGE = _reminders.outbox_id == bindparam("of_outbox")
_MET = select(_deadlines.id).where(
    _deadlines.campaign == bindparam("of_campaign"), _deadlines.kind == bindparam("of_kind")
)


def _move(before: ReminderState, *which: ColumnElement[bool], **values: object) -> Prepared:
    """Return the update of reminders that are still in the state ``before``."""
    return Prepared(
        update(schema.reminders).where(*which, _reminders.state == before.value).values(**values)
    )


def _supersede(*which: ColumnElement[bool]) -> Prepared:
    """Return the update that marks what is planned as overtaken, and why."""
    state = ReminderState.SUPERSEDED.value
    return _move(ReminderState.PLANNED, *which, state=state, reason=bindparam("why"))


_SUPERSEDE = _supersede(_OF_DEADLINE)
_SUPERSEDE_MET = _supersede(
    _reminders.departments == bindparam("of_department"), _reminders.deadline_id.in_(_MET)
)
_SUPERSEDE_ONE = _supersede(_reminders.id == bindparam("old_id"))
_SUPERSEDE_OF_PERSON = _supersede(
    _OF_DEADLINE, _reminders.person == bindparam("of_person"), _reminders.rung < literal_column("0")
)
_SETTLE = _move(
    ReminderState.PLANNED, _OF_MESSAGE, state=bindparam("new_state"), reason=bindparam("why")
)
_SETTLE_SENT = _move(ReminderState.PLANNED, _OF_MESSAGE, state=ReminderState.SENT.value)
_PLAN_AGAIN = _move(
    ReminderState.FAILED,
    _OF_MESSAGE,
    state=ReminderState.PLANNED.value,
    reason=bindparam("why"),
)


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
    """A ReminderReason, with a detail after a space where it has one."""
    outbox_id: int | None
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
_ROWS = select(*_LEDGER_ROW.columns).select_from(
    schema.reminders.outerjoin(schema.outbox, schema.outbox.c.id == _reminders.outbox_id)
)
_LEDGER = Prepared(
    _ROWS.where(_reminders.id > bindparam("after"))
    .order_by(_reminders.id)
    .limit(bindparam("count"))
)
_BY_OUTBOX = ByKeys(_ROWS, _reminders.outbox_id)


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
    messages: Mapping[PersonId, int],
) -> None:
    """Add reminders to the ledger in ``state``; ``messages`` carry those of each person."""
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
                "outbox_id": messages.get(each.person),
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


def supersede_of_person(
    connection: Connection, deadline_id: int, person: PersonId, why: str
) -> None:
    """Mark a person's planned reminders of before the due day as overtaken."""
    _SUPERSEDE_OF_PERSON.run(
        connection, {"of_deadline": deadline_id, "of_person": person, "why": why}
    )


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
    """Settle the reminders of a message that did not go: superseded or failed, and why."""
    _SETTLE.run(connection, {"of_outbox": outbox_id, "new_state": state.value, "why": why})
