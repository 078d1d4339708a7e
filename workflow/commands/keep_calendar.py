"""Record the working calendar by which the program computes due days, where it is another one.

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
from workflow.context import Context
from workflow.history.agency_payloads import CalendarSet
from workflow.model import Via
from workflow.store import definitions

CALENDAR = "calendar"
"""Setting: the working calendar as it was recorded last, as canonical JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCalendar(Upkeep[bool]):
    """Record the calendar of this process; False where it is the one recorded last."""

    is_repeatable: ClassVar[bool] = True
    contends_for: ClassVar[str] = "setup"


def is_calendar_recorded(context: Context, connection: Connection) -> bool:
    """Return whether the calendar of this process is the one recorded last."""
    return definitions.setting(connection, CALENDAR) == _text(context)


def keep_calendar(transaction: Transaction, _command: KeepCalendar) -> bool:
    """Record; a new year alone is the clock's, any other change comes from a file."""
    connection, text = transaction.connection, _text(transaction.context)
    before = definitions.locked_setting(connection, CALENDAR)
    if before == text:
        return False
    definitions.put_setting(connection, CALENDAR, text)
    terms = orjson.loads(text)
    was = orjson.loads(before) if before else {}
    is_new_year = was.get("years") != terms["years"] and _by_hand(was) == _by_hand(terms)
    payload = CalendarSet(
        hash=canonical.digest(text),
        zone=terms["zone"],
        opens_at=terms["opens_at"],
        closes_at=terms["closes_at"],
        years=tuple(terms["years"]),
        rest_days=tuple(terms["rest_days"]),
        work_days=tuple(terms["work_days"]),
    )
    identity = f"calendar:{transaction.context.entropy(8).hex()}"
    cause = replace(MACHINE, via=Via.CLOCK if is_new_year else Via.CLI, command_id=identity)
    record_by(transaction, cause, "agency", payload)
    return True


def _text(context: Context) -> str:
    return context.calendar.terms(context.calendar.local_day(context.clock()).year)


def _by_hand(terms: dict[str, object]) -> list[object]:
    return [terms.get(each) for each in ("zone", "opens_at", "closes_at", "notices")]


USE_CASES: UseCases = {KeepCalendar: one_by_one(KeepCalendar, keep_calendar)}
