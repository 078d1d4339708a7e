"""Read the file of awards, and say every problem at once with its place.

Owns the checks across its parts: that names exist and stand once, that no day lacks a regime or has
two, that a competent authority is known for every day of an award, that no rule needs what is never
given. It reads no files: the caller passes text and the name to show.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from workflow.awards.catalogue import Awards
from workflow.awards.language import (
    AwardsFile,
    CapRule,
    ConsecutiveRule,
    FactRule,
    HeldBeforeRule,
    NumberRule,
    PartRule,
    Rule,
    VoteRule,
)
from workflow.definition import FileProblem, Source
from workflow.definition.json_schema import schema_of
from workflow.definition.loading import read_part
from workflow.definition.parts import Dated
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy

Path = tuple[str | int, ...]


def load_awards(text: str, name: str) -> Awards:
    """Return the awards in ``text``; ``name`` is shown in messages.

    Raises InvalidInputError with one Problem per thing wrong.
    """
    source, read = read_part(text, name, AwardsFile)
    problems = [
        *_repeated(source, read),
        *_unknown(source, read),
        *_regimes(source, read),
        *_competences(source, read),
        *_votes(source, read),
    ]
    if problems:
        raise InvalidInputError(*problems)
    return Awards(read)


def awards_schema() -> dict[str, object]:
    """Return the schema of the file of awards: what ``definitions/schema/awards.json`` holds."""
    return schema_of(AwardsFile)


def _repeated(source: Source, read: AwardsFile) -> Iterator[FileProblem]:
    """Yield ids that stand twice; titles and forms share theirs."""
    lists: tuple[tuple[str, ...], ...] = (
        ("regimes",),
        ("authorities",),
        ("titles", "forms"),
        ("rules",),
        ("statistics",),
    )
    for names in lists:
        seen: set[str] = set()
        for name in names:
            for place, each in enumerate(getattr(read, name)):
                if each.id in seen:
                    yield source.problem(
                        (name, place, "id"),
                        lazy("the id '{id}' stands twice", id=each.id),
                        lazy("give one of the two another id"),
                    )
                seen.add(each.id)


def _unknown(source: Source, read: AwardsFile) -> Iterator[FileProblem]:
    """Yield names of awards, authorities, rules and facts that the file does not have."""
    awards = {each.id for each in (*read.titles, *read.forms)}
    authorities = {each.id for each in read.authorities}
    rules = {each.id for each in read.rules}
    for name in ("titles", "forms"):
        for place, award in enumerate(getattr(read, name)):
            for at, competence in enumerate(award.competent):
                path = (name, place, "competent", at, "authority")
                yield from _missing(source, path, [competence.authority], authorities)
    for place, paper in enumerate(read.papers):
        yield from _missing(source, ("papers", place, "awards"), paper.awards, awards)
    for place, reward in enumerate(read.rewards):
        yield from _missing(source, ("rewards", place, "awards"), reward.awards, awards)
    for place, form in enumerate(read.statistics):
        at_form: Path = ("statistics", place, "authorities")
        yield from _missing(source, at_form, form.authorities, authorities)
    for place, rule in enumerate(read.rules):
        yield from _missing(source, ("rules", place, "awards"), rule.awards, awards)
        yield from _missing(source, ("rules", place, "replaces"), rule.replaces, rules)
        for key, named in _awards_named(rule):
            yield from _missing(source, ("rules", place, key), [named], awards)
        for key, named in _facts_named(rule):
            yield from _missing(source, ("rules", place, key), [named], set(read.facts))


def _awards_named(rule: Rule) -> Iterator[tuple[str, str]]:
    match rule:
        case ConsecutiveRule() | HeldBeforeRule():
            yield "award", rule.award
        case CapRule():
            yield "of", rule.of
        case _:
            return


def _facts_named(rule: Rule) -> Iterator[tuple[str, str]]:
    match rule:
        case FactRule():
            yield "fact", rule.fact
        case NumberRule():
            yield "fact", rule.fact
            if rule.unless is not None:
                yield "unless", rule.unless
        case PartRule():
            yield "part", rule.part
            yield "whole", rule.whole
        case _:
            return


def _missing(
    source: Source, path: Path, named: Sequence[str], known: set[str]
) -> Iterator[FileProblem]:
    for each in named:
        if each not in known:
            yield source.problem(
                path,
                lazy("'{id}' is not in this file", id=each),
                lazy("use one of: {expected}", expected=", ".join(sorted(known))),
            )


def _regimes(source: Source, read: AwardsFile) -> Iterator[FileProblem]:
    """Yield where a day has two regimes or none: an item could not tell by which it is judged."""
    yield from _gaps(source, ("regimes",), read.regimes, lazy("a regime"))


def _competences(source: Source, read: AwardsFile) -> Iterator[FileProblem]:
    for name in ("titles", "forms"):
        for place, award in enumerate(getattr(read, name)):
            path = (name, place, "competent")
            yield from _gaps(source, path, award.competent, lazy("a competent authority"), award)


def _gaps(
    source: Source,
    path: Path,
    parts: Sequence[Dated],
    called: Message,
    within: Dated | None = None,
) -> Iterator[FileProblem]:
    """Yield where ``parts`` overlap, or leave a day of ``within`` uncovered."""
    placed = sorted(enumerate(parts), key=lambda each: each[1].in_force_from or date.min)
    begins = (within.in_force_from if within else None) or date.min
    ends = (within.in_force_until if within else None) or date.max
    needed = begins
    for place, part in placed:
        first, last = part.in_force_from or date.min, part.in_force_until or date.max
        if first > needed:
            yield source.problem(
                (*path, place, "in_force_from"),
                lazy("no day from {day} on has {called}", day=needed.isoformat(), called=called),
                lazy("let it begin where the one before ends"),
            )
        elif first < needed and needed != begins:
            yield source.problem(
                (*path, place, "in_force_from"),
                lazy("some days have {called} twice", called=called),
                lazy("let it begin where the one before ends"),
            )
        needed = last + timedelta(days=1) if last < date.max else date.max
    if placed and needed <= ends and needed != date.max:
        yield source.problem(
            (*path, placed[-1][0], "in_force_until"),
            lazy("no day from {day} on has {called}", day=needed.isoformat(), called=called),
            lazy("leave 'in_force_until' out, or add the one that follows"),
        )


def _votes(source: Source, read: AwardsFile) -> Iterator[FileProblem]:
    """Yield votes that ask two shares for one award on one day."""
    votes = [(place, each) for place, each in enumerate(read.rules) if isinstance(each, VoteRule)]
    for place, rule in votes:
        for earlier, other in votes:
            both = bool(set(rule.awards) & set(other.awards)) or not (rule.awards or other.awards)
            apart = rule.id in other.replaces or other.id in rule.replaces
            if earlier < place and both and not apart and rule.overlaps(other):
                yield source.problem(
                    ("rules", place, "share"),
                    lazy("'{id}' asks for another share on the same days", id=other.id),
                    lazy("part their days, or let one replace the other"),
                )
