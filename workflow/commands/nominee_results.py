"""What became of each nominee of a list: awarded by which decision, or not, and why.

Owns what is wrong with what was sent. What nobody says of a row follows from the list itself: what
was asked for is given, unless the council did not pass it. A row that is held on the day of its
decision waits: nothing is said of it, and its result is an entry of its own later. So does, where
somebody outside answers, a row that the agency's own head decides on, unless the dossier reported
his decision: nobody outside decides for him. A refusal of the whole ends only what others decide.
Writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from workflow import values
from workflow.awards import Awards
from workflow.commands.numbering import NO_DECISION_NUMBER, decision_number_problems
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.history import payloads
from workflow.rules import NomineeRow
from workflow.values import is_filled

_LONGEST_REASON = 1000
_OF_OWN_HEAD = reason(
    "nominees", "What the agency's own head decides is recorded by the agency itself."
)
NOTHING_TO_REFUSE = reason(
    "result",
    "The agency's own head decides on everybody here, and nobody outside does. Record what the "
    "head decided instead.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityDecision:
    """Number and day of one authority's decision on nominees of a list; None: not said."""

    number: str | None = None
    decided_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NomineeOutcome:
    """What is said to have become of one row; None: as asked for, the competent one."""

    row: int
    is_awarded: bool | None = None
    award: str | None = None
    authority: str | None = None
    number: str | None = None
    decided_on: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """The outcome of a list as it was sent: by row, and by authority what its decision is."""

    outcomes: tuple[NomineeOutcome, ...] = ()
    decisions: Mapping[str, AuthorityDecision] = field(default_factory=dict)
    usual: AuthorityDecision = field(default_factory=AuthorityDecision)
    reported: Mapping[str, AuthorityDecision] = field(default_factory=dict)
    """Of ``decisions`` what the dossier itself reported: of the agency's own head."""

    @property
    def of_own(self) -> "ListRequest":
        """Return what is known of those whom the agency's own head awards."""
        return ListRequest(decisions=self.reported)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJudged:
    """What a list's outcome is judged by."""

    awards: Awards
    award_field: str
    nominees: Sequence[NomineeRow]
    verdicts: Mapping[int, bool]
    """Whether the council passed each row; empty where it was not asked."""
    today: date
    earliest: date | None
    """The day before which no decision can be: of the signature, else of the dossier."""
    needs_number: bool
    is_outside: bool = False
    """Whether somebody says it who is not of the agency."""
    held_on: Callable[[date], Mapping[int, Sequence[Reason]]] = lambda _: {}
    """Which rows wait on a day, each with why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListResults:
    """What became of each row, and in words why, by row, where one was not awarded."""

    results: tuple[payloads.NomineeResult, ...]
    whys: Mapping[int, str]

    @property
    def texts(self) -> dict[str, str]:
        """Return the reasons as the texts of an entry, by their names there."""
        return {f"why_{row}": why for row, why in self.whys.items()}


def refusal_results(judged: ListJudged, asked: ListRequest) -> ListResults | InvalidRefusal:
    """Return what a refusal of the whole means for each row; its reason is the decision's comment.

    Whom the agency's own head awards is awarded by the decision that the dossier reported, or
    waits; where he decides on all, the agency itself refuses all that no decision awards.
    """
    own = {each.row for each in judged.nominees if _is_own(judged, each)}
    refuses_own = len(own) == len(judged.nominees) and not (judged.is_outside or asked.reported)
    results = []
    for nominee in judged.nominees:
        passed = judged.verdicts.get(nominee.row, not judged.verdicts)
        if nominee.row not in own or refuses_own or not passed:
            results.append(payloads.NomineeResult(row=nominee.row))
            continue
        outcome = NomineeOutcome(row=nominee.row)
        award = _award(judged, asked.of_own, nominee, outcome)
        if award.number and not _why_waiting(judged, asked.of_own, outcome, award):
            results.append(payloads.NomineeResult(row=nominee.row, award=award))
    if all(each.award for each in results):
        return InvalidRefusal(NOTHING_TO_REFUSE)
    return ListResults(results=tuple(results), whys={})


def results_of(judged: ListJudged, asked: ListRequest) -> ListResults | InvalidRefusal:
    """Return what became of each row that does not wait, or everything that is wrong."""
    said = {each.row: each for each in asked.outcomes}
    rows = {each.row for each in judged.nominees}
    problems = [
        reason("nominees", "The list has no row {number}. Reload the page.", number=row)
        for row in sorted(said.keys() - rows)
    ]
    results, whys, waits = [], {}, list[Reason]()
    for nominee in judged.nominees:
        outcome, of_whom = said.get(nominee.row) or NomineeOutcome(row=nominee.row), asked
        if judged.is_outside and _is_own(judged, nominee):
            outcome, of_whom = NomineeOutcome(row=nominee.row), asked.of_own
        passed = judged.verdicts.get(nominee.row, not judged.verdicts)
        is_awarded = passed if outcome.is_awarded is None else outcome.is_awarded
        award = _award(judged, of_whom, nominee, outcome) if is_awarded else None
        if award and of_whom is not asked and not award.number:
            waits.append(_OF_OWN_HEAD)
            continue
        if held := _why_waiting(judged, of_whom, outcome, award):
            waits += held
            continue
        problems += _problems(judged, outcome, award, is_passed=passed)
        results.append(payloads.NomineeResult(row=nominee.row, award=award))
        if award is None and is_filled(outcome.why):
            whys[nominee.row] = values.line(outcome.why)
    if not any(each.award for each in results):
        problems += dict.fromkeys(waits) or [
            reason("nominees", "Nobody on the list is awarded. Record the refusal instead.")
        ]
    return InvalidRefusal(*problems) if problems else ListResults(results=tuple(results), whys=whys)


def _is_own(judged: ListJudged, nominee: NomineeRow) -> bool:
    award = str(nominee.content.fields.get(judged.award_field) or "")
    return judged.awards.is_decided_here(award, judged.today)


def result_of(judged: ListJudged, asked: ListRequest) -> ListResults | InvalidRefusal:
    """Return what became of the one row that ``judged`` has left: awarded, or not."""
    (outcome,), (nominee,) = asked.outcomes, judged.nominees
    award = _award(judged, asked, nominee, outcome) if outcome.is_awarded else None
    passed = judged.verdicts.get(nominee.row, not judged.verdicts)
    problems = [
        *_why_waiting(judged, asked, outcome, award),
        *_problems(judged, outcome, award, is_passed=passed),
    ]
    if problems:
        return InvalidRefusal(*dict.fromkeys(problems))
    whys = {} if award else {nominee.row: values.line(outcome.why)}
    results = (payloads.NomineeResult(row=nominee.row, award=award),)
    return ListResults(results=results, whys=whys)


def _why_waiting(
    judged: ListJudged,
    asked: ListRequest,
    outcome: NomineeOutcome,
    award: payloads.AwardGiven | None,
) -> Sequence[Reason]:
    """Return why a row waits that would be awarded, or that the council never considered."""
    is_unconsidered = bool(judged.verdicts) and outcome.row not in judged.verdicts
    if award is None and not (is_unconsidered and outcome.is_awarded is None):
        return ()
    day = award.decided_on if award else asked.usual.decided_on
    return judged.held_on(values.day(day or "") or judged.today).get(outcome.row, ())


def _award(
    judged: ListJudged, asked: ListRequest, nominee: NomineeRow, outcome: NomineeOutcome
) -> payloads.AwardGiven:
    award = outcome.award or str(nominee.content.fields.get(judged.award_field) or "")
    authority = outcome.authority or _competent(judged, asked, outcome, award)
    decision = asked.decisions.get(authority, AuthorityDecision())
    number = outcome.number or decision.number or asked.usual.number or ""
    day = outcome.decided_on or decision.decided_on or asked.usual.decided_on
    return payloads.AwardGiven(
        award=award,
        authority=authority,
        number=values.line(number),
        decided_on=day or judged.today.isoformat(),
    )


def _competent(judged: ListJudged, asked: ListRequest, outcome: NomineeOutcome, award: str) -> str:
    """Return who awards it on the day of their decision; empty where nobody does.

    Whose decision is named comes first, where they were competent on its day.
    """

    def on_day_of(decision: AuthorityDecision) -> str:
        day = outcome.decided_on or decision.decided_on or asked.usual.decided_on
        found = judged.awards.competence(award, values.day(day or "") or judged.today)
        return found.authority if found else ""

    named = (each for each, decision in asked.decisions.items() if on_day_of(decision) == each)
    return next(named, on_day_of(asked.usual))


def _problems(
    judged: ListJudged,
    outcome: NomineeOutcome,
    award: payloads.AwardGiven | None,
    *,
    is_passed: bool,
) -> Iterator[Reason]:
    """Yield what is wrong with one row, named by its number."""
    if award is None:
        fault = values.line_fault(
            outcome.why, _LONGEST_REASON, may_be_empty=not (is_passed and judged.needs_number)
        )
        if fault:
            yield _at(outcome, reason("why", "The reason {wrong}", wrong=fault))
        return
    if not is_passed:
        yield _at(outcome, reason("council", "The council did not pass this nominee."))
    if judged.awards.find(award.award) is None:
        yield _at(outcome, reason("award", "There is no award “{given}”.", given=award.award))
    if award.authority and award.authority not in judged.awards.authorities:
        yield _at(
            outcome,
            reason("authority", "There is no authority “{given}”.", given=award.authority),
        )
    if judged.needs_number and not award.number:
        yield _at(outcome, NO_DECISION_NUMBER)
    for wrong in decision_number_problems(award.number):
        yield _at(outcome, wrong)
    day = values.day(award.decided_on)
    if day is None or day > judged.today or (judged.earliest and day < judged.earliest):
        yield _at(
            outcome,
            reason(
                "decided_on",
                "The day of the decision must be real, not before the Director's signature and "
                "not in the future.",
            ),
        )


def _at(outcome: NomineeOutcome, wrong: Reason) -> Reason:
    return of_row(outcome.row, wrong)


def of_row(row: int, wrong: Reason) -> Reason:
    """Return what is wrong with one row of a list, named by its number."""
    return reason(
        "nominees", "Row {number} of the list: {problem}", number=row, problem=wrong.message
    )
