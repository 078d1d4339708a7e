"""Which official documents a round of the council can have at this moment, and what each says.

For whoever may read the round. Counts alone are told of a vote; of a secret ballot nothing says who
voted how.
"""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection

from workflow.documents.award_decision import DecisionFacts, award_decision, certificates
from workflow.documents.council_minutes import (
    RoundFacts,
    SeatedMember,
    VotedCase,
    council_minutes,
    tally_sheet,
)
from workflow.documents.facts import Issue, IssuingAgency
from workflow.documents.submission import SubmissionFacts, submission
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.queries.award_decisions import decides_here, decision_on_round
from workflow.queries.document_facts import (
    Writing,
    bases_of,
    head_of_agency,
    issuing_agency,
    listed_nominees,
    movement_facts,
)
from workflow.queries.documents import Made, decision_facts, papers_of
from workflow.queries.items import item_views
from workflow.queries.rounds import CaseView, RoundView, round_view
from workflow.rounds import written_share
from workflow.voting import Attendance, Role, RoundState, Voting


class RoundDocument(StrEnum):
    """The documents of a round, by what stands in their address."""

    MINUTES = "minutes"
    TALLY = "tally"
    SUBMISSION = "submission"
    DECISION = "decision"
    CERTIFICATES = "certificates"


def documents_of_round(
    writing: Writing, connection: Connection, view: RoundView
) -> list[RoundDocument]:
    """Return which documents a round can have at this moment: none before its votes are counted."""
    if not view.is_counted:
        return []
    own = (
        [RoundDocument.DECISION, RoundDocument.CERTIFICATES]
        if _decides_here(writing, connection, view)
        else []
    )
    passed = [RoundDocument.SUBMISSION] if any(map(_passed, view.cases)) else []
    return [RoundDocument.MINUTES, RoundDocument.TALLY, *passed, *own]


def round_document(
    writing: Writing, connection: Connection, number: int, kind: RoundDocument
) -> Made:
    """Return a document of a round, or several of one kind. Raises NotFoundRefusal."""
    view = round_view(writing.context, connection, number, writing.reader)
    if kind not in documents_of_round(writing, connection, view):
        raise NotFoundRefusal(lazy("this document: the round has none of this kind now"))
    return _MAKERS[kind](writing, connection, view)


def _decides_here(writing: Writing, connection: Connection, view: RoundView) -> bool:
    """Return whether the agency's head awards any of those that the round passed."""
    held = date.fromisoformat(view.round.held_on)
    items = {each.item.id: each.item for each in view.cases if _passed(each)}
    rows = {each.case.key for each in view.cases if _passed(each)}
    contents = writing.context.contents.of(connection, list(items.values()))
    return any(
        (item.id, row.row) in rows
        for item in items.values()
        for row in decides_here(writing.context, connection, item, contents[item.id], held)
    )


def _passed(case: CaseView) -> bool:
    return bool(case.case.passed) and not case.is_left_out


def _facts(writing: Writing, view: RoundView) -> RoundFacts:
    words = writing.words.council
    found = view.round
    by_role = {each.seat.role: each.person.name for each in view.seats}
    return RoundFacts(
        title=found.title,
        held_on=date.fromisoformat(found.held_on),
        place=found.place,
        meeting=words.meetings[found.meeting],
        voting=words.votings[found.voting],
        agenda=found.agenda,
        chair=by_role.get(Role.CHAIR, ""),
        secretary=by_role.get(Role.SECRETARY, ""),
        members=tuple(
            SeatedMember(
                name=each.person.name,
                role=words.roles[each.seat.role],
                attendance=words.attendances[each.seat.attendance],
            )
            for each in view.seats
        ),
        present=sum(each.seat.attendance is not Attendance.ABSENT for each in view.seats),
        cases=tuple(_case(each) for each in view.cases),
        papers=view.found.voted,
        concerned_count=found.concerned_count,
        is_closed=found.state is RoundState.CLOSED,
        receipts=tuple(view.receipts) if found.voting is Voting.SECRET else (),
        opinions=tuple((each.words or "", each.answer or "") for each in view.challenges),
    )


def _case(view: CaseView) -> VotedCase:
    case = view.case
    return VotedCase(
        title=f"{view.title} ({case.code})",
        share=written_share(case.threshold),
        concerned=tuple(each.name for each in view.concerned),
        agree=case.agree or 0,
        disagree=case.disagree or 0,
        blank=case.blank or 0,
        base=case.base or 0,
        needed=view.needed or 0,
        passed=bool(case.passed),
        is_left_out=view.is_left_out,
    )


def _minutes(writing: Writing, connection: Connection, view: RoundView) -> Made:
    return (council_minutes(issuing_agency(writing, connection), _facts(writing, view)),)


def _tally(writing: Writing, connection: Connection, view: RoundView) -> Made:
    return (tally_sheet(issuing_agency(writing, connection), _facts(writing, view)),)


def _submission(writing: Writing, connection: Connection, view: RoundView) -> Made:
    """Return the submission of all that the round passed, under one number."""
    issuer = issuing_agency(writing, connection)
    held = date.fromisoformat(view.round.held_on)
    rows = {(each.item.id, each.case.nominee) for each in view.cases if _passed(each)}
    items = {each.item.id: each.item for each in view.cases if _passed(each)}
    views = item_views(writing.context, connection, list(items.values()), writing.reader.id)
    facts = SubmissionFacts(
        issue=Issue(year=held.year),
        movement=movement_facts(writing, connection, view.round.campaign, issuer),
        bases=bases_of(views[0], held),
        nominees=tuple(
            nominee
            for view in views
            for row, nominee in listed_nominees(writing, connection, view)
            if (view.item.id, row.row) in rows
        ),
        signer=head_of_agency(connection),
        council_day=held,
        papers=papers_of(writing, views, held),
    )
    return (submission(issuer, facts),)


def _decision(writing: Writing, connection: Connection, view: RoundView) -> Made:
    return (award_decision(*_round_decision(writing, connection, view)),)


def _certificates(writing: Writing, connection: Connection, view: RoundView) -> Made:
    return certificates(*_round_decision(writing, connection, view))


def _round_decision(
    writing: Writing, connection: Connection, view: RoundView
) -> tuple[IssuingAgency, DecisionFacts]:
    found = decision_on_round(writing.context, connection, view.round.id, writing.reader)
    return decision_facts(writing, connection, found, found.items[-1])


_MAKERS: Mapping[RoundDocument, Callable[[Writing, Connection, RoundView], Made]] = {
    RoundDocument.MINUTES: _minutes,
    RoundDocument.TALLY: _tally,
    RoundDocument.SUBMISSION: _submission,
    RoundDocument.DECISION: _decision,
    RoundDocument.CERTIFICATES: _certificates,
}
