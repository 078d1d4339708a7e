"""What the agency's own head decides on nominations, as his decision (Quyết định) reads.

Owns who stands in it, by award, collectives first. A nomination that somebody above decides on, or
that is not handed in, has no such decision here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from workflow.awards import Reward
from workflow.context import Context
from workflow.definition import Definition, FieldType, Label, Stage
from workflow.errors import NotFoundRefusal
from workflow.lookups.award_register import awards_of, reported_of
from workflow.lookups.given_awards import GivenAward
from workflow.lookups.held_nominees import waiting_rows
from workflow.lookups.nominations import route_of
from workflow.lookups.nominee_cases import day_of
from workflow.lookups.nominees import nominee_of
from workflow.messages import lazy
from workflow.model import Content, Item, Person
from workflow.queries.items import visible_view
from workflow.queries.rounds import round_view
from workflow.rules import NomineeRow, answered, nominees_of

_KINDS = ("collective", "individual")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedNominee:
    """Somebody in the decision: the award, the name, and what stands beside it."""

    item: Item
    row: int
    """Of the list that names them; 0 in a nomination of one."""
    award_id: str
    kind: str
    name: str
    beside: tuple[str, ...]
    given: GivenAward | None
    certificate_text: str = ""

    @property
    def in_full(self) -> tuple[str, ...]:
        """Return the name with what stands beside it; said once where that begins with it."""
        if any(f"{each},".startswith(f"{self.name},") for each in self.beside):
            return self.beside
        return (self.name, *self.beside)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardGroup:
    """One award of the decision, and who is given it."""

    award: Label
    collectives: tuple[DecidedNominee, ...]
    individuals: tuple[DecidedNominee, ...]
    rewards: tuple[Reward, ...]
    """The money for collectives and for individuals, where the file of awards says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardDecision:
    """What the decision is made from."""

    campaign: str
    bases: tuple[str, ...]
    """The law of its day."""
    council_day: date | None
    """When the council met; None under the simplified procedure."""
    groups: tuple[AwardGroup, ...]
    items: tuple[Item, ...]
    number: str
    decided_on: str
    """As recorded, or as the dossier reported them; empty before, and where there are several."""


def decision_on_item(
    context: Context, connection: Connection, code: str, reader: Person
) -> AwardDecision:
    """Return the decision on one nomination. Raises NotFoundRefusal."""
    item = visible_view(context, connection, code, reader).item
    day = day_of(context, connection, item)
    nominees = _nominees(context, connection, item, day)
    return _decision(context, connection, nominees, day, council_day=None)


def decision_on_round(
    context: Context, connection: Connection, number: int, reader: Person
) -> AwardDecision:
    """Return the decision on all that a counted round passed. Raises NotFoundRefusal."""
    view = round_view(context, connection, number, reader)
    passed = [
        each for each in view.cases if view.is_counted and each.case.passed and not each.is_left_out
    ]
    held = date.fromisoformat(view.round.held_on)
    rows = {(each.item.id, each.case.nominee) for each in passed}
    nominees = [
        nominee
        for item in {each.item.id: each.item for each in passed}.values()
        for nominee in _nominees(context, connection, item, held)
        if (item.id, nominee.row) in rows
    ]
    return _decision(context, connection, nominees, held, council_day=held)


def _decision(
    context: Context,
    connection: Connection,
    nominees: Sequence[DecidedNominee],
    day: date,
    *,
    council_day: date | None,
) -> AwardDecision:
    if not nominees:
        raise NotFoundRefusal(lazy("a decision of the Director on this: he does not award it"))
    items = {each.item.id: each.item for each in nominees}
    reported = {each: reported_of(connection, item) for each, item in items.items()}
    known = [each.given or reported[each.item.id] for each in nominees]
    numbers = {(each.number, each.decided_on) if each else ("", "") for each in known}
    number, decided_on = numbers.pop() if len(numbers) == 1 else ("", "")
    awards = context.awards
    return AwardDecision(
        campaign=nominees[0].item.campaign,
        bases=awards.regime(day).bases,
        council_day=council_day,
        groups=tuple(
            AwardGroup(
                award=award.label,
                collectives=tuple(each for each in own if each.kind == _KINDS[0]),
                individuals=tuple(each for each in own if each.kind == _KINDS[1]),
                rewards=tuple(
                    reward
                    for kind in dict.fromkeys(each.kind for each in own)
                    for reward in [awards.reward(award.id, kind, day)]
                    if reward is not None
                ),
            )
            for award in awards.all.values()
            if (own := [each for each in nominees if each.award_id == award.id])
        ),
        items=tuple(items.values()),
        number=number,
        decided_on=decided_on,
    )


def decides_here(
    context: Context, connection: Connection, item: Item, content: Content, day: date
) -> list[NomineeRow]:
    """Return the nominees that the agency's head decides on: handed in, and not given up."""
    book = context.rulebooks.of(connection, item.definition_hash)
    if book.stages[item.state] in {Stage.DRAFTING, Stage.GIVEN_UP}:
        return []
    routes = (
        (each, route_of(context.awards, book.definition, each.content, day))
        for each in nominees_of(book.definition, content)
    )
    return [each for each, route in routes if route is not None and route.is_decided_here]


def _nominees(
    context: Context, connection: Connection, item: Item, day: date
) -> list[DecidedNominee]:
    """Return whom of a nomination the head decides on; once it has its outcome, who was awarded.

    Who waits stands in no decision, and later in one of their own.
    """
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    nominates = definition.nominates
    if nominates is None:
        return []
    content = context.contents.of(connection, [item])[item.id]
    directory = context.directory(connection, context.clock())
    given = {each.row: each for each in awards_of(context, connection, item)}
    waiting = () if given else waiting_rows(context, connection, item, content)
    return [
        DecidedNominee(
            item=item,
            row=each.row,
            award_id=own.award_id if own else str(each.content.fields[nominates.award]),
            kind=each.kind,
            name=nominee_of(definition, directory, item, each.content).called,
            beside=_beside(definition, each.content),
            given=own,
            certificate_text=_certificate_text(definition, each.content),
        )
        for each in decides_here(context, connection, item, content, day)
        for own in [given.get(each.row)]
        if (own is None and not given and each.row not in waiting) or (own and not own.is_late)
    ]


def _certificate_text(definition: Definition, content: Content) -> str:
    """Return what a certificate says: the first line of text in the group of the award."""
    asked = answered(definition, content).fields
    award = definition.nominates.award if definition.nominates is not None else ""
    group = next((each.group for each in definition.fields if each.id == award), None)
    said = (
        asked.get(each.id)
        for each in definition.fields
        if each.group == group and each.type is FieldType.TEXT
    )
    return next((each for each in said if isinstance(each, str) and each), "")


def _beside(definition: Definition, content: Content) -> tuple[str, ...]:
    """Return what stands beside the name of a nominee: what is asked of this one and said."""
    asked = answered(definition, content).fields
    names = definition.nominates.beside if definition.nominates is not None else ()
    said = (asked.get(each) for each in names)
    return tuple(each for each in said if isinstance(each, str) and each)
