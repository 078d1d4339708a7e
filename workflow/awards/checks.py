"""What each kind of rule finds in a case.

Owns one function a kind; each returns None where nothing is to be said. Fractions are exact. Pure.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from workflow.awards.cases import Case, PastAward, RuleFinding
from workflow.awards.catalogue import Awards
from workflow.awards.language import (
    AfterDisciplineRule,
    CapRule,
    ConsecutiveRule,
    FactRule,
    GroundRule,
    HeldBeforeRule,
    HoldRule,
    LeadersRule,
    MovementRule,
    NotCountedRule,
    NumberRule,
    OfferedRule,
    OneAwardRule,
    PaperRule,
    PartRule,
    QuotaRule,
    RepeatedRule,
    Rule,
    VoteRule,
)
from workflow.awards.months import months_after
from workflow.awards.proceedings import KINDS, Pending, served_on
from workflow.messages import Message, lazy, listed, verbatim
from workflow.values import searchable


def finding_of(awards: Awards, rule: Rule, rules: Sequence[Rule], case: Case) -> RuleFinding | None:
    """Return what ``rule``, one of ``rules`` in force, finds in ``case``; None: nothing."""
    match rule:
        case OfferedRule():
            return _offered(awards, rule, case)
        case PaperRule():
            return _papers(awards, rule, case)
        case GroundRule():
            return _ground(awards, rule, case)
        case VoteRule():
            # A vote for all awards does not count where one names the award.
            return _vote(rule, case) if awards.vote(case.award, case.day) is rule else None
        case ConsecutiveRule():
            return _of_past(case, _consecutive(rule, _counted(rules, case), case.day))
        case HeldBeforeRule():
            return _of_past(case, _held_before(rule, _counted(rules, case)))
        case _:
            return _ALONE[type(rule)](rule, case)


def finding(
    rule: Rule,
    found: Message | None = None,
    *,
    codes: tuple[str, ...] = (),
    is_unknown: bool = False,
) -> RuleFinding:
    """Return what ``rule`` found."""
    return RuleFinding(
        rule=rule.id,
        effect=rule.effect,
        label=rule.label,
        source=rule.source,
        is_verified=rule.verified,
        found=found,
        codes=codes,
        is_unknown=is_unknown,
    )


def _offered(awards: Awards, rule: Rule, case: Case) -> RuleFinding | None:
    if case.award in {each.id for each in awards.offered(case.day, case.kind)}:
        return None
    return finding(rule)


def _papers(awards: Awards, rule: Rule, case: Case) -> RuleFinding | None:
    needed = awards.papers_of(case.award, case.day, case.procedure)
    if case.papers is None:
        return finding(rule, is_unknown=True) if needed else None
    missing = [each.label for each in needed if each.id not in case.papers]
    return finding(rule, lazy("missing: {papers}", papers=listed(missing))) if missing else None


def _ground(awards: Awards, rule: GroundRule, case: Case) -> RuleFinding | None:
    """Compare the authorities that the ground calls by name with the one that decides."""
    decides = awards.authority(case.award, case.day)
    if case.procedure != "simplified" or decides is None:
        return None
    said = searchable(case.ground)
    named = [each for each in awards.authorities.values() if searchable(each.label.vi) in said]
    if not named or decides in named:
        return None
    return finding(
        rule,
        lazy(
            "the ground names {named}, the award is decided by {decides}",
            named=listed([each.label for each in named]),
            decides=decides.label,
        ),
    )


def _vote(rule: VoteRule, case: Case) -> RuleFinding | None:
    """Compare by whole numbers: agreeing × denominator against members × numerator."""
    if case.procedure != "council":
        return None
    if case.votes is None:
        return finding(rule, is_unknown=True)
    agreed, members = case.votes
    if members > 0 and Fraction(agreed, members) >= rule.share:
        return None
    return finding(
        rule,
        lazy(
            "{agreed} of {members} members agree; at least {needed} must",
            agreed=agreed,
            members=members,
            needed=math.ceil(rule.share * members) if members > 0 else 1,
        ),
    )


def _counted(rules: Sequence[Rule], case: Case) -> list[PastAward]:
    """Return the past awards that may be a basis: not withdrawn, and of a kind that counts."""
    excluded = {each for rule in rules if isinstance(rule, NotCountedRule) for each in rule.classes}
    return [
        each for each in case.past if not each.is_withdrawn and each.commendation not in excluded
    ]


def _of_past(case: Case, found: RuleFinding | None) -> RuleFinding | None:
    """Return what is missing among past awards, unknown where not all of them are known."""
    if found is None or case.is_past_whole:
        return found
    return replace(found, is_unknown=True)


def _consecutive(rule: ConsecutiveRule, past: Sequence[PastAward], day: date) -> RuleFinding | None:
    """Find a run of years that ends this year or the year before."""
    years = {each.year for each in past if each.award == rule.award}
    if any(
        all(last - back in years for back in range(rule.years)) for last in (day.year, day.year - 1)
    ):
        return None
    known = ", ".join(map(str, sorted(years))) or "0"
    return finding(rule, lazy("known years: {years}", years=known))


def _held_before(rule: HeldBeforeRule, past: Sequence[PastAward]) -> RuleFinding | None:
    times = sum(each.award == rule.award for each in past)
    return None if times >= rule.times else finding(rule, lazy("known: {times}", times=times))


def _cap(rule: CapRule, case: Case) -> RuleFinding | None:
    put_forward, base = case.put_forward, case.bases.get(rule.of)
    if put_forward is None or base is None:
        return finding(rule, is_unknown=True)
    most = rule.share * base
    match rule.rounding:
        case "down":
            limit = math.floor(most)
        case "up":
            limit = math.ceil(most)
        case "nearest":
            limit = math.floor(most + Fraction(1, 2))
    if put_forward <= limit:
        return None
    return finding(
        rule,
        lazy(
            "{put_forward} are put forward; of {base} at most {limit}",
            put_forward=put_forward,
            base=base,
            limit=limit,
        ),
    )


def _quota(rule: QuotaRule, case: Case) -> RuleFinding | None:
    if case.put_forward is None:
        return finding(rule, is_unknown=True)
    if case.put_forward <= rule.most:
        return None
    return finding(
        rule,
        lazy(
            "{put_forward} are put forward; at most {limit}",
            put_forward=case.put_forward,
            limit=rule.most,
        ),
    )


def _fact(rule: FactRule, case: Case) -> RuleFinding | None:
    given = case.facts.get(rule.fact)
    if given is None:
        return finding(rule, is_unknown=True)
    return None if bool(given) is rule.is_ else finding(rule)


def _number(rule: NumberRule, case: Case) -> RuleFinding | None:
    if rule.unless is not None and case.facts.get(rule.unless) is True:
        return None
    given = case.facts.get(rule.fact)
    if given is None or isinstance(given, bool):
        return finding(rule, is_unknown=True)
    fits = (rule.at_least is None or given >= rule.at_least) and (
        rule.below is None or given < rule.below
    )
    return None if fits else finding(rule, lazy("known: {times}", times=given))


def _part(rule: PartRule, case: Case) -> RuleFinding | None:
    part, whole = case.facts.get(rule.part), case.facts.get(rule.whole)
    if part is None or whole is None:
        return finding(rule, is_unknown=True)
    if whole > 0:
        share = Fraction(part, whole)
        if rule.above is not None and share > rule.above:
            return None
        if rule.at_least is not None and share >= rule.at_least:
            return None
    return finding(rule, lazy("{part} of {whole}", part=part, whole=whole))


def _movement(rule: MovementRule, case: Case) -> RuleFinding | None:
    if case.movement is None:
        return None
    first, last = case.movement
    if months_after(first, rule.months) <= last + timedelta(days=1):
        return None
    return finding(
        rule,
        lazy(
            "the movement lasts from {first} to {last}",
            first=f"{first:%d/%m/%Y}",
            last=f"{last:%d/%m/%Y}",
        ),
    )


def _one_award(rule: OneAwardRule, case: Case) -> RuleFinding | None:
    """Find an award already given for this achievement: the same movement, or the same time."""
    given = [
        each
        for each in case.past
        if each.is_proven and not each.is_withdrawn and _is_same_merit(each, case)
    ]
    if not given:
        return None
    return finding(
        rule,
        lazy(
            "already awarded for it: {years}",
            years=", ".join(str(each.year) for each in given),
        ),
    )


def _is_same_merit(past: PastAward, case: Case) -> bool:
    if past.campaign and case.campaign:
        if past.campaign != case.campaign:
            return False
        if past.first_day is None or past.last_day is None:
            return True
    if None in {past.first_day, past.last_day, case.first_day, case.last_day}:
        return bool(past.campaign) and past.campaign == case.campaign
    return (past.first_day, past.last_day) == (case.first_day, case.last_day)


def _repeated(rule: RepeatedRule, case: Case) -> RuleFinding | None:
    if not case.elsewhere:
        return None
    codes = tuple(each.code for each in case.elsewhere)
    return finding(rule, verbatim(", ".join(codes)), codes=codes)


def _hold(rule: HoldRule, case: Case) -> RuleFinding | None:
    day = case.considered_on or case.day
    pending = [_pending(each) for each in case.proceedings if each.is_pending_on(day)]
    said = [verbatim(case.hold)] if case.hold else []
    if not (pending or said):
        return None
    # What the nomination says itself, its author has written.
    return replace(
        finding(rule, listed([*pending, *said])),
        is_confidential=bool(pending),
        is_passing=bool(pending) and not said,
        found_openly=listed(said) if pending and said else None,
    )


def _pending(found: Pending) -> Message:
    """Return what is pending, since when and by which document."""
    return lazy(
        "{kind}, since {day} ({document})",
        kind=KINDS[found.kind],
        day=f"{found.since:%d/%m/%Y}",
        document=found.document,
    )


def _after_discipline(rule: AfterDisciplineRule, case: Case) -> RuleFinding | None:
    recorded = served_on(case.proceedings)
    served = max(filter(None, (case.discipline_served_on, recorded)), default=None)
    if served is None or case.first_day is None or case.first_day >= served:
        return None
    told = lazy("discipline was served on {day}", day=f"{served:%d/%m/%Y}")
    return replace(finding(rule, told), is_confidential=True)


def _leaders(rule: LeadersRule, case: Case) -> RuleFinding | None:
    if case.leaders is None:
        return None
    leaders, whole = case.leaders
    if whole == 0 or Fraction(leaders, whole) <= rule.share:
        return None
    return finding(rule, lazy("{part} of {whole}", part=leaders, whole=whole))


def _nothing(_rule: Rule, _case: Case) -> None:
    """Say nothing: the rule only bears on how others count."""


_ALONE: Mapping[type, Callable[..., RuleFinding | None]] = {
    CapRule: _cap,
    QuotaRule: _quota,
    FactRule: _fact,
    NumberRule: _number,
    PartRule: _part,
    MovementRule: _movement,
    OneAwardRule: _one_award,
    RepeatedRule: _repeated,
    HoldRule: _hold,
    AfterDisciplineRule: _after_discipline,
    LeadersRule: _leaders,
    NotCountedRule: _nothing,
}
