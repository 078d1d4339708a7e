"""What is kept of a person's year, for the yearly evaluation of civil servants.

Awards, what became of nominations, merits noted during the campaigns. Nothing here judges.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Label
from workflow.lookups.award_register import nominations_of
from workflow.lookups.campaigns import campaigns_in
from workflow.lookups.given_awards import GivenAward, imported_to
from workflow.model import Item, MeritKind, Person
from workflow.store import merits
from workflow.store.merits import Merit
from workflow.values import searchable


@dataclass(frozen=True, slots=True, kw_only=True)
class NominationOutcome:
    """A nomination of the person, where it is now, and what it brought."""

    item: Item
    state: Label
    given: GivenAward | None


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOfPerson:
    """What is kept of a person's year."""

    person: Person
    year: int
    awards: tuple[GivenAward, ...]
    """Decided in the year; one that was withdrawn says so."""
    nominations: tuple[NominationOutcome, ...]
    merits: tuple[Merit, ...]
    """Noted of somebody of this name: two people of one name cannot be told apart."""


def year_of(context: Context, connection: Connection, person: Person, year: int) -> YearOfPerson:
    """Return what is kept of the year of ``person``; who may read it, its caller decides."""
    movements = {each.id: each.year for each in campaigns_in(connection)}
    outcomes = [
        NominationOutcome(
            item=item,
            state=_state_now(context, connection, item),
            given=given,
        )
        for item, given in nominations_of(context, connection, person)
    ]
    given = [each.given for each in outcomes if each.given]
    given += imported_to(context, connection, person)
    addresses = context.directory(connection, context.clock()).addresses_of(person.id)
    names = {searchable(each) for each in (person.name, *addresses)}
    noted = [
        each
        for movement in movements
        for each in merits.merits_of(connection, movement)
        if each.whose_kind is MeritKind.INDIVIDUAL
        and searchable(each.whose) in names
        and each.happened_on[:4] == str(year)
    ]
    return YearOfPerson(
        person=person,
        year=year,
        awards=tuple(each for each in given if each.year == year),
        nominations=tuple(
            each
            for each in outcomes
            if year
            in (movements.get(each.item.campaign), context.calendar.local_day(each.item.since).year)
        ),
        merits=tuple(sorted(noted, key=lambda each: each.happened_on)),
    )


def _state_now(context: Context, connection: Connection, item: Item) -> Label:
    return context.rulebooks.of(connection, item.definition_hash).states[item.state].label_now
