"""Days and hours as pages write them, in the agency's time zone and the reader's language.

Owns their forms; it holds no clock, and an instant that is None is written as nothing.
"""

from collections.abc import Callable
from datetime import date, datetime

from api.composition import Application
from notifications.mail_context import days_left
from notifications.translation import translate


def day_text(day: date | str) -> str:
    """Return a day, or what ISO 8601 says of it, as dd/MM/yyyy."""
    return (date.fromisoformat(day) if isinstance(day, str) else day).strftime("%d/%m/%Y")


def hour_and_day(parts: Application, moment: datetime | None) -> str:
    """Return an instant as ``HH:MM ngày dd/MM/yyyy``, local."""
    if moment is None:
        return ""
    return moment.astimezone(parts.context.calendar.zone).strftime(translate("%H:%M on %d/%m/%Y"))


def day_writer(parts: Application) -> Callable[[datetime | None], str]:
    """Return a function that writes the local day of an instant as dd/MM/yyyy."""
    zone = parts.context.calendar.zone

    def day(moment: datetime | None) -> str:
        return "" if moment is None else day_text(moment.astimezone(zone))

    return day


def due_writer(parts: Application) -> Callable[[datetime | None], str]:
    """Return a function that says how far a due instant is, in working days."""
    calendar, now = parts.context.calendar, parts.clock.now()

    def due(moment: datetime | None) -> str:
        return "" if moment is None else days_left(calendar, now, moment)

    return due


def document_day(day: date) -> str:
    """Return a date as a document writes it.

    Days below 10 and the months 1 and 2 have a leading zero (NĐ 30/2020, Phụ lục I, mục II.4).
    """
    month = f"{day.month:02d}" if day.month in {1, 2} else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"
