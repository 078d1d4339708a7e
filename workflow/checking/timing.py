"""Ask whether what a definition or a campaign plans in time can happen.

Timers, ladders, and the law it rests on.
"""

from collections.abc import Iterator

from workflow.deadlines import DEFAULT_LADDER, WorkingCalendar
from workflow.definition import Campaign, Definition, FileProblem, Source
from workflow.messages import lazy


def timing_problems(definition: Definition, source: Source) -> Iterator[FileProblem]:
    """Yield every timer that never comes to its day, and every scenario before its law.

    That is one played on a day when nothing that it rests on was in force.
    """
    yield from _late_timers(definition, source)
    yield from _lapsed(definition, source)


def _late_timers(definition: Definition, source: Source) -> Iterator[FileProblem]:
    for index, state in enumerate(definition.states):
        leaves = min((timer.days for timer in state.timers if timer.take is not None), default=None)
        for place, timer in enumerate(state.timers):
            if leaves is not None and timer.days > leaves:
                yield source.problem(
                    ("states", index, "timers", place, "days"),
                    lazy(
                        "the timer after {days} days at '{id}' never comes: after "
                        "{leaves} days the clock has already moved the item on",
                        days=timer.days,
                        id=state.id,
                        leaves=leaves,
                    ),
                    lazy("use fewer days than {leaves}, or remove this timer", leaves=leaves),
                )


def _lapsed(definition: Definition, source: Source) -> Iterator[FileProblem]:
    if not definition.legal_basis:
        return
    for index, scenario in enumerate(definition.scenarios):
        if not any(each.is_in_force(scenario.on) for each in definition.legal_basis):
            yield source.problem(
                ("scenarios", index, "on"),
                lazy("on {on:%d/%m/%Y} no entry of 'legal_basis' is in force", on=scenario.on),
                lazy("add a basis that is in force, or change the scenario's day"),
            )


def ladder_problem(
    campaign: Campaign, source_name: str, calendar: WorkingCalendar
) -> FileProblem | None:
    """Return the problem of a campaign too short for the default ladder, or None."""
    earliest = -min(rung.days for rung in DEFAULT_LADDER)
    has = calendar.between(campaign.starts_on, campaign.ends_on)
    if has >= earliest:
        return None
    return FileProblem(
        file=source_name,
        line=1,
        column=1,
        problem=lazy(
            "the campaign has only {has} working days, yet the first reminder is "
            "{earliest} working days before the deadline",
            has=has,
            earliest=earliest,
        ),
        remedy=lazy(
            "change 'starts_on' or 'ends_on', and use shorter reminders when you set deadlines"
        ),
    )
