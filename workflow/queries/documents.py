"""Which official documents an item can have at this moment, and what each says.

A reader who may see the item may read its documents; what is withheld from them is in none.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection

from workflow.definition import FieldType, Stage
from workflow.documents import OfficialDocument
from workflow.documents.award_decision import (
    DecisionFacts,
    RewardFacts,
    award_decision,
    certificates,
)
from workflow.documents.elements import AwardCertificate
from workflow.documents.facts import Issue, IssuingAgency, ListedNominee
from workflow.documents.letters import LetterFacts, letter
from workflow.documents.merit_report import MeritReportFacts, merit_report
from workflow.documents.movement_report import (
    GatheredFigures,
    MovementReportFacts,
    movement_report,
)
from workflow.documents.sections import FieldWords, FormPart, figure_text
from workflow.documents.submission import SubmissionFacts, submission
from workflow.errors import NotFoundRefusal
from workflow.lookups.nominee_cases import day_of
from workflow.messages import lazy
from workflow.model import Item, Position
from workflow.queries.award_decisions import AwardDecision, decides_here, decision_on_item
from workflow.queries.document_facts import (
    Writing,
    as_nominee,
    bases_of,
    besides,
    day_of_field,
    first_of_type,
    form_parts,
    head_of_agency,
    head_of_unit,
    issuing_agency,
    item_issue,
    listed_nominees,
    movement_facts,
    period_of,
    signer_of,
    text_in,
    unit_code,
)
from workflow.queries.gathering import GatheredLine, SideBySide, gathered_view
from workflow.queries.items import ItemView, visible_view
from workflow.rules import (
    nominees_of,
)
from workflow.rules.nominees import COLLECTIVE
from workflow.store import people, rounds
from workflow.store.dispatches import dispatch_of
from workflow.voting import RoundState

Made = tuple[OfficialDocument | AwardCertificate, ...]


class ItemDocument(StrEnum):
    """The documents of an item, by what stands in their address."""

    SUBMISSION = "submission"
    MERIT_REPORT = "merit-report"
    DECISION = "decision"
    CERTIFICATES = "certificates"
    REPORT = "report"
    LETTER = "letter"
    CORRECTION = "correction"


def documents_of(writing: Writing, connection: Connection, view: ItemView) -> list[ItemDocument]:
    """Return which documents an item can have at this moment, in their order on paper."""
    if (
        writing.context.rulebooks.of(connection, view.item.definition_hash).stages[view.item.state]
        is Stage.GIVEN_UP
    ):
        return []
    sent = dispatch_of(connection, view.item.id) is not None and view.item.gathered_in is None
    told = view.is_signed and view.item.gathered_in is None
    after = [
        *([ItemDocument.LETTER] if told else []),
        *([ItemDocument.CORRECTION] if sent else []),
    ]
    if view.definition.nominates is None:
        return [ItemDocument.REPORT, *after]
    day = day_of(writing.context, connection, view.item)
    own = decides_here(writing.context, connection, view.item, view.content, day)
    return [
        ItemDocument.SUBMISSION,
        ItemDocument.MERIT_REPORT,
        *([ItemDocument.DECISION, ItemDocument.CERTIFICATES] if own else []),
        *after,
    ]


def item_document(writing: Writing, connection: Connection, code: str, kind: ItemDocument) -> Made:
    """Return a document of an item, or several of one kind. Raises NotFoundRefusal."""
    view = visible_view(writing.context, connection, code, writing.reader)
    if kind not in documents_of(writing, connection, view):
        raise NotFoundRefusal(lazy("this document: the item has none of this kind now"))
    named = [each.name for _, each in listed_nominees(writing, connection, view)]
    if view.definition.nominates is not None and not any(named) and not view.content.erased:
        raise NotFoundRefusal(
            lazy("this document: the item names nobody yet; write the nominee first")
        )
    return _MAKERS[kind](writing, connection, view)


def submission_of(writing: Writing, connection: Connection, views: Sequence[ItemView]) -> Made:
    """Return the submission of nominations that leave together, the first with the number."""
    issuer, lead = issuing_agency(writing, connection), views[0]
    day = day_of(writing.context, connection, lead.item)
    passing = rounds.passing_rounds(connection, [lead.item])
    before = rounds.rounds_of(connection, [lead.item]).get(lead.item.id)
    round_id = passing[-1] if passing else before
    met = rounds.find_round(connection, round_id) if round_id is not None else None
    facts = SubmissionFacts(
        issue=item_issue(writing, connection, lead.item),
        movement=movement_facts(writing, connection, lead.item.campaign, issuer),
        bases=bases_of(lead, day),
        nominees=tuple(
            each for view in views for _, each in listed_nominees(writing, connection, view)
        ),
        signer=signer_of(writing, connection, lead.item),
        council_day=date.fromisoformat(met.held_on) if met and met.state in _COUNTED else None,
        papers=papers_of(writing, views, day),
    )
    return (submission(issuer, facts),)


def papers_of(writing: Writing, views: Sequence[ItemView], day: date) -> tuple[str, ...]:
    """Return what a dossier of items holds beside the submission, by the law of ``day``."""
    named = {}
    for view in views:
        nominates = view.definition.nominates
        for row in nominees_of(view.definition, view.content) if nominates else ():
            fields = row.content.fields
            award = text_in(fields, nominates.award if nominates else None)
            procedure = text_in(fields, nominates.procedure if nominates else None) or "council"
            for paper in writing.context.awards.papers_of(award, day, procedure):
                named[paper.id] = paper.label.vi
    first = next(iter(named), None)
    return tuple(label for paper, label in named.items() if paper != first)


def merit_reports(writing: Writing, connection: Connection, view: ItemView) -> Made:
    """Return a report of merit for each nominee, in the form of the law of the day."""
    issuer = issuing_agency(writing, connection)
    movement = movement_facts(writing, connection, view.item.campaign, issuer)
    unit = people.department_names(connection).get(view.item.department, "")
    day = day_of(writing.context, connection, view.item)
    year = writing.context.calendar.local_day(view.item.since).year
    made = []
    for row, nominee in listed_nominees(writing, connection, view):
        nominates, fields = view.definition.nominates, row.content.fields
        if nominates is None:
            continue
        one = as_nominee(view, row)
        form = next(
            (
                each.form
                for each in writing.context.awards.papers_of(text_in(fields, nominates.award), day)
                if each.form
            ),
            "",
        )
        about, merits, parts = _about_and_parts(writing, one)
        made.append(
            merit_report(
                issuer,
                MeritReportFacts(
                    issue=Issue(year=year),
                    movement=movement,
                    unit=unit,
                    nominee=nominee,
                    first_day=day_of_field(fields, nominates.first_day),
                    last_day=day_of_field(fields, nominates.last_day),
                    about=about,
                    deed=text_in(fields, nominates.deed),
                    merits=merits,
                    parts=parts,
                    form=form or "",
                ),
            )
        )
    return tuple(made)


def _about_and_parts(
    writing: Writing, view: ItemView
) -> tuple[tuple[str, ...], tuple[FieldWords, ...], tuple[FormPart, ...]]:
    """Return what is known of a nominee, a line each, what is said of the merit, and the rest."""
    nominates = view.definition.nominates
    fields = {each.id: each for each in view.definition.fields}
    if nominates is None:
        return (), (), ()
    skipped = {
        *nominates.nominee,
        nominates.kind,
        nominates.award,
        nominates.first_day,
        nominates.last_day,
        nominates.deed,
    }
    skipped |= {nominates.procedure, nominates.hold}
    who, asked = fields[nominates.nominee[0]].group, fields[nominates.award].group
    parts = form_parts(writing, view, [each for each in skipped if each])
    titled = dict(zip((each.id for each in view.definition.groups), parts, strict=True))
    lines = tuple(f"{each.label}: {each.text}" for each in titled[who].entries if each.text)
    deed = fields[nominates.deed].group if nominates.deed else None
    rest = tuple(part for group, part in titled.items() if group not in {who, asked, deed})
    return lines, titled[deed].entries if deed in titled else (), rest


def _decision(writing: Writing, connection: Connection, view: ItemView) -> Made:
    return (award_decision(*_item_decision(writing, connection, view)),)


def _certificates(writing: Writing, connection: Connection, view: ItemView) -> Made:
    return certificates(*_item_decision(writing, connection, view))


def _item_decision(
    writing: Writing, connection: Connection, view: ItemView
) -> tuple[IssuingAgency, DecisionFacts]:
    found = decision_on_item(writing.context, connection, view.item.code, writing.reader)
    return decision_facts(writing, connection, found, view.item)


def decision_facts(
    writing: Writing, connection: Connection, found: AwardDecision, signed: Item
) -> tuple[IssuingAgency, DecisionFacts]:
    """Return who issues the agency's own decision on awards, and what it says.

    ``signed``: the item whose signer signs it.
    """
    issuer = issuing_agency(writing, connection)
    day = date.fromisoformat(found.decided_on) if found.decided_on else None
    last = found.items[-1]
    year = (day or writing.context.calendar.local_day(last.since)).year
    return issuer, DecisionFacts(
        issue=Issue(year=year, notation=found.number, day=day),
        movement=movement_facts(writing, connection, found.campaign, issuer),
        bases=found.bases,
        nominees=tuple(
            ListedNominee(
                name=each.name,
                is_collective=each.kind == COLLECTIVE,
                beside=besides(each.name, each.beside),
                award=group.award.vi,
                certificate_text=each.certificate_text,
            )
            for group in found.groups
            for each in (*group.collectives, *group.individuals)
        ),
        signer=signer_of(writing, connection, signed),
        council_day=found.council_day,
        rewards=tuple(
            RewardFacts(
                award=group.award.vi,
                is_collective=each.kind == COLLECTIVE,
                multiple=each.multiple,
            )
            for group in found.groups
            for each in group.rewards
        ),
        units=tuple(each.name for each in people.all_departments(connection)),
    )


def report_of(writing: Writing, connection: Connection, view: ItemView) -> Made:
    """Return the report that an item is, of its department or of the agency."""
    issuer = issuing_agency(writing, connection)
    item, definition = view.item, view.definition
    day = day_of(writing.context, connection, item)
    scope = {each.id for each in view.fields if each.or_deadline}
    until = first_of_type(view.fields, FieldType.DATE)
    fields = view.content.fields
    is_own = view.is_signed and item.gathered_in is None
    unit = not definition.gathers and not is_own
    department = next(
        each for each in people.all_departments(connection) if each.id == item.department
    )
    side = (
        gathered_view(writing.context, connection, view, writing.reader)
        if definition.gathers
        else None
    )
    facts = MovementReportFacts(
        issue=Issue(year=day.year) if unit else item_issue(writing, connection, item),
        kind=definition.document.kind,
        subject=view.content.title,
        movement=movement_facts(writing, connection, item.campaign, issuer, definition.copied_to),
        bases=bases_of(view, day),
        period=period_of(writing, definition, view.content),
        until=day_of_field(fields, until.id) if until else None,
        parts=form_parts(writing, view, scope | ({until.id} if until else set())),
        signer=head_of_unit(connection, department)
        if unit
        else signer_of(writing, connection, item),
        unit=department.name if unit else None,
        unit_code=unit_code(writing, department),
        head=head_of_unit(connection, department).position if unit else Position.DIRECTOR,
        gathered=_figures(side) if side else None,
    )
    return (movement_report(issuer, facts),)


def _figures(side: SideBySide) -> GatheredFigures:
    def row(line: GatheredLine) -> tuple[str, ...]:
        cells = (*line.values, line.said)
        return (
            str(line.field.label),
            *(figure_text(each) if isinstance(each, int) else "–" for each in cells),
        )

    return GatheredFigures(
        departments=tuple(each.department for each in side.sources),
        rows=tuple(row(each) for each in side.figures),
        attached=tuple(each.department for each in side.attached),
        missing=side.missing,
    )


def _letter(writing: Writing, connection: Connection, view: ItemView) -> Made:
    """Return the letter by which the papers of an item go."""
    issuer = issuing_agency(writing, connection)
    item = view.item
    papers = [
        each.title
        for kind in documents_of(writing, connection, view)
        if kind in _ENCLOSED
        for each in _MAKERS[kind](writing, connection, view)
    ]
    facts = LetterFacts(
        issue=Issue(year=writing.context.calendar.local_day(item.since).year),
        subject=view.content.title,
        addressees=(issuer.board,),
        signer=head_of_agency(connection),
        papers=tuple(papers),
    )
    return (letter(issuer, facts),)


def _correction(writing: Writing, connection: Connection, view: ItemView) -> Made:
    """Return the letter that corrects what an item left with (khoản 3 Điều 18)."""
    issuer = issuing_agency(writing, connection)
    issued = item_issue(writing, connection, view.item)
    facts = LetterFacts(
        issue=Issue(year=writing.context.calendar.local_day(writing.context.clock()).year),
        subject=view.content.title,
        addressees=(issuer.board,),
        signer=head_of_agency(connection),
        corrected=(view.definition.document.name, issued),
    )
    return (letter(issuer, facts),)


_COUNTED = {RoundState.COUNTED, RoundState.CLOSED}
_ENCLOSED = {ItemDocument.SUBMISSION, ItemDocument.MERIT_REPORT, ItemDocument.REPORT}
_MAKERS: Mapping[ItemDocument, Callable[[Writing, Connection, ItemView], Made]] = {
    ItemDocument.SUBMISSION: lambda writing, read, view: submission_of(writing, read, [view]),
    ItemDocument.MERIT_REPORT: merit_reports,
    ItemDocument.DECISION: _decision,
    ItemDocument.CERTIFICATES: _certificates,
    ItemDocument.REPORT: report_of,
    ItemDocument.LETTER: _letter,
    ItemDocument.CORRECTION: _correction,
}
