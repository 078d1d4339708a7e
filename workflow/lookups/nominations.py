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
    Paper,
    PastAward,
    Regime,
    RuleFinding,
    judge,
)
from workflow.canonical import is_day
from workflow.context import Context
from workflow.definition import Definition, Label
from workflow.definition.nominations import Nominates
from workflow.errors import Reason, reason
from workflow.lookups.award_register import (
    GivenAward,
    awards_of,
    awards_to,
    reasons_of,
)
from workflow.lookups.campaigns import campaign_of
from workflow.lookups.elsewhere import nominated_elsewhere, told_of
from workflow.lookups.proceedings import only_held, proceedings_of, shown_to, veil_for, veiled
from workflow.lookups.put_forward import PutForward, put_forward
from workflow.messages import Message, lazy, listed
from workflow.model import Content, Item, Json, Person
from workflow.people import Scope, may_read_proceedings, scope_of
from workflow.rules import ONE, nominees_of
from workflow.rules import NomineeRow as Row
from workflow.store import history
from workflow.store.rounds import counts_of

_COUNCIL = "council"
"""How a nomination is considered that does not say it."""
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
    """One nominee of a nomination as the law of its day sees it."""

    nominee: Row
    called: str
    """The nominee's name."""
    day: date
    regime: Regime
    route: Route | None
    papers: tuple[Paper, ...]
    judgement: AwardJudgement
    leaders: tuple[int, int] | None = None
    """How many individuals of the movement are leaders, of how many: for who watches over all."""
    past: tuple[GivenAward, ...] = ()
    given: GivenAward | None = None
    """What the nominee was given by this item; None where nothing is recorded."""
    passed: bool | None = None
    """Whether the council passed the nominee; None where it has not counted yet."""
    why_not: str = ""
    """Why the nominee of a list was not awarded, where that was recorded."""
    was_refused: bool = False
    """Whether it was recorded that the nominee of a list was not awarded."""


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


def examinations(
    context: Context, connection: Connection, reader: Person, item: Item, content: Content
) -> list[Examination]:
    """Return what the law says of each nominee of an item, to a reader.

    Nothing of an item that nominates nobody, or does not say yet whom for what.
    """
    scope = scope_of(reader)
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    nominees = _asking(definition, content)
    if not nominees:
        return []
    awards = context.awards
    votes, movement = counts_of(connection, item), _movement(connection, item)
    given = {each.row: each for each in awards_of(context, connection, item)}
    whys = reasons_of(connection, item)
    forward = put_forward(context, connection, item, nominees)
    told = told_of(context, connection, item, nominees)
    past = awards_to(context, connection, scope, [each.whom for each in told], but=item)
    besides = nominated_elsewhere(context, connection, scope, item, told)
    cases = _cases(context, connection, item, nominees)
    shown = shown_to(context, connection, reader, item)
    found = []
    for each, case, tells, held, elsewhere in zip(
        nominees, cases, told, past, besides, strict=True
    ):
        count = votes.get(each.row)
        whole = replace(
            _counted(replace(case, past=_past(awards, held)), forward),
            movement=movement,
            votes=(count.agree, count.base) if count else None,
            papers=_papers(awards, case, content),
            leaders=forward.leaders,
            elsewhere=elsewhere,
        )
        examined = _examined(awards, definition, each, whole)
        found.append(
            replace(
                examined,
                judgement=shown(examined.judgement),
                called=tells.whom.called,
                leaders=forward.leaders if scope.is_everything else None,
                past=held,
                given=given.get(each.row),
                passed=count.passed if count else None,
                why_not=whys.get(each.row, ""),
                was_refused=each.row in whys,
            )
        )
    return found


def _examined(awards: Awards, definition: Definition, nominee: Row, case: Case) -> Examination:
    """Return what the law of the case's day says of a nominee, before anything came of it."""
    return Examination(
        nominee=nominee,
        called=nominee.name,
        day=case.day,
        regime=awards.regime(case.day),
        route=route_of(awards, definition, nominee.content, case.day),
        papers=awards.papers_of(case.award, case.day, case.procedure),
        judgement=judge(awards, case),
    )


def forbidden_by_rules(
    context: Context,
    connection: Connection,
    item: Item,
    content: Content,
    asker: Person | None,
) -> list[Reason]:
    """Return why the rules of its day forbid to go on with a nomination, with their sources.

    Of a list each row is judged by itself, and named, unless ``asker``, who is told, may not know
    why a nominee is held: then it is one sentence, whichever rule and whoever it is.
    """
    nominees = _asking(_definition(context, connection, item), content)
    if not nominees:
        return []
    cases, awards = _cases(context, connection, item, nominees), context.awards
    refusing = {
        rule.kind
        for case in cases
        for rule in awards.rules_of(case.award, case.day)
        if rule.effect == "refuse"
    }
    movement = _movement(connection, item) if "movement" in refusing else None
    forward = (
        put_forward(context, connection, item, nominees) if refusing & {"cap", "quota"} else None
    )
    named = [each.whom for each in told_of(context, connection, item, nominees)]
    past = awards_to(context, connection, _EVERYTHING, named, but=item)
    veil, problems = veil_for(connection, asker), []
    for each, case, held in zip(nominees, cases, past, strict=True):
        whole = _counted(replace(case, past=_past(awards, held)), forward)
        judged = veiled(judge(awards, replace(whole, movement=movement)), veil)
        problems += [_forbidden(each, found) for found in judged.of("refuse")]
    return list(dict.fromkeys(problems))


