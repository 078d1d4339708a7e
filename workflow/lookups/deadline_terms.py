"""What a deadline says, and whether that makes sense.

One instant, or a series, in words of the Office's own.

Everything that sets, previews or foretells a deadline has its terms checked here and nowhere else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from workflow import values
from workflow.context import Context
from workflow.deadlines import (
    MOST_OCCURRENCES,
    RUNG_PLACES,
    Repeats,
    Roll,
    Rung,
    days_after,
)
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.lookups.campaigns import campaign_of
from workflow.messages import lazy
from workflow.model import DepartmentId
from workflow.store import people
from workflow.wording import unknown_places

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_YEARS = range(values.FIRST_YEAR, 2101)
"""Of what is due; the last is the last that the holiday library knows."""
_RUNGS_LIMIT = 20
_WORDS_LIMIT = 600
_NAME_LIMIT = 80
_KIND_LIMIT = 32
"""Of a kind that recurs: with year and month it still fits its column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineTerms:
    """What a deadline says: for whom, until when, how it is reminded of.

    ``name``: what the Office calls a kind of its own. ``data_until``: the last local day, ISO,
    whose figures count; empty: not said.
    """

    campaign: str
    kind: str
    departments: tuple[DepartmentId, ...]
    due_at: datetime
    roll: Roll
    ladder: tuple[Rung, ...]
    name: str = ""
    data_until: str = ""


def rolled(context: Context, terms: DeadlineTerms) -> DeadlineTerms:
    """Return ``terms`` with the due instant moved off a rest day as they say."""
    return replace(
        terms,
        departments=tuple(dict.fromkeys(terms.departments)),
        due_at=context.calendar.roll(terms.due_at, terms.roll),
        name=values.line(terms.name),
        ladder=tuple(replace(rung, words=values.lines(rung.words)) for rung in terms.ladder),
    )


def beyond_calendar(rule: str, moment: datetime) -> Reason | None:
    """Return why nothing can be due at ``moment``, or None.

    No working day is reckoned beyond what the calendar knows.
    """
    if moment.year in _YEARS:
        return None
    return reason(
        rule,
        "This due day lies outside the software's calendar (from {first} to {last}). "
        "Choose another day.",
        first=_YEARS[0],
        last=_YEARS[-1],
    )


def checked_series(
    context: Context,
    connection: Connection,
    terms: DeadlineTerms,
    repeats: Repeats | None,
    *,
    is_confirmed: bool,
    had: datetime | None = None,
) -> list[DeadlineTerms]:
    """Check the terms; return those of each occurrence, the first first, moved off rest days.

    Raises InvalidRefusal. The later ones are kinds of their own, named by their month, for each
    wants a report of its own; the day until which figures count moves along. ``is_confirmed``: an
    instant in the past is meant; ``had``: the instant it had, which needs no such word.
    """
    if (beyond := beyond_calendar("due_at", terms.due_at)) is not None:
        raise InvalidRefusal(beyond)
    first = rolled(context, terms)
    problems = _term_problems(
        context, connection, first, is_confirmed=is_confirmed or first.due_at == had
    )
    if repeats is not None and not 1 < repeats.times <= MOST_OCCURRENCES:
        problems.append(
            reason(
                "repeats",
                "A series has 2 to {limit} deadlines. Choose their number again.",
                limit=MOST_OCCURRENCES,
            )
        )
    if problems:
        raise InvalidRefusal(*problems)
    return [first, *_later(context, terms, repeats)] if repeats is not None else [first]


def _later(context: Context, terms: DeadlineTerms, repeats: Repeats) -> Iterator[DeadlineTerms]:
    calendar = context.calendar
    local = terms.due_at.astimezone(calendar.zone)
    cut_offs = (
        days_after(date.fromisoformat(terms.data_until), repeats) if terms.data_until else None
    )
    for day in days_after(local.date(), repeats):
        later = replace(
            terms,
            kind=f"{terms.kind[:_KIND_LIMIT]}-{day:%Y-%m}",
            due_at=calendar.at(day, local.time()),
            data_until=next(cut_offs).isoformat() if cut_offs is not None else "",
        )
        yield rolled(context, later)


def _term_problems(
    context: Context, connection: Connection, terms: DeadlineTerms, *, is_confirmed: bool
) -> list[Reason]:
    """Return everything that is wrong with ``terms``."""
    problems = (
        []
        if _KIND.fullmatch(terms.kind)
        else [reason("kind", "The kind of deadline is not known. Choose the kind of report again.")]
    )
    campaign = campaign_of(connection, terms.campaign)
    if campaign is None:
        problems.append(
            reason("campaign", "There is no campaign “{campaign}”.", campaign=terms.campaign)
        )
    unknown = set(terms.departments) - {each.id for each in people.all_departments(connection)}
    if unknown or not terms.departments:
        problems.append(
            reason(
                "departments",
                "At least one real department is needed. There is no department: {unknown}.",
                unknown=", ".join(sorted(unknown)) or lazy("(empty)"),
            )
        )
    problems += _ladder_problems(terms)
    if campaign and context.calendar.local_day(terms.due_at) < campaign.starts_on:
        problems.append(
            reason(
                "due_at",
                "This deadline lies before the campaign begins ({day}). Choose a later day.",
                day=campaign.starts_on.strftime("%d/%m/%Y"),
            )
        )
    problems += _own_words_problems(terms, context)
    if terms.due_at <= context.clock() and not is_confirmed:
        problems.append(
            reason("due_at", "This moment has passed. If you mean it, confirm it to record it.")
        )
    return problems


def _own_words_problems(terms: DeadlineTerms, context: Context) -> list[Reason]:
    problems = []
    wrong = values.line_fault(terms.name, _NAME_LIMIT)
    if wrong and values.line(terms.name):
        problems.append(reason("name", "The name of the kind of deadline {wrong}", wrong=wrong))
    until = values.day(terms.data_until)
    if terms.data_until and until is None:
        problems.append(
            reason("data_until", "The cut-off of the figures must be a real day. Choose again.")
        )
    elif until is not None and until > context.calendar.local_day(terms.due_at):
        problems.append(
            reason(
                "data_until",
                "The cut-off of the figures must be on or before the due day. Choose again.",
            )
        )
    return problems


def _ladder_problems(terms: DeadlineTerms) -> list[Reason]:
    problems = []
    days = [rung.days for rung in terms.ladder]
    if (
        len(days) > _RUNGS_LIMIT
        or len(set(days)) != len(days)
        or any(not rung.to for rung in terms.ladder)
    ):
        problems.append(
            reason(
                "ladder",
                "The reminders need at most {limit} rungs, each with a day of its own and "
                "recipients.",
                limit=_RUNGS_LIMIT,
            )
        )
    return problems + [problem for rung in terms.ladder if (problem := _words_problem(rung))]


def _words_problem(rung: Rung) -> Reason | None:
    unknown = unknown_places(rung.words, RUNG_PLACES)
    known = ", ".join(f"{{{each}}}" for each in RUNG_PLACES)
    if wrong := values.lines_fault(rung.words, _WORDS_LIMIT, may_be_empty=True):
        return reason("ladder", "The words of rung {days} {wrong}", days=rung.days, wrong=wrong)
    if unknown is None:
        return reason(
            "ladder",
            "The words of the rung {days} have a brace that is not closed. Use only: {known}.",
            days=rung.days,
            known=known,
        )
    if unknown:
        return reason(
            "ladder",
            "The words of the rung {days} use unknown places: {unknown}. Use only: {known}.",
            days=rung.days,
            unknown=", ".join(unknown),
            known=known,
        )
    return None
