"""Days and hours as pages write and read them, in the agency's time zone and the reader's language.

Owns their forms; it holds no clock, and an instant that is None is written as nothing. What people
type (15/6/2022, 9:30) becomes ISO 8601 here; what is neither stays as typed, for whoever judges it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from api.composition import Application
from notifications import days_in_words
from notifications.mail_context import days_left, short_rung_words
from notifications.translation import translate
from workflow import values
from workflow.errors import InvalidRefusal, reason
from workflow.messages import lazy

day_text = days_in_words.day_text
_TYPED_DAY = re.compile(r"\s*([0-9]{1,2})\s*[/.-]\s*([0-9]{1,2})\s*[/.-]\s*([0-9]{4})\s*")
_TYPED_TIME = re.compile(r"\s*([0-9]{1,2})\s*(?:[:hg]|giờ)\s*([0-9]{2})?\s*(?:phút)?\s*")
_WEEKDAYS = (
    lazy("Monday"),
    lazy("Tuesday"),
    lazy("Wednesday"),
    lazy("Thursday"),
    lazy("Friday"),
    lazy("Saturday"),
    lazy("Sunday"),
)
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SOON, _LONG = 1, 10
"""Working days: due within so many is soon, late by more is long."""


@dataclass(frozen=True, slots=True)
class DueMark:
    """How far a due instant is in working days, as short as a row of a list says it, and its look.

    ``tone``: soft, soon, late or overdue, which is late for long; ``late``: the days that it has
    been due for. No words of no instant.
    """

    words: str
    tone: str = "soft"
    late: int = 0


def iso_day(typed: str) -> str:
    """Return a day typed as d/M/yyyy in ISO 8601; anything else as it was typed."""
    found = _TYPED_DAY.fullmatch(typed)
    if found is None:
        return typed.strip()
    day, month, year = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


def iso_time(typed: str) -> str:
    """Return a time of day typed as H:mm, 9h30 or 17 giờ as HH:MM, else as it was typed."""
    found = _TYPED_TIME.fullmatch(typed)
    return f"{found[1]:0>2}:{found[2] or '00'}" if found else typed.strip()


def iso_minute(typed: str) -> str:
    """Return a day and a time typed in either order as YYYY-MM-DDTHH:MM; else as it was typed."""
    words = typed.split()
    if len(words) != 2:  # noqa: PLR2004 - a day and a time
        return typed.strip()
    day, time = sorted(words, key=lambda each: ":" in each)
    return f"{iso_day(day)}T{iso_time(time)}"


def past_moment(parts: Application, at: str) -> datetime:
    """Return the moment that ``at`` names; the future is now. Raises InvalidRefusal.

    Local, ``dd/MM/yyyy HH:mm`` or ``YYYY-MM-DDTHH:MM``: the end of that minute, for what the
    history tells of it has then happened; of a day alone, its end.
    """
    wanted = iso_minute(at)
    day, _, time = wanted.partition("T") if "T" in wanted else (iso_day(wanted), "", "23:59")
    local = values.local_instant(day, time)
    known = (
        local.replace(second=59, microsecond=999_999, tzinfo=parts.context.calendar.zone)
        if local is not None
        else values.instant(at)
    )
    if known is None:
        raise InvalidRefusal(reason("at", "Write a day and a time, for example 15/06/2022 17:00."))
    return min(known, parts.clock.now())


def typed_day(day: str | None) -> str:
    """Return a day in ISO 8601 as people type it; what they typed comes back as it was."""
    return day_text(day) if day and _is_day(day) else day or ""


def _is_day(text: str) -> bool:
    return bool(_ISO_DAY.fullmatch(text)) and values.day(text) is not None


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


def short_day_writer(parts: Application) -> Callable[[datetime | None], str]:
    """Return a function that writes the local day of an instant as a row does.

    dd/MM in this year, dd/MM/yyyy in any other.
    """
    zone = parts.context.calendar.zone
    year = parts.clock.now().astimezone(zone).year

    def day(moment: datetime | None) -> str:
        on = moment.astimezone(zone) if moment is not None else None
        return "" if on is None else on.strftime("%d/%m" if on.year == year else "%d/%m/%Y")

    return day


def age_writer(parts: Application) -> Callable[[datetime], str]:
    """Return a function that says how many days of the calendar have begun since an instant."""
    zone, now = parts.context.calendar.zone, parts.clock.now()

    def age(since: datetime) -> str:
        days = (now.astimezone(zone).date() - since.astimezone(zone).date()).days
        if not days:
            return translate("New today")
        return translate("For {count} day", "For {count} days", count=days)

    return age


def due_writer(parts: Application) -> Callable[[datetime | None], str]:
    """Return a function that says how far a due instant is, in working days."""
    calendar, now = parts.context.calendar, parts.clock.now()

    def due(moment: datetime | None) -> str:
        return "" if moment is None else days_left(calendar, now, moment)

    return due


def short_due_writer(parts: Application) -> Callable[[datetime | None], str]:
    """Return a function that says the same as short as a row has room for, capitalised."""
    calendar, now = parts.context.calendar, parts.clock.now()

    def due(moment: datetime | None) -> str:
        said = "" if moment is None else days_left(calendar, now, moment, short_rung_words)
        said = translate("due today") if said == translate("today") else said
        return said[:1].upper() + said[1:]

    return due


def due_marker(parts: Application) -> Callable[[datetime | None], DueMark]:
    """Return a function that says how far a due instant is, and how that looks."""
    calendar, now = parts.context.calendar, parts.clock.now()
    words = short_due_writer(parts)

    def mark(moment: datetime | None) -> DueMark:
        if moment is None:
            return DueMark("")
        days = calendar.between(calendar.local_day(now), calendar.local_day(moment))
        if moment < now:
            return DueMark(words(moment), "overdue" if days < -_LONG else "late", -days)
        return DueMark(words(moment), "soon" if days <= _SOON else "soft")

    return mark


def document_day(day: date) -> str:
    """Return a date as a document writes it.

    Days below 10 and the months 1 and 2 have a leading zero (NĐ 30/2020, Phụ lục I, mục II.4).
    """
    month = f"{day.month:02d}" if day.month in {1, 2} else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def weekday_name(day: date) -> str:
    """Return what the day of the week is called."""
    return translate(_WEEKDAYS[day.weekday()])
