"""What the law of its own day says of a nomination: who decides on it, and by which rules.

Owns what is gathered for the judgement: the day, the movement, what the same nominee has had, and
where the nominee stands besides. Nothing here writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from workflow.awards import (
    AwardJudgement,
    Awards,
    Case,
    Competence,
    Elsewhere,
    Paper,
    PastAward,
    Regime,
    judge,
)
from workflow.canonical import is_day
from workflow.context import Context, searchable
from workflow.definition import Definition, Label
from workflow.definition.nominations import Nominates
from workflow.errors import Reason, reason
from workflow.lookups.award_register import (
    GivenAward,
    award_of,
    awards_to,
    nominee_of,
    sought,
)
from workflow.lookups.campaigns import campaign_of
from workflow.messages import Message, lazy
from workflow.model import Content, Item, Json
from workflow.people import Scope
from workflow.store import history
from workflow.store.items import items_by_id
from workflow.store.listing import ItemFilter, item_ids
from workflow.store.rounds import count_of

_COUNCIL = "council"
"""How a nomination is considered that does not say it."""
_MOST_ELSEWHERE = 10
_EVERYTHING = Scope(is_everything=True, department=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who decides on an award that is asked for: the agency's own head, or somebody above."""

    award: Label
    authority: Label
    is_decided_here: bool
    competence: Competence

    @property
    def words(self) -> Message:
        """Return who decides, in words."""
        if self.is_decided_here:
            return lazy("{authority} decides", authority=self.authority)
        return lazy("Submitted above: {authority} decides", authority=self.authority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A nomination as the law of its day sees it."""

    day: date
    regime: Regime
    route: Route | None
    papers: tuple[Paper, ...]
    judgement: AwardJudgement
    past: tuple[GivenAward, ...]
    given: GivenAward | None
    """What the nominee was given by this item; None where nothing is recorded."""


def route_of(
    awards: Awards, definition: Definition, content: Content | None, day: date
) -> Route | None:
    """Return who decides on what a nomination asks for on ``day``; None where it asks nothing."""
    if definition.nominates is None or content is None:
        return None
    award = awards.find(_text(content.fields.get(definition.nominates.award)))
    competence = awards.competence(award.id, day) if award else None
    if award is None or competence is None:
        return None
    authority = awards.authorities[competence.authority]
    return Route(
        award=award.label,
        authority=authority.label,
        is_decided_here=authority.decides_here,
        competence=competence,
    )


def day_of(context: Context, connection: Connection, item: Item) -> date:
    """Return the day that decides by which law an item is judged: when it was first handed in.

    Until then it is today.
    """
    for entry in history.entries_of(connection, item.subject):
        fact = entry.fact
        if fact.transition and fact.definition_hash:
            taken = context.rulebooks.of(connection, fact.definition_hash).meaning(fact.transition)
            if taken is not None and taken.hands_in:
                return context.calendar.local_day(fact.at)
    return context.calendar.local_day(context.clock())


def examination(
    context: Context, connection: Connection, scope: Scope, item: Item, content: Content
) -> Examination | None:
    """Return what the law says of a nomination, to a reader of ``scope``; None for others."""
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    said = definition.nominates
    if said is None:
        return None
    if not _asks(said, content):
        return None
    day = day_of(context, connection, item)
    nominee = nominee_of(context, connection, item, content)
    past = awards_to(context, connection, scope, nominee, but=item)
    case = replace(
        _case(item, content, said, day, _past(context.awards, past)),
        movement=_movement(connection, item),
        votes=count_of(connection, item),
        elsewhere=_elsewhere(context, connection, scope, item, content),
    )
    return Examination(
        day=day,
        regime=context.awards.regime(day),
        route=route_of(context.awards, definition, content, day),
        papers=context.awards.papers_of(case.award, day, case.procedure),
        judgement=judge(context.awards, case),
        past=past,
        given=award_of(context, connection, item),
    )


def forbidden_by_rules(
    context: Context, connection: Connection, item: Item, content: Content
) -> list[Reason]:
    """Return why the rules of its day forbid to go on with a nomination, with their sources."""
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    said = definition.nominates
    if said is None or not _asks(said, content):
        return []
    day = day_of(context, connection, item)
    nominee = nominee_of(context, connection, item, content)
    past = awards_to(context, connection, _EVERYTHING, nominee, but=item)
    case = _case(item, content, said, day, _past(context.awards, past))
    rules = context.awards.rules_of(case.award, day)
    if any(each.kind == "movement" and each.effect == "refuse" for each in rules):
        case = replace(case, movement=_movement(connection, item))
    return [
        reason(
            "award_rules",
            "{rule}. Source: {source}.",
            rule=each.label,
            source=each.source,
        )
        for each in judge(context.awards, case).of("refuse")
    ]


def _asks(said: Nominates, content: Content) -> bool:
    """Return whether a nomination says which award for what kind of nominee; else it is a start."""
    return bool(_text(content.fields.get(said.award)) and _text(content.fields.get(said.kind)))


def _movement(connection: Connection, item: Item) -> tuple[date, date] | None:
    """Return the first and the last day of the item's movement."""
    campaign = campaign_of(connection, item.campaign)
    return (campaign.starts_on, campaign.ends_on) if campaign else None


def _case(
    item: Item, content: Content, said: Nominates, day: date, past: tuple[PastAward, ...]
) -> Case:
    return Case(
        award=_text(content.fields.get(said.award)),
        day=day,
        kind=_text(content.fields.get(said.kind)),
        procedure=(_text(content.fields.get(said.procedure)) if said.procedure else "") or _COUNCIL,
        campaign=item.campaign,
        hold=_text(content.fields.get(said.hold)) if said.hold else "",
        first_day=_day(content, said.first_day),
        last_day=_day(content, said.last_day),
        past=past,
        is_past_whole=False,  # what was given before the product was there, nobody has recorded
    )


def _past(awards: Awards, given: Sequence[GivenAward]) -> tuple[PastAward, ...]:
    return tuple(
        PastAward(
            award=each.award_id,
            year=each.year,
            # A title is of a year; a form that is recorded here is of the item's movement.
            commendation="regular" if awards.is_title(each.award_id) else "themed",
            campaign=each.campaign,
            first_day=_as_day(each.first_day),
            last_day=_as_day(each.last_day),
            is_withdrawn=each.is_withdrawn,
            is_proven=bool(each.number),
        )
        for each in given
    )


def _elsewhere(
    context: Context, connection: Connection, scope: Scope, item: Item, content: Content
) -> tuple[Elsewhere, ...]:
    """Return other nominations of the same nominee, the newest first."""
    said = context.rulebooks.of(connection, item.definition_hash).definition.nominates
    if said is None:
        return ()
    nominee, deed = nominee_of(context, connection, item, content), _deed(said, content)
    ids = {
        each
        for word in sought(context, connection, nominee)
        for each in item_ids(
            connection,
            scope,
            ItemFilter(type=item.type, text=word),
            before=None,
            count=_MOST_ELSEWHERE,
        )
    }
    newest = sorted(ids - {item.id}, reverse=True)[:_MOST_ELSEWHERE]
    found = list(items_by_id(connection, newest).values())
    contents = context.contents.of(connection, found)
    same = []
    for each in found:
        other = context.rulebooks.of(connection, each.definition_hash).definition.nominates
        if other is not None and nominee.is_same(
            nominee_of(context, connection, each, contents[each.id])
        ):
            is_same = bool(deed) and _deed(other, contents[each.id]) == deed
            same.append(Elsewhere(code=each.code, campaign=each.campaign, is_same_deed=is_same))
    return tuple(same)


def _deed(said: Nominates, content: Content) -> str:
    return searchable(_text(content.fields.get(said.deed))) if said.deed else ""


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _day(content: Content, field: str | None) -> date | None:
    return _as_day(content.fields.get(field)) if field else None


def _as_day(given: Json) -> date | None:
    return date.fromisoformat(given) if isinstance(given, str) and is_day(given) else None
