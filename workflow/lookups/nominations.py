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
    judge,
)
from workflow.context import Context
from workflow.definition import Definition, Label
from workflow.errors import Reason
from workflow.lookups.award_register import awards_of, awards_to
from workflow.lookups.campaigns import campaign_of
from workflow.lookups.duplicate_nominations import nominated_elsewhere, told_of
from workflow.lookups.given_awards import GivenAward
from workflow.lookups.held_nominees import forbidden, without_waiting
from workflow.lookups.list_results import reasons_of, undecided_rows
from workflow.lookups.nominee_cases import as_day, asking, cases_of, definition_of, text_of
from workflow.lookups.nominee_counts import PutForward, put_forward
from workflow.lookups.proceedings import shown_to, veil_for, veiled
from workflow.messages import Message, lazy
from workflow.model import Content, Item, Person
from workflow.people import Scope, scope_of
from workflow.rules import NomineeRow as Row
from workflow.store.rounds import counts_of

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
    is_undecided: bool = False
    """Whether the list has its outcome, and this nominee has none yet."""


def route_of(
    awards: Awards, definition: Definition, content: Content | None, day: date
) -> Route | None:
    """Return who decides on what a nomination asks for on ``day``; None where it asks nothing."""
    if definition.nominates is None or content is None:
        return None
    award = awards.find(text_of(content.fields.get(definition.nominates.award)))
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


def examinations(
    context: Context, connection: Connection, reader: Person, item: Item, content: Content
) -> list[Examination]:
    """Return what the law says of each nominee of an item, to a reader.

    Nothing of an item that nominates nobody, or does not say yet whom for what.
    """
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    nominees = asking(definition, content)
    if not nominees:
        return []
    awards, scope = context.awards, scope_of(reader)
    votes, movement = counts_of(connection, item), _movement(connection, item)
    given = {each.row: each for each in awards_of(context, connection, item)}
    whys, undecided = reasons_of(connection, item), undecided_rows(context, connection, item)
    forward = put_forward(context, connection, item, nominees)
    told = told_of(context, connection, item, nominees)
    past = awards_to(context, connection, scope, [each.whom for each in told], but=item)
    besides = nominated_elsewhere(context, connection, scope, item, told)
    cases = cases_of(context, connection, item, nominees)
    shown = shown_to(context, connection, reader, item)
    found = []
    for each, case, tells, held, elsewhere in zip(
        nominees, cases, told, past, besides, strict=True
    ):
        count = votes.get(each.row)
        whole = replace(
            _with_counts(replace(case, past=_past(held)), forward),
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
                is_undecided=each.row in undecided,
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

    Of a list those wait alone against whom something is pending: it goes on for the others. Each
    row is judged by itself, and named, unless ``asker``, who is told, may not know
    why a nominee is held: then it is one sentence, whichever rule and whoever it is.
    """
    nominees = asking(definition_of(context, connection, item), content)
    if not nominees:
        return []
    cases, awards = cases_of(context, connection, item, nominees), context.awards
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
    judged = [
        judge(awards, replace(_with_counts(replace(case, past=had), forward), movement=movement))
        for case, had in zip(cases, (_past(each) for each in past), strict=True)
    ]
    if not all(each.waits for each in judged):
        judged = list(map(without_waiting, judged))
    for each, judgement in zip(nominees, judged, strict=True):
        problems += [forbidden(each, found) for found in veiled(judgement, veil).of("refuse")]
    return list(dict.fromkeys(problems))


def without_reasons(connection: Connection, examined: Sequence[Examination]) -> list[Examination]:
    """Return what is examined as whoever only holds a link reads it: held, and not why."""
    office = veil_for(connection, None)
    return [replace(each, judgement=veiled(each.judgement, office)) for each in examined]


def _with_counts(case: Case, forward: PutForward | None) -> Case:
    """Return the case with how many the movement puts forward for its award, and for others."""
    if forward is None:
        return case
    return replace(case, put_forward=forward.awards.get(case.award, 0), bases=forward.awards)


def _papers(awards: Awards, case: Case, content: Content) -> frozenset[str]:
    """Return which papers are there: those that come by themselves, and files where some are."""
    needed = awards.papers_of(case.award, case.day, case.procedure)
    return frozenset(each.id for each in needed if each.met_by != "file" or content.files)


def _movement(connection: Connection, item: Item) -> tuple[date, date] | None:
    """Return the first and the last day of the item's movement."""
    campaign = campaign_of(connection, item.campaign)
    return (campaign.starts_on, campaign.ends_on) if campaign else None


def _past(given: Sequence[GivenAward]) -> tuple[PastAward, ...]:
    return tuple(
        PastAward(
            award=each.award_id,
            year=each.year,
            commendation=each.commendation,
            campaign=each.campaign,
            first_day=as_day(each.first_day),
            last_day=as_day(each.last_day),
            is_withdrawn=each.is_withdrawn,
            is_proven=bool(each.number),
        )
        for each in given
    )
