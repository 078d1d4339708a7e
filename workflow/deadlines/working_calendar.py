"""The working calendar: which days are worked, and arithmetic over them.

Owns working days in the agency's time zone: the ``holidays`` library's Vietnamese calendar (lunar
holidays, in-lieu and swap days) with the corrections of ``definitions/calendars``, and over both
the days that the Office set. It must never read a clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import holidays
import orjson

from workflow import canonical
from workflow.definition import CalendarCorrection, CalendarCorrections
from workflow.model import Json

_SATURDAY = 5
_FAR = 4000
"""Days after which a search for a working day gives up; longer than any calendar keeps resting."""


class Roll(StrEnum):
    """Where a due day on a rest day goes."""

    PREVIOUS = "previous"
    NEXT = "next"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the calendar: whether it is worked, and why where the week says otherwise."""

    day: date
    is_working: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What the days are computed from, with what was computed: exchanged whole, never changed."""

    version: str | None
    office: tuple[CalendarCorrection, ...]
    corrections: Mapping[date, CalendarCorrection]
    terms: dict[int, str] = field(default_factory=dict)
    worked: dict[int, tuple[int, ...]] = field(default_factory=dict)
    shifted: dict[tuple[date, int], date] = field(default_factory=dict)
    dues: dict[tuple[date, int], datetime] = field(default_factory=dict)


class WorkingCalendar:
    """Working days and hours of one agency.

    The answers depend on the arguments, the corrections and what was last followed alone.
    """

    def __init__(self, corrections: CalendarCorrections, zone: ZoneInfo) -> None:
        self.zone = zone
        self.opens_at = time.fromisoformat(corrections.opens_at)
        self.closes_at = time.fromisoformat(corrections.closes_at)
        self.corrections = corrections
        # One attribute, assigned at once: the committer's thread and the event loop both read it.
        self._known = self._with((), "")

    def _with(self, office: tuple[CalendarCorrection, ...], version: str | None) -> _Basis:
        by_day = {each.day: each for each in (*self.corrections.corrections, *office)}
        return _Basis(version=version, office=office, corrections=by_day)

    @property
    def version(self) -> str | None:
        """Return the version of what it follows."""
        return self._known.version

    @property
    def office(self) -> tuple[CalendarCorrection, ...]:
        """Return the days that the Office set."""
        return self._known.office

    def follow(self, recorded: str | None, version: str | None) -> None:
        """Follow the days of the Office in the calendar that was recorded last (``terms``)."""
        self._known = self._with(office_days(recorded), version)

    def with_office(self, office: Sequence[CalendarCorrection]) -> "WorkingCalendar":
        """Return this calendar with other days of the Office."""
        found = WorkingCalendar(self.corrections, self.zone)
        ordered = tuple(sorted(office, key=lambda each: each.day))
        found._known = found._with(ordered, self.version)
        return found

    def is_working(self, day: date) -> bool:
        """Return whether ``day`` is worked."""
        corrected = self._known.corrections.get(day)
        return _is_working_by_law(day) if corrected is None else corrected.working

    def day(self, day: date) -> Day:
        """Return ``day`` with the reason where it is no ordinary one."""
        corrected = self._known.corrections.get(day)
        why = corrected.notice if corrected else _vietnam(day.year).get(day) or ""
        return Day(day=day, is_working=self.is_working(day), why=why)

    def has_notice(self, year: int) -> bool:
        """Return whether a notice about the rest days of ``year`` has been entered.

        Without one its swap days are only what the library knows.
        """
        return any(day.year == year for day in self._known.corrections)

    def terms(self, year: int) -> str:
        """Return the calendar of a year and the next as canonical JSON.

        Hours, days that are worked otherwise than the week says, every notice, and what of it
        the Office set.
        """
        known = self._known
        if year not in known.terms:
            first, last = date(year, 1, 1), date(year + 1, 12, 31)
            days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
            odd = [
                each for each in days if self.is_working(each) is not (each.weekday() < _SATURDAY)
            ]
            said: dict[str, Json] = {
                "zone": self.zone.key,
                "opens_at": self.opens_at.isoformat("minutes"),
                "closes_at": self.closes_at.isoformat("minutes"),
                "years": [year, year + 1],
                "rest_days": [str(each) for each in odd if each.weekday() < _SATURDAY],
                "work_days": [str(each) for each in odd if each.weekday() >= _SATURDAY],
                "notices": [_as_json(known.corrections[day]) for day in sorted(known.corrections)],
            }
            if known.office:
                said["office"] = [_as_json(each) for each in known.office]
            known.terms[year] = canonical.encode(said).decode()
        return known.terms[year]

    def shift(self, day: date, working_days: int) -> date:
        """Return the day so many working days after ``day``, or before it if negative."""
        key, shifted = (day, working_days), self._known.shifted
        if key not in shifted:
            shifted[key] = self._walk(day, working_days)
        return shifted[key]

    def between(self, first: date, last: date) -> int:
        """Return how many working days lie after ``first`` up to ``last`` inclusive.

        Negative if ``last`` is earlier.
        """
        if last < first:
            return -self.between(last, first)
        whole = sum(self._worked_in(year)[-1] for year in range(first.year, last.year))
        return whole + self._worked_by(last) - self._worked_by(first)

    def _worked_by(self, day: date) -> int:
        """Return how many days of its year are worked up to ``day``."""
        return self._worked_in(day.year)[day.timetuple().tm_yday]

    def _worked_in(self, year: int) -> Sequence[int]:
        """Return how many days of a year are worked up to each, none before the first."""
        worked = self._known.worked
        if year not in worked:
            first = date(year, 1, 1)
            days = (first + timedelta(days=offset) for offset in range(366))
            of_year = (self.is_working(each) for each in days if each.year == year)
            worked[year] = tuple(accumulate(of_year, initial=0))
        return worked[year]

    def roll(self, moment: datetime, mode: Roll) -> datetime:
        """Return ``moment`` moved to a working day by ``mode``, at the same local time, in UTC."""
        local = moment.astimezone(self.zone)
        if mode is Roll.NONE or self.is_working(local.date()):
            return moment.astimezone(UTC)
        day = self._walk(local.date(), -1 if mode is Roll.PREVIOUS else 1)
        return self.at(day, local.time())

    def at(self, day: date, local_time: time) -> datetime:
        """Return the instant of ``local_time`` on ``day``, in UTC."""
        return datetime.combine(day, local_time, self.zone).astimezone(UTC)

    def local_day(self, moment: datetime) -> date:
        """Return the local day of ``moment``."""
        return moment.astimezone(self.zone).date()

    def step_due(self, entered: datetime, working_days: int | None) -> datetime | None:
        """Return when a step entered at ``entered`` is due.

        Closing time of its last working day, or None if unlimited.
        """
        if working_days is None:
            return None
        key, dues = (self.local_day(entered), working_days), self._known.dues
        if key not in dues:
            dues[key] = self.at(self.shift(*key), self.closes_at)
        return dues[key]

    def next_opening(self, moment: datetime) -> datetime:
        """Return ``moment`` if it lies in working hours, else the next opening time, in UTC."""
        local = moment.astimezone(self.zone)
        if self.is_working(local.date()):
            if local.time() < self.opens_at:
                return self.at(local.date(), self.opens_at)
            if local.time() < self.closes_at:
                return moment.astimezone(UTC)
        return self.at(self._walk(local.date(), 1), self.opens_at)

    def _walk(self, day: date, working_days: int) -> date:
        direction = timedelta(days=1 if working_days > 0 else -1)
        left = abs(working_days)
        for _ in range(_FAR):
            if left == 0:
                return day
            day += direction
            left -= self.is_working(day)
        raise ValueError(
            f"no working day within {_FAR} days of {day}: check the corrections of the calendar"
        )


def office_days(recorded: str | None) -> tuple[CalendarCorrection, ...]:
    """Return the days that the Office set, as a recorded calendar (``terms``) has them."""
    found = orjson.loads(recorded).get("office", []) if recorded else []
    return tuple(
        CalendarCorrection(day=day, working=working, notice=notice)
        for day, working, notice in found
    )


def _as_json(correction: CalendarCorrection) -> list[Json]:
    return [str(correction.day), correction.working, correction.notice]


@lru_cache(maxsize=16384)
def _is_working_by_law(day: date) -> bool:
    return bool(_vietnam(day.year).is_working_day(day))


@lru_cache(maxsize=64)
def _vietnam(year: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - its type is not public
    return holidays.country_holidays("VN", years=[year - 1, year, year + 1], language="vi")
