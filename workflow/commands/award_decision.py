"""Which award was given, by whom, by which decision: what is recorded of a nomination's outcome.

Owns the defaults (what was asked for, whoever is competent on the day, today) and what is wrong
with what was sent. Writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Connection

from workflow import values
from workflow.command import Cause
from workflow.commands.nominee_results import (
    NOTHING_TO_REFUSE,
    AuthorityDecision,
    ListJudged,
    ListRequest,
    ListResults,
    NomineeOutcome,
    of_row,
    refusal_results,
    result_of,
    results_of,
)
from workflow.commands.numbering import (
    NO_DECISION_NUMBER,
    GivenNumber,
    Numbers,
    decision_number_problems,
    given_number,
    is_numbered_here,
    own_decision_number,
)
from workflow.context import Context
from workflow.definition import DECISION, Definition
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.history import payloads
from workflow.lookups.award_register import reported_of
from workflow.lookups.held_nominees import why_held
from workflow.lookups.signatures import signed_on
from workflow.model import Content, Item, Person, Via
from workflow.rules import list_of, nominees_of
from workflow.rules.register import AskedNumber
from workflow.store import dispatches
from workflow.store.rounds import counts_of
from workflow.values import is_filled


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRequest:
    """The decision on an award as it was sent; None: as asked for, the competent one, today."""

    award: str | None = None
    authority: str | None = None
    number: str | None = None
    decided_on: str | None = None
    outcomes: tuple[NomineeOutcome, ...] = ()
    """Of a list of nominees: what became of each row."""
    decisions: Mapping[str, AuthorityDecision] = field(default_factory=dict)
    """Of a list: each authority's decision, where a row names none of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRecorded:
    """What a decision records of a nomination: the award of one, or what became of each row."""

    award: payloads.AwardGiven | None = None
    number: GivenNumber | None = None
    """The number that the register gave the decision on the award, where it was kept here."""
    listed: ListResults = field(default_factory=lambda: ListResults(results=(), whys={}))


@dataclass(frozen=True, slots=True, kw_only=True)
class LateResult:
    """What is said of a row that waited, on which day, and who is told why it must wait on."""

    outcome: NomineeOutcome
    today: date
    asker: Person | None


