"""What a form says of a deadline: its terms, the rungs of its ladder, its series."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from api.web.dates import iso_time
from api.web.form_fields import day_in, text_in
from notifications.translation import translate
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
from workflow.messages import Message, lazy
from workflow.model import DepartmentId
from workflow.values import day, local_instant, searchable

OTHER_KIND = "other"
_RUNG_LINES = 20
"""As many as a ladder has rungs at most."""
_WHOLE = re.compile(r"[-+]?[0-9]{1,3}")
_UNFIT = re.compile(r"[^a-z0-9]+")
_KIND_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RungLine:
    """A line of the ladder in the form: a rung, or one half typed, or room for another.

    ``days``: how many working days before or after the due day, as ``side`` says.
    """

    days: str = ""
    side: str = ""
    to: Sequence[str] = ()
    words: str = ""


BEFORE: Final = "before"
AFTER: Final = "after"
PLACES: Final[Mapping[str, Message]] = {
    "kind": lazy("[name of the report]"),
    "due": lazy("[due day]"),
    "left": lazy("[time left]"),
    "departments": lazy("[departments]"),
    "data_until": lazy("[figures up to]"),
}
"""How the places that a message may name stand in the form."""
FIELDS: Final = {
    "due_at": "due_day",
    "due_time": "due_time",
    "roll": "roll",
    "kind": "kind",
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
    kind, name = (before.kind, before.name) if before else _read_kind(form)
    if not kind:
        problems.append(
            reason("kind", "Choose the kind of report; for another kind, write its name.")
        )
    departments = tuple(DepartmentId(str(each)) for each in form.getlist("departments"))
    if not departments:
        problems.append(reason("departments", "Choose at least one department that owes it."))
    local = _read_due(form, problems)
    data_until = day_in(form, "data_until")
    if data_until and day(data_until) is None:
        problems.append(
            reason("data_until", "The cut-off of the figures must be a real day. Choose again.")
        )
    ladder = _read_ladder(form, problems)
    series = None if before else _read_series(form, problems)
    if problems or local is None:
        raise InvalidRefusal(*problems)
    terms = DeadlineTerms(
        campaign=before.campaign if before else text_in(form, "campaign"),
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
    on, at = day_in(form, "due_day"), iso_time(text_in(form, "due_time"))
    if day(on) is None:
        problems.append(
            reason("due_at", "Write the due day as day/month/year, for example 15/06/2022.")
        )
    if local_instant("2022-06-15", at) is None:
        problems.append(reason("due_time", "Write the hour as hour:minute, for example 17:00."))
    if str(form.get("roll", "previous")) not in set(Roll):
        problems.append(reason("roll", "Choose what holds where the day is a rest day."))
    return local_instant(on, at)


def is_past(form: FormData, zone: ZoneInfo, now: datetime) -> bool:
    """Return whether the due instant as typed has passed, which has to be meant."""
    local = _read_due(form, [])
    return local is not None and local.replace(tzinfo=zone) <= now


def _read_kind(form: FormData) -> tuple[str, str]:
    """Return the kind chosen, and what the Office calls a kind of its own."""
    kind = text_in(form, "kind")
    if kind != OTHER_KIND:
        return kind, ""
    name = text_in(form, "name").strip()
    plain = _UNFIT.sub("-", searchable(name)).strip("-0123456789")
    return plain[:_KIND_LENGTH].strip("-"), name


def _read_ladder(form: FormData, problems: list[Reason]) -> tuple[Rung, ...]:
    """Return the rungs as typed; a line without a day or without anybody is none."""
    rungs: list[Rung] = []
    for place in range(_RUNG_LINES):
        days = _signed(form, place)
        chosen = [str(each) for each in form.getlist(f"rung-{place}-to")]
        if not days and not chosen:
            continue
        to = tuple(Audience(each) for each in chosen if each in set(Audience))
        if not _WHOLE.fullmatch(days) or not to or len(to) < len(chosen):
            problems.append(
                reason(
                    "ladder",
                    "Each reminder needs a number of working days, and at least one recipient.",
                )
            )
            break
        words = _with_places(text_in(form, f"rung-{place}-words").strip())
        rungs.append(Rung(days=int(days), to=to, words=words))
    return tuple(sorted(rungs, key=lambda each: each.days))


def _signed(form: FormData, place: int) -> str:
    """Return the days of a line, negative before the due day; a sign that was typed holds."""
    days = text_in(form, f"rung-{place}").strip()
    is_bare = days.isdecimal() and days.isascii()
    return f"-{days}" if is_bare and form.get(f"rung-{place}-side") == BEFORE else days


def _with_places(words: str) -> str:
    """Return a message with its places as they are kept."""
    for name, label in PLACES.items():
        words = words.replace(translate(label), f"{{{name}}}")
    return words


def places_in_words(words: str) -> str:
    """Return a message as the form shows it."""
    for name, label in PLACES.items():
        words = words.replace(f"{{{name}}}", translate(label))
    return words


def _read_series(form: FormData, problems: list[Reason]) -> Repeats | None:
    """Return the series as chosen, or None; ``problems``: why there is none."""
    every, times = text_in(form, "every"), text_in(form, "times").strip()
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
    typed: dict[str, object] = {
        name: str(value) for name, value in form.items() if not name.startswith("rung-")
    }
    return {**typed, "departments": [str(each) for each in form.getlist("departments")]}


def rung_lines(form: FormData | None, deadline: Deadline | None) -> list[RungLine]:
    """Return the lines of the ladder: as typed, else as they are."""
    if form is not None:
        return _typed_lines(form)
    ladder = deadline.ladder if deadline else DEFAULT_LADDER
    return [_line(str(each.days), each.to, each.words) for each in ladder]


def _typed_lines(form: FormData) -> list[RungLine]:
    """Return the lines that were typed, less one that is to go, with one that is to come."""
    action = text_in(form, "action")
    lines = []
    for place in range(_RUNG_LINES):
        to = [str(each) for each in form.getlist(f"rung-{place}-to")]
        if (form.get(f"rung-{place}") or to) and action != f"drop-rung-{place}":
            words = text_in(form, f"rung-{place}-words")
            lines.append(_line(_signed(form, place), to, words))
    return [*lines, RungLine(side=BEFORE)] if action == "add-rung" else lines


def _line(days: str, to: Sequence[str], words: str) -> RungLine:
    side = BEFORE if days.startswith("-") else AFTER
    return RungLine(days=days.lstrip("-+"), side=side, to=to, words=places_in_words(words))


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
