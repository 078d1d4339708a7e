"""Figures of awards and movements for a period, by the forms of the statistics."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from workflow.awards import CountedAward, CountedMovement, CountTable, SplitBy, count_tables
from workflow.context import Context
from workflow.lookups.award_register import awards_decided
from workflow.lookups.campaigns import campaigns_in
from workflow.people import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardStatistics:
    """The forms, filled in, and how many awards of the period were withdrawn: none is counted."""

    tables: tuple[CountTable, ...]
    withdrawn: int
    imported: int
    """How many of those counted were given before the product came."""


def award_statistics(
    context: Context, connection: Connection, scope: Scope, first: date, last: date
) -> AwardStatistics:
    """Count what was decided, and the movements that began, from ``first`` to ``last``."""
    movements = campaigns_in(connection)
    methods = {each.id: each.form for each in movements}
    decided = list(awards_decided(context, connection, scope, first, last))
    counted = [
        CountedAward(
            award=each.award_id,
            authority=each.authority_id,
            kind=each.kind,
            method=each.commendation if each.is_imported else methods.get(each.campaign, ""),
            said=each.said,
        )
        for each in decided
        if not each.is_withdrawn
    ]
    begun = [
        CountedMovement(method=each.form, first_day=each.starts_on, last_day=each.ends_on)
        for each in movements
        if first <= each.starts_on <= last
    ]
    tables = count_tables(context.awards, counted, begun, list(_splits(context, connection)))
    return AwardStatistics(
        tables=tuple(tables),
        withdrawn=len(decided) - len(counted),
        imported=sum(each.is_imported and not each.is_withdrawn for each in decided),
    )


def _splits(context: Context, connection: Connection) -> Iterator[SplitBy]:
    """Yield the choices that split individuals, as the newest definitions call them."""
    for book in context.rulebooks.newest(connection).values():
        said = book.definition.nominates
        for each in book.definition.fields:
            if said is not None and each.id in said.counted_by:
                choices = {choice.id: choice.label for choice in each.choices}
                yield SplitBy(field=each.id, label=each.label, choices=choices)