class _Deciding(Protocol):
    """What a decision says that matters here."""

    @property
    def cause(self) -> Cause: ...
    @property
    def transition(self) -> str: ...
    @property
    def comment(self) -> str: ...
    @property
    def award(self) -> AwardRequest: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The instant of a set of decisions, and the numbers that it has given."""

    now: datetime
    numbers: Numbers


def outcome_of(
    context: Context,
    connection: Connection,
    command: _Deciding,
    item: Item,
    content: Content | None,
    given: Given,
) -> OutcomeRecorded | InvalidRefusal | None:
    """Return what a decision records, or what is wrong with it; None where it records nothing.

    Number of a decision and reason of a refusal are asked for on a page, unless the register kept
    here gives the number, and of whom the dossier was sent to; others may leave it for later.
    """
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    taken = next(iter(rulebook.alternatives(item.state, command.transition)), None)
    definition = rulebook.definition
    if taken is None or taken.result is None or definition.nominates is None or content is None:
        return None
    is_on_page = _is_on_page(command.cause)
    if taken.result == "refused" and is_on_page and not is_filled(command.comment):
        return InvalidRefusal(
            reason("comment", "“{label}” needs a reason. Write it.", label=taken.label)
        )
    today = context.calendar.local_day(given.now)
    if list_of(definition, content) is not None:
        outcome = refusal_results if taken.result == "refused" else results_of
        return _list_outcome(context, connection, command, item, content, today, outcome)
    if taken.result == "refused":
        is_own = context.awards.is_decided_here(_asked_for(definition, content), today)
        is_outside = command.cause.recipient is not None
        return InvalidRefusal(NOTHING_TO_REFUSE) if is_own and is_outside else None
    asked = _as_reported(context, connection, item, command.award)
    award = _award_given(context, asked, definition, content, today)
    day = values.day(award.decided_on)
    problems = [*_problems(context, award), *day_problems(context, connection, item, day, today)]
    if is_on_page and not award.number and not is_numbered_here(context, award.authority):
        problems.append(NO_DECISION_NUMBER)
    if day is not None:
        asker = asker_of(context, connection, command.cause)
        held = why_held(context, connection, item, content, asker, day)
        problems += [each for reasons in held.values() for each in reasons]
    if problems:
        return InvalidRefusal(*problems)
    # Nobody outside takes a number of the agency's own register.
    return _numbered(context, connection, award, given, is_asked=command.cause.via is Via.PAGE)


def _is_on_page(cause: Cause) -> bool:
    return cause.via is Via.PAGE or cause.recipient is not None


def _list_outcome(
    context: Context,
    connection: Connection,
    command: _Deciding,
    item: Item,
    content: Content,
    today: date,
    judge: Callable[[ListJudged, ListRequest], ListResults | InvalidRefusal],
) -> OutcomeRecorded | InvalidRefusal:
    """Return what ``judge`` says became of each row of a list that does not wait."""
    asker = asker_of(context, connection, command.cause)
    asked = _as_reported(context, connection, item, command.award)
    judged = replace(
        _list_judged(context, connection, item, content, today),
        needs_number=_is_on_page(command.cause),
        is_outside=command.cause.recipient is not None,
        held_on=lambda day: why_held(context, connection, item, content, asker, day),
    )
    listed = judge(judged, _list_request(asked, _reported_decisions(context, connection, item)))
    if not isinstance(listed, InvalidRefusal):
        listed = _as_registered(context, connection, listed, today)
    return listed if isinstance(listed, InvalidRefusal) else OutcomeRecorded(listed=listed)


def asker_of(context: Context, connection: Connection, cause: Cause) -> Person | None:
    """Return who is told why a nominee is held; None by a link, which may have been passed on."""
    if cause.via is Via.LINK:
        return None
    return context.directory(connection, context.clock()).active(cause.actor)


def late_result(
    context: Context, connection: Connection, item: Item, content: Content, late: LateResult
) -> ListResults | InvalidRefusal:
    """Return what became of a row that waited, by the same rules as the rest of its list."""
    judged = _list_judged(context, connection, item, content, late.today)
    own = [each for each in judged.nominees if each.row == late.outcome.row]
    judged = replace(
        judged,
        nominees=own,
        needs_number=True,
        held_on=lambda day: why_held(context, connection, item, content, late.asker, day),
    )
    listed = result_of(judged, ListRequest(outcomes=(late.outcome,)))
    if isinstance(listed, InvalidRefusal):
        return listed
    return _as_registered(context, connection, listed, late.today)


def _numbered(
    context: Context,
    connection: Connection,
    award: payloads.AwardGiven,
    given: Given,
    *,
    is_asked: bool,
) -> OutcomeRecorded | InvalidRefusal:
    """Return the award with the number of its decision, from the register where that gives it."""
    if not is_numbered_here(context, award.authority):
        return OutcomeRecorded(award=award)
    number = _register_number(context, connection, award, given, is_asked=is_asked)
    if isinstance(number, InvalidRefusal):
        return number
    if isinstance(number, str):
        return OutcomeRecorded(award=replace(award, number=number))
    if number is not None:
        award = replace(award, number=number.notation)
    return OutcomeRecorded(award=award, number=number)


def _register_number(
    context: Context,
    connection: Connection,
    award: payloads.AwardGiven,
    given: Given,
    *,
    is_asked: bool,
) -> GivenNumber | str | InvalidRefusal | None:
    """Return the number that the register gives a decision, or gave it; None: it gets none.

    Several nominations that one decision awards share its number: it is given for the first.
    """
    day, today = date.fromisoformat(award.decided_on), context.calendar.local_day(given.now)
    if award.number:
        had = own_decision_number(context, connection, award.number, day, today)
        return InvalidRefusal(had) if isinstance(had, Reason) else had
    if not is_asked:
        return None
    asked = AskedNumber(
        kind=DECISION,
        number=None,
        issued_on=day,
        today=today,
    )
    found = given_number(context, connection, given.numbers, asked)
    if isinstance(found, InvalidRefusal):
        return InvalidRefusal(*(replace(each, rule="decided_on") for each in found.reasons))
    return found


def _as_registered(
    context: Context, connection: Connection, listed: ListResults, today: date
) -> ListResults | InvalidRefusal:
    """Return what became of a list, the numbers of one's own decisions as the register has them."""
    problems, results = [], []
    for each in listed.results:
        award, result = each.award, each
        if award is not None and award.number and is_numbered_here(context, award.authority):
            day = date.fromisoformat(award.decided_on)
            had = own_decision_number(context, connection, award.number, day, today)
            if isinstance(had, Reason):
                problems.append(of_row(each.row, had))
            else:
                result = replace(each, award=replace(award, number=had))
        results.append(result)
    return InvalidRefusal(*problems) if problems else replace(listed, results=tuple(results))