def without_reasons(connection: Connection, examined: Sequence[Examination]) -> list[Examination]:
    """Return what is examined as whoever only holds a link reads it: held, and not why."""
    office = veil_for(connection, None)
    return [replace(each, judgement=veiled(each.judgement, office)) for each in examined]


def held_rows(
    context: Context, connection: Connection, item: Item, content: Content
) -> dict[int, AwardJudgement]:
    """Return which nominees are held by what is pending, by their row, with the rules' words."""
    nominees = _asking(_definition(context, connection, item), content)
    cases = _cases(context, connection, item, nominees)
    judged = (judge(context.awards, each) for each in cases)
    held = {
        each.row: only_held(judgement) for each, judgement in zip(nominees, judged, strict=True)
    }
    return {row: judgement for row, judgement in held.items() if judgement.of("refuse")}


def held_by_rules(
    context: Context,
    connection: Connection,
    item: Item,
    content: Content,
    asker: Person | None,
) -> list[Reason]:
    """Return why a nomination waits, for whoever signs it: what is pending against a nominee."""
    held = held_rows(context, connection, item, content)
    if not held:
        return []
    rows = {each.row: each for each in _asking(_definition(context, connection, item), content)}
    veil = veil_for(connection, asker)
    return list(
        dict.fromkeys(
            _forbidden(rows[row], found)
            for row, judgement in held.items()
            for found in veiled(judgement, veil).of("refuse")
        )
    )


def holding(
    context: Context, connection: Connection, reader: Person, item: Item, content: Content
) -> list[RuleFinding]:
    """Return what holds a nomination, each once, for who changes it and may know it."""
    if not may_read_proceedings(reader):
        return []
    held = held_rows(context, connection, item, content)
    found = [each for judgement in held.values() for each in judgement.of("refuse")]
    return list(dict.fromkeys(found))


def _cases(
    context: Context, connection: Connection, item: Item, nominees: Sequence[Row]
) -> list[Case]:
    """Return each nominee as the item itself and the register of what is pending tell of them."""
    if not nominees:
        return []
    definition, day = _definition(context, connection, item), day_of(context, connection, item)
    told = [each.whom for each in told_of(context, connection, item, nominees)]
    against = proceedings_of(connection, told, [each.is_collective for each in nominees])
    today = context.calendar.local_day(context.clock())
    return [
        replace(
            _case(item, each.content, definition, day), proceedings=pending, considered_on=today
        )
        for each, pending in zip(nominees, against, strict=True)
    ]


def _definition(context: Context, connection: Connection, item: Item) -> Definition:
    return context.rulebooks.of(connection, item.definition_hash).definition


def _counted(case: Case, forward: PutForward | None) -> Case:
    """Return the case with how many the movement puts forward for its award, and for others."""
    if forward is None:
        return case
    return replace(case, put_forward=forward.awards.get(case.award, 0), bases=forward.awards)


def _papers(awards: Awards, case: Case, content: Content) -> frozenset[str]:
    """Return which papers are there: those that come by themselves, and files where some are."""
    needed = awards.papers_of(case.award, case.day, case.procedure)
    return frozenset(each.id for each in needed if each.met_by != "file" or content.files)


def _forbidden(nominee: Row, found: RuleFinding) -> Reason:
    if not found.source:
        return reason("award_rules", "{rule}.", rule=found.label)
    is_told_why = found.is_confidential and found.found is not None
    rule = listed([found.label, found.found], ": ") if is_told_why else found.label
    if nominee.row == ONE:
        return reason("award_rules", "{rule}. Source: {source}.", rule=rule, source=found.source)
    return reason(
        "award_rules",
        "Row {number} of the list: {rule}. Source: {source}.",
        number=nominee.row,
        rule=rule,
        source=found.source,
    )


def _asking(definition: Definition, content: Content) -> list[Row]:
    """Return the nominees of whom is said which award they are put forward for."""
    said = definition.nominates
    nominees = nominees_of(definition, content) if said else []
    return [each for each in nominees if said is not None and _asks(said, each.content)]


def _asks(said: Nominates, content: Content) -> bool:
    """Return whether a nomination says which award for what kind of nominee; else it is a start."""
    return bool(_text(content.fields.get(said.award)) and _text(content.fields.get(said.kind)))


def _movement(connection: Connection, item: Item) -> tuple[date, date] | None:
    """Return the first and the last day of the item's movement."""
    campaign = campaign_of(connection, item.campaign)
    return (campaign.starts_on, campaign.ends_on) if campaign else None


def _case(item: Item, content: Content, definition: Definition, day: date) -> Case:
    said = definition.nominates
    if said is None:
        raise ValueError(definition.id)
    return Case(
        award=_text(content.fields.get(said.award)),
        day=day,
        kind=_text(content.fields.get(said.kind)),
        procedure=(_text(content.fields.get(said.procedure)) if said.procedure else "") or _COUNCIL,
        ground=_text(content.fields.get(said.ground)) if said.ground else "",
        campaign=item.campaign,
        hold=_text(content.fields.get(said.hold)) if said.hold else "",
        first_day=_day(content, said.first_day),
        last_day=_day(content, said.last_day),
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


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _day(content: Content, field: str | None) -> date | None:
    return _as_day(content.fields.get(field)) if field else None


def _as_day(given: Json) -> date | None:
    return date.fromisoformat(given) if isinstance(given, str) and is_day(given) else None
