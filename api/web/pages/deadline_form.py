"""What a form says of a deadline: its terms, the rungs of its ladder, its series."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

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
from workflow.errors import InvalidRefusal, reason
from workflow.lookups.deadline_terms import DeadlineTerms
from workflow.model import DepartmentId
from workflow.values import local_instant

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


def read_terms(form: FormData, zone: ZoneInfo, before: Deadline | None) -> DeadlineTerms:
    """Return the terms as typed; campaign and kind stay ``before``'s. Raises InvalidRefusal."""
    local = local_instant(str(form.get("due_day") or ""), str(form.get("due_time") or ""))
    roll = str(form.get("roll", "previous"))
    if local is None or roll not in set(Roll):
        raise InvalidRefusal(
            reason("due_at", "The due day and hour are not right. Choose them again.")
        )
    kind, name = (before.kind, before.name) if before else _read_kind(form)
    if not kind:
        raise InvalidRefusal(
            reason("kind", "Choose the kind of report; for another kind, write its name.")
        )
    return DeadlineTerms(
        campaign=before.campaign if before else str(form.get("campaign", "")),
        kind=kind,
        departments=tuple(DepartmentId(str(each)) for each in form.getlist("departments")),
        due_at=local.replace(tzinfo=zone),
        roll=Roll(roll),
        ladder=_read_ladder(form) or (before.ladder if before else DEFAULT_LADDER),
        name=name,
        data_until=str(form.get("data_until") or ""),
    )


def _read_kind(form: FormData) -> tuple[str, str]:
    """Return the kind chosen, and what the Office calls a kind of its own."""
    kind = str(form.get("kind", ""))
    if kind != OTHER_KIND:
        return kind, ""
    name = str(form.get("name") or "").strip()
    plain = _UNFIT.sub("-", searchable(name)).strip("-0123456789")
    return plain[:_KIND_LENGTH].strip("-"), name


def _read_ladder(form: FormData) -> tuple[Rung, ...]:
    """Return the rungs as typed; a line without a day or without anybody is none."""
    rungs = []
    for place in range(_RUNG_LINES):
        days = str(form.get(f"rung-{place}") or "").strip()
        chosen = [str(each) for each in form.getlist(f"rung-{place}-to")]
        if not days and not chosen:
            continue
        to = tuple(Audience(each) for each in chosen if each in set(Audience))
        if not _WHOLE.fullmatch(days) or not to or len(to) < len(chosen):
            raise InvalidRefusal(
                reason(
                    "ladder",
                    "Each reminder needs a number of working days (negative is before the "
                    "deadline) and at least one recipient.",
                )
            )
        words = str(form.get(f"rung-{place}-words") or "").strip()
        rungs.append(Rung(days=int(days), to=to, words=words))
    return tuple(sorted(rungs, key=lambda each: each.days))


def read_series(form: FormData) -> Repeats | None:
    """Return the series as chosen. Raises InvalidRefusal where the number of deadlines is none."""
    every, times = str(form.get("every") or ""), str(form.get("times") or "").strip()
    if not every:
        return None
    if every not in set(Every):
        raise InvalidRefusal(reason("repeats", "This is no interval. Choose one."))
    if not _WHOLE.fullmatch(times):
        raise InvalidRefusal(
            reason(
                "repeats",
                "Write how many deadlines the series has, from 2 to {limit}.",
                limit=MOST_OCCURRENCES,
            )
        )
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
