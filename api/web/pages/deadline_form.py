"""What a form says of a deadline: its terms, the rungs of its ladder, its series."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from api.web.dates import iso_day, iso_time
from workflow.context import searchable
from workflow.deadlines import (
    DEFAULT_LADDER,
    MOST_OCCURRENCES,
    Audience,
    Deadline,
    Every,
    Repeats,
    Roll,
    Rung,
)
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.lookups.deadline_terms import DeadlineTerms
from workflow.model import DepartmentId
from workflow.values import day, local_instant

OTHER_KIND = "other"
_RUNG_LINES = 8
_WHOLE = re.compile(r"[-+]?[0-9]{1,3}")
_UNFIT = re.compile(r"[^a-z0-9]+")
_KIND_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RungLine:
    """A line of the ladder in the form: a rung, or one half typed, or room for another."""

    days: str = ""
    to: Sequence[str] = ()
    words: str = ""


FIELDS: Final = {
    "due_at": "due_day",
    "due_time": "due_time",
    "roll": "roll",
    "kind": "kind-interim",
    "name": "name",
    "campaign": "campaign",
    "departments": "departments",
    "data_until": "data_until",
    "ladder": "rung-0",
    "repeats": "times",
}
"""The id of the field that each rule of a deadline is about."""


def read_terms(
    form: FormData, zone: ZoneInfo, before: Deadline | None
) -> tuple[DeadlineTerms, Repeats | None]:
    """Return terms and series as typed; campaign, kind and series stay ``before``'s.

    Raises InvalidRefusal with all that is wrong.
    """
    problems: list[Reason] = []
    local = _read_due(form, problems)
    kind, name = (before.kind, before.name) if before else _read_kind(form)
    if not kind:
        problems.append(
            reason("kind", "Choose the kind of report; for another kind, write its name.")
        )
    departments = tuple(DepartmentId(str(each)) for each in form.getlist("departments"))
    if not departments:
        problems.append(reason("departments", "Choose at least one department that owes it."))
    data_until = iso_day(str(form.get("data_until") or ""))
    if data_until and day(data_until) is None:
        problems.append(
            reason("data_until", "The cut-off of the figures must be a real day. Choose again.")
        )
    ladder = _read_ladder(form, problems)
    series = None if before else _read_series(form, problems)
    if problems or local is None:
        raise InvalidRefusal(*problems)
    terms = DeadlineTerms(
        campaign=before.campaign if before else str(form.get("campaign", "")),
        kind=kind,
        departments=departments,
        due_at=local.replace(tzinfo=zone),
        roll=Roll(str(form.get("roll", "previous"))),
        ladder=ladder or (before.ladder if before else DEFAULT_LADDER),
        name=name,
        data_until=data_until,
    )
    return terms, series


def _read_due(form: FormData, problems: list[Reason]) -> datetime | None:
    """Return the local due instant as typed, or None with what is wrong."""
    on, at = iso_day(str(form.get("due_day") or "")), iso_time(str(form.get("due_time") or ""))
    if day(on) is None:
        problems.append(
            reason("due_at", "Write the due day as day/month/year, for example 15/06/2022.")
        )
    if local_instant("2022-06-15", at) is None:
        problems.append(reason("due_time", "Write the hour as hour:minute, for example 17:00."))
    if str(form.get("roll", "previous")) not in set(Roll):
        problems.append(reason("roll", "Choose what holds where the day is a rest day."))
    return local_instant(on, at)


def _read_kind(form: FormData) -> tuple[str, str]:
    """Return the kind chosen, and what the Office calls a kind of its own."""
    kind = str(form.get("kind", ""))
    if kind != OTHER_KIND:
        return kind, ""
    name = str(form.get("name") or "").strip()
    plain = _UNFIT.sub("-", searchable(name)).strip("-0123456789")
    return plain[:_KIND_LENGTH].strip("-"), name


def _read_ladder(form: FormData, problems: list[Reason]) -> tuple[Rung, ...]:
    """Return the rungs as typed; a line without a day or without anybody is none."""
    rungs: list[Rung] = []
    for place in range(_RUNG_LINES):
        days = str(form.get(f"rung-{place}") or "").strip()
        chosen = [str(each) for each in form.getlist(f"rung-{place}-to")]
        if not days and not chosen:
            continue
        to = tuple(Audience(each) for each in chosen if each in set(Audience))
        if not _WHOLE.fullmatch(days) or not to or len(to) < len(chosen):
            problems.append(
                reason(
                    "ladder",
                    "Each reminder needs a number of working days (negative is before the "
                    "deadline) and at least one recipient.",
                )
            )
            break
        words = str(form.get(f"rung-{place}-words") or "").strip()
        rungs.append(Rung(days=int(days), to=to, words=words))
    return tuple(sorted(rungs, key=lambda each: each.days))


def _read_series(form: FormData, problems: list[Reason]) -> Repeats | None:
    """Return the series as chosen, or None; ``problems``: why there is none."""
    every, times = str(form.get("every") or ""), str(form.get("times") or "").strip()
    if not every:
        return None
    if every not in set(Every):
        problems.append(reason("repeats", "This is no interval. Choose one."))
        return None
    if not _WHOLE.fullmatch(times):
        problems.append(
            reason(
                "repeats",
                "Write how many deadlines the series has, from 2 to {limit}.",
                limit=MOST_OCCURRENCES,
            )
        )
        return None
    return Repeats(every=Every(every), times=int(times))


def as_typed(form: FormData) -> dict[str, object]:
    """Return everything typed, so that a refused form comes back whole."""
    several = {"departments", *(f"rung-{place}-to" for place in range(_RUNG_LINES))}
    typed: dict[str, object] = {
        name: str(value) for name, value in form.items() if name not in several
    }
    return {**typed, **{name: [str(each) for each in form.getlist(name)] for name in several}}


def rung_lines(form: FormData | None, deadline: Deadline | None) -> list[RungLine]:
    """Return the lines of the ladder: as typed, else as they are, with empty ones to add."""
    if form is not None:
        return [
            RungLine(
                days=str(form.get(f"rung-{place}", "")),
                to=[str(each) for each in form.getlist(f"rung-{place}-to")],
                words=str(form.get(f"rung-{place}-words", "")),
            )
            for place in range(_RUNG_LINES)
        ]
    ladder = deadline.ladder if deadline else DEFAULT_LADDER
    present = [RungLine(days=str(each.days), to=each.to, words=each.words) for each in ladder]
    return [*present, *(RungLine() for _ in range(_RUNG_LINES - len(present)))]


def terms_typed(deadline: Deadline, zone: ZoneInfo) -> Mapping[str, object]:
    """Return a deadline's terms as the form shows them."""
    local = deadline.due_at.astimezone(zone)
    return {
        "departments": list(deadline.departments),
        "due_day": local.date().isoformat(),
        "due_time": local.strftime("%H:%M"),
        "roll": deadline.roll.value,
        "data_until": deadline.data_until,
        "version": deadline.version,
    }
