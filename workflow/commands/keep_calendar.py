"""Record the working calendar by which the program computes due days, where it is another one.

That a file or a year brought; what the Office sets is ``change_calendar``'s.

Owns what the history says of it: hours, and each day of this year and the next that is worked
otherwise than the week says, so that who judges what was late needs no file and no library. The
notices behind the days stand in the setting, to which the entry commits.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import orjson
from sqlalchemy import Connection

from workflow import canonical
from workflow.command import MACHINE, Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.commands.recording import record_by
from workflow.context import CALENDAR, Context
from workflow.deadlines import office_days
from workflow.history.agency_payloads import CalendarSet
from workflow.model import Via
from workflow.store import definitions


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCalendar(Upkeep[bool]):
    """Record the calendar of this process; False where it is the one recorded last."""

    is_repeatable: ClassVar[bool] = True
    contends_for: ClassVar[str] = "setup"


def is_calendar_recorded(context: Context, connection: Connection) -> bool:
    """Return whether the calendar of this process is the one recorded last."""
    recorded = definitions.setting(connection, CALENDAR)
    return recorded == _text(context, recorded)


def keep_calendar(transaction: Transaction, _command: KeepCalendar) -> bool:
    """Record; a new year alone is the clock's, any other change comes from a file."""
    connection = transaction.connection
    before = definitions.locked_setting(connection, CALENDAR)
    text = _text(transaction.context, before)
    if before == text:
        return False
    definitions.put_setting(connection, CALENDAR, text)
    terms = orjson.loads(text)
    was = orjson.loads(before) if before else {}
    is_new_year = was.get("years") != terms["years"] and _by_hand(was) == _by_hand(terms)
    identity = f"calendar:{transaction.context.entropy(8).hex()}"
    cause = replace(MACHINE, via=Via.CLOCK if is_new_year else Via.CLI, command_id=identity)
    record_by(transaction, cause, "agency", calendar_set(text))
    return True


def calendar_set(text: str, *, day: str = "") -> CalendarSet:
    """Return what the history says of a calendar (``terms``); ``day``: the one that was set."""
    terms = orjson.loads(text)
    return CalendarSet(
        hash=canonical.digest(text),
        zone=terms["zone"],
        opens_at=terms["opens_at"],
        closes_at=terms["closes_at"],
        years=tuple(terms["years"]),
        rest_days=tuple(terms["rest_days"]),
        work_days=tuple(terms["work_days"]),
        day=day,
    )


def _text(context: Context, recorded: str | None) -> str:
    calendar = context.calendar.with_office(office_days(recorded))
    return calendar.terms(calendar.local_day(context.clock()).year)


def _by_hand(terms: dict[str, object]) -> list[object]:
    return [terms.get(each) for each in ("zone", "opens_at", "closes_at", "notices")]


USE_CASES: UseCases = {KeepCalendar: one_by_one(KeepCalendar, keep_calendar)}
