"""Deadlines: the working calendar, ladders, and the plan of reminders."""

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
    "REMINDS_AT",
    "RUNG_PLACES",
    "Audience",
    "Day",
    "Deadline",
    "Obligation",
    "Obligations",
    "PlannedReminder",
    "Roll",
    "Rung",
    "WorkingCalendar",
    "plan",
    "recipients_of",
    "rung_instant",
    "split_due",
]
