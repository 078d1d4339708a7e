"""Statistics of awards and movements, by the forms that the file of awards names.

Owns what is counted as what. A form counts what its authorities awarded, a column an award, the
lines by nominee, by what is said of individuals, and by kind of movement. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workflow.awards.cases import COMMENDATIONS
from workflow.awards.catalogue import Awards
from workflow.awards.language import MovementLength, StatisticsForm
from workflow.awards.months import months_after
from workflow.definition.parts import Label
from workflow.messages import Message, lazy

_METHODS = {each: COMMENDATIONS[each] for each in ("regular", "themed")}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedAward:
    """An award as it is counted: which, by whom, to what kind, in what kind of movement."""

    award: str
    authority: str
    kind: str
    method: str
    said: Mapping[str, str]
    """Of an individual: what each choice that splits them says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedMovement:
    """A movement as it is counted."""

    method: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBy:
    """A choice that individuals are split by: what it and each of its values is called."""

    field: str
    label: Label
    choices: Mapping[str, Label]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLine:
    """A line of a form: its words, how deep it stands, a count for each column."""

    label: Label | Message
    depth: int
    counts: tuple[int, ...]
    """The total first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTable:
    """A form, filled in."""

    form: StatisticsForm
    columns: tuple[Label | Message, ...]
    """The total first."""
    lines: tuple[CountLine, ...]


def count_tables(
    awards: Awards,
    given: Sequence[CountedAward],
    movements: Sequence[CountedMovement],
    splits: Sequence[SplitBy],
) -> list[CountTable]:
    """Return every form of the file, filled in, in its order.

    The forms of movements have the ways of movements as columns, those of awards an award each.
    """
    return [
        _award_table(awards, form, given, splits)
        if form.authorities
        else _movement_table(awards.movement_lengths, form, movements)
        for form in awards.statistics
    ]


def length_of(
    lengths: Sequence[MovementLength], first_day: date, last_day: date
) -> MovementLength | None:
    """Return which class a movement is of by its length; None where the file has none for it."""
    end = last_day + timedelta(days=1)
    return next((each for each in lengths if _is_within(each, first_day, end)), None)


def _is_within(length: MovementLength, first_day: date, end: date) -> bool:
    """Return whether a movement is of a class; ``end``: the first day after it."""
    if length.below_months is not None:
        return end < months_after(first_day, length.below_months)
    return length.up_to_months is None or end <= months_after(first_day, length.up_to_months)


def _award_table(
    awards: Awards,
    form: StatisticsForm,
    given: Sequence[CountedAward],
    splits: Sequence[SplitBy],
) -> CountTable:
    counted = [each for each in given if each.authority in form.authorities]
    known = {each.award for each in counted}
    shown = [
        *(each for each in awards.all if each in known),
        *sorted(known - set(awards.all)),
    ]

    def line(label: Label | Message, depth: int, found: Sequence[CountedAward]) -> CountLine:
        by_award = (sum(each.award == award for each in found) for award in shown)
        return CountLine(label=label, depth=depth, counts=(len(found), *by_award))

    individuals = [each for each in counted if each.kind == "individual"]
    lines = [
        line(lazy("Total"), 0, counted),
        line(lazy("Collectives"), 1, [each for each in counted if each.kind == "collective"]),
        line(lazy("Individuals"), 1, individuals),
    ]
    for split in splits:
        for choice, label in split.choices.items():
            of_choice = [each for each in individuals if each.said.get(split.field) == choice]
            lines.append(line(label, 2, of_choice))
    for method, called in _METHODS.items():
        lines.append(line(called, 1, [each for each in counted if each.method == method]))
    columns = (lazy("Total"), *(_called(awards, each) for each in shown))
    return CountTable(form=form, columns=columns, lines=tuple(lines))


def _called(awards: Awards, award: str) -> Label | Message:
    found = awards.find(award)
    return found.label if found else lazy("{award} (not in the file)", award=award)


def _movement_table(
    lengths: Sequence[MovementLength],
    form: StatisticsForm,
    movements: Sequence[CountedMovement],
) -> CountTable:
    def line(label: Label | Message, depth: int, found: Sequence[CountedMovement]) -> CountLine:
        by_method = (sum(each.method == method for each in found) for method in _METHODS)
        return CountLine(label=label, depth=depth, counts=(len(found), *by_method))

    classed = [(length_of(lengths, each.first_day, each.last_day), each) for each in movements]
    lines = [
        line(lazy("Total"), 0, movements),
        *(
            line(length.label, 1, [each for found, each in classed if found is length])
            for length in lengths
        ),
    ]
    columns = (lazy("Total"), *_METHODS.values())
    return CountTable(form=form, columns=columns, lines=tuple(lines))
