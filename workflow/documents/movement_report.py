"""The report on the movement (Báo cáo sơ kết, tổng kết): of a department, and of the agency.

Decree 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.4. The agency's carries a table of the departments'
figures. Pure.
"""

from dataclasses import dataclass
from datetime import date

from workflow.documents.elements import (
    Align,
    AttachedList,
    Block,
    Letterhead,
    OfficialDocument,
    Paragraph,
    TableBlock,
    TableColumn,
    TableRow,
)
from workflow.documents.facts import Issue, IssuingAgency, MovementFacts, Signer
from workflow.documents.nominee_lists import list_reference
from workflow.documents.phrases import (
    addressee_lines,
    basis_lines,
    day_words,
    document_title,
    filled,
    kind_name,
    letterhead,
    lower_first,
    punctuated,
    recipient_lines,
    signature_space,
    with_end_mark,
)
from workflow.documents.sections import FormPart, sections
from workflow.model import Position

_MOST_UPRIGHT = 5
"""Columns of figures that fit on a page that stands upright."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredFigures:
    """The departments' figures side by side: the heads, the rows, who reports and who does not."""

    departments: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    attached: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementReportFacts:
    """What a report on the movement says.

    ``unit``: the department that reports to the Office, abbreviated as ``unit_code``; None where
    the agency reports. ``period``: which report it is, as the form calls it; without one it is
    about its ``subject``. ``head``: whose signature it bears. ``kind``: as the process names it.
    """

    issue: Issue
    kind: str
    subject: str
    movement: MovementFacts
    bases: tuple[str, ...]
    period: str
    until: date | None
    parts: tuple[FormPart, ...]
    signer: Signer
    unit: str | None = None
    unit_code: str = ""
    head: Position = Position.DIRECTOR
    gathered: GatheredFigures | None = None


def report_subject(issuer: IssuingAgency, period: str, movement: str) -> str:
    """Return what a report of ``period`` is about; "" where it is of none."""
    words, values = issuer.words.movement_report, {"movement": movement}
    return filled(words.subject, {**values, "period": lower_first(period)}) if period else ""


def movement_report(issuer: IssuingAgency, facts: MovementReportFacts) -> OfficialDocument:
    """Return the report of a department to the Office, or of the agency to the board."""
    words = issuer.words.movement_report
    values = {
        "movement": facts.movement.name,
        "period": lower_first(facts.period),
        "issuer": facts.unit or issuer.agency,
        "office": issuer.office,
        "day": day_words(issuer, facts.until, facts.issue.year),
        "text": "; ".join(facts.movement.plans),
    }
    subject = report_subject(issuer, facts.period, facts.movement.name) or facts.subject
    to = filled(words.department_addressee, values) if facts.unit else issuer.board
    outside = () if facts.unit else facts.movement.outside
    return OfficialDocument(
        title=document_title(facts.kind, subject),
        head=_head(issuer, facts),
        kind=kind_name(facts.kind),
        subject=subject,
        addressees=addressee_lines((to, *outside)),
        bases=punctuated(basis_lines(issuer, facts.bases, None)),
        body=with_end_mark(_body(issuer, facts, values)),
        signatures=(signature_space(issuer, facts.signer, facts.head),),
        recipients=recipient_lines(
            issuer,
            issuer.words.common.as_above,
            () if facts.unit else facts.movement.copied,
            facts.unit_code if facts.unit else issuer.office_unit,
        ),
        lists=_tables(issuer, facts),
    )


def _head(issuer: IssuingAgency, facts: MovementReportFacts) -> Letterhead:
    head = letterhead(issuer, facts.kind, facts.issue)
    if facts.unit is None:
        return head
    return Letterhead(
        superior=issuer.agency.upper(),
        issuer=facts.unit.upper(),
        number=head.number.replace(f"-{issuer.symbol}", f"-{facts.unit_code}"),
        place_day=head.place_day,
    )


def _body(
    issuer: IssuingAgency, facts: MovementReportFacts, values: dict[str, str]
) -> tuple[Block, ...]:
    words = issuer.words.movement_report
    introduction = words.introduction if facts.period else words.introduction_other
    gathered = facts.gathered
    attached = "; ".join(gathered.attached) if gathered else ""
    missing = "; ".join(gathered.missing) if gathered else ""
    return (
        Paragraph(text=f"{filled(introduction, values)}:"),
        *sections(facts.parts, words.figures),
        *([Paragraph(text=filled(words.attached, {"text": attached}))] if attached else []),
        *([Paragraph(text=filled(words.missing, {"text": missing}))] if missing else []),
        Paragraph(text=filled(words.closing if facts.period else words.closing_other, values)),
    )


def _tables(issuer: IssuingAgency, facts: MovementReportFacts) -> tuple[AttachedList, ...]:
    """Return the figures of the departments as an annex; none where nothing was counted."""
    if facts.gathered is None or not facts.gathered.rows:
        return ()
    words = issuer.words.movement_report
    counted, total = words.table_heads
    columns = (counted, *facts.gathered.departments, total)
    return (
        AttachedList(
            title=words.list_title,
            about=words.department_table.upper(),
            reference=list_reference(issuer, facts.kind, facts.issue, issuer.agency),
            blocks=(_figure_table(columns, facts.gathered.rows, words.department_table),),
            is_wide=len(columns) > _MOST_UPRIGHT,
        ),
    )


def _figure_table(
    columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...], about: str
) -> TableBlock:
    """Return figures as a table: what was counted, then a column of numbers for each department."""
    return TableBlock(
        columns=tuple(
            TableColumn(
                head=head,
                share=20 if place else 36,
                align=Align.RIGHT if place else Align.LEFT,
            )
            for place, head in enumerate(columns)
        ),
        rows=tuple(TableRow(cells=each) for each in rows),
        about=about,
    )