def _award_given(
    context: Context, asked: AwardRequest, definition: Definition, content: Content, today: date
) -> payloads.AwardGiven:
    award = asked.award or _asked_for(definition, content)
    day = values.day(asked.decided_on) if asked.decided_on else today
    competent = context.awards.competence(award, day) if day else None
    authority = asked.authority or (competent.authority if competent else "")
    known = asked.decisions.get(authority, AuthorityDecision())
    return payloads.AwardGiven(
        award=award,
        authority=authority,
        number=values.line(asked.number or known.number or ""),
        decided_on=asked.decided_on or known.decided_on or today.isoformat(),
    )


def _as_reported(
    context: Context, connection: Connection, item: Item, asked: AwardRequest
) -> AwardRequest:
    """Return what was sent, with the decision that the dossier reported where none is named.

    It is the head's own: of a list's rows it counts for those that he awards.
    """
    reported = _reported_decisions(context, connection, item)
    if asked.number:
        return asked
    named = {each: given for each, given in asked.decisions.items() if given.number}
    return replace(asked, decisions={**asked.decisions, **reported, **named})


def _reported_decisions(
    context: Context, connection: Connection, item: Item
) -> dict[str, AuthorityDecision]:
    reported = reported_of(connection, item)
    if reported is None:
        return {}
    own = [each.id for each in context.awards.authorities.values() if each.decides_here]
    said = AuthorityDecision(number=reported.number, decided_on=reported.decided_on)
    return dict.fromkeys(own, said)


def _list_judged(
    context: Context, connection: Connection, item: Item, content: Content, today: date
) -> ListJudged:
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    return ListJudged(
        awards=context.awards,
        award_field=definition.nominates.award if definition.nominates else "",
        nominees=nominees_of(definition, content),
        verdicts={row: each.passed for row, each in counts_of(connection, item).items()},
        today=today,
        earliest=_earliest(context, connection, item),
        needs_number=False,
    )


def _list_request(asked: AwardRequest, reported: Mapping[str, AuthorityDecision]) -> ListRequest:
    return ListRequest(
        outcomes=asked.outcomes,
        decisions=asked.decisions,
        usual=AuthorityDecision(number=asked.number, decided_on=asked.decided_on),
        reported=reported,
    )


def _earliest(context: Context, connection: Connection, item: Item) -> date | None:
    """Return the day before which no decision on an award can be, or None."""
    signed = signed_on(context, connection, item)
    sent = dispatches.dispatch_of(connection, item.id)
    return signed or (date.fromisoformat(sent.issued_on) if sent else None)


def _asked_for(definition: Definition, content: Content) -> str:
    asked = content.fields.get(definition.nominates.award) if definition.nominates else None
    return asked if isinstance(asked, str) else ""


def _problems(context: Context, given: payloads.AwardGiven) -> Iterator[Reason]:
    if context.awards.find(given.award) is None:
        yield reason(
            "award",
            "There is no award “{given}”. Use one of: {allowed}.",
            given=given.award,
            allowed=", ".join(context.awards.all),
        )
    if given.authority and given.authority not in context.awards.authorities:
        yield reason(
            "authority",
            "There is no authority “{given}”. Use one of: {allowed}.",
            given=given.authority,
            allowed=", ".join(context.awards.authorities),
        )
    yield from decision_number_problems(given.number)


def day_problems(
    context: Context, connection: Connection, item: Item, day: date | None, today: date
) -> Iterator[Reason]:
    """Yield why the decision cannot be of that day: it follows the signature, and is no plan."""
    if day is None:
        yield reason("decided_on", "The day of the decision must be real, for example 15/06/2022.")
        return
    if day > today:
        yield reason("decided_on", "The day of the decision lies in the future. Mend the day.")
    signed = signed_on(context, connection, item)
    if signed is not None and day < signed:
        yield reason(
            "decided_on",
            "The decision cannot be older than the Director's signature of {day}. Mend the day.",
            day=f"{signed:%d/%m/%Y}",
        )
    sent = dispatches.dispatch_of(connection, item.id)
    sent_on = date.fromisoformat(sent.issued_on) if sent else None
    if sent_on is not None and signed is None and day < sent_on:
        yield reason(
            "decided_on",
            "The decision cannot be older than the dossier of {day}. Mend the day.",
            day=f"{sent_on:%d/%m/%Y}",
        )
