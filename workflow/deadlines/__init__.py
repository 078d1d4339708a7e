"""Deadlines: the working calendar, ladders, and the plan of reminders."""

from workflow.deadlines.backplan import FEWEST, Forecast, LatestDay, Spell, Step, backwards, forecast, spell_of
from workflow.deadlines.calendar import Day, Roll, WorkingCalendar
from workflow.deadlines.planning import (
    DEFAULT_LADDER,
    REMINDS_AT,
    RUNG_PLACES,
    Audience,
    Deadline,
    Obligation,
    Obligations,
    PlannedReminder,
    Rung,
    plan,
    recipients_of,
    rung_instant,
    split_due,
)

__all__ = [
    "DEFAULT_LADDER",
    "FEWEST",
    "REMINDS_AT",
    "RUNG_PLACES",
    "Audience",
    "Day",
    "Deadline",
    "Forecast",
    "LatestDay",
    "Obligation",
    "Obligations",
    "PlannedReminder",
    "Roll",
    "Rung",
    "Spell",
    "Step",
    "WorkingCalendar",
    "backwards",
    "forecast",
    "plan",
    "recipients_of",
    "rung_instant",
    "spell_of",
    "split_due",
]
