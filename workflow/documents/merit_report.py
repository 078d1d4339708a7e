"""The report of merit of one nominee (Báo cáo thành tích), by the form of its day.

Decree 91/2017/NĐ-CP, Mẫu số 07 (by movement) and its successors; the code is data. Pure.
"""

from dataclasses import dataclass
from datetime import date

from workflow.documents.elements import (
    Block,
    Heading,
    Letterhead,
    OfficialDocument,
    Paragraph,
    SignatureSpace,
)
from workflow.documents.facts import Issue, IssuingAgency, ListedNominee, MovementFacts
from workflow.documents.phrases import day_words, filled, punctuated
from workflow.documents.sections import FieldWords, FormPart, field_blocks, paragraphs, sections


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritReportFacts:
    """What a report of merit says of one nominee.

    ``unit``: which department hands it in; ``about``: what is known of the nominee, a line each;
    ``deed``: the merit as told, ``merits``: what the form says beside it, ``parts``: its other
    parts. ``form``: the code of the
    form, empty where the law of the day names none.
    """

    issue: Issue
    movement: MovementFacts
    unit: str
    nominee: ListedNominee
    first_day: date | None
    last_day: date | None
    about: tuple[str, ...]
    deed: str
    merits: tuple[FieldWords, ...] = ()
    parts: tuple[FormPart, ...] = ()
    form: str = ""


def merit_report(issuer: IssuingAgency, facts: MeritReportFacts) -> OfficialDocument:
    """Return the report of merit, for its author and the head of the unit to sign."""
    words, nominee = issuer.words.merit_report, facts.nominee
    subject = filled(words.subject, {"award": nominee.award})
    movement = filled(words.movement, {"movement": facts.movement.name})
    day = day_words(issuer, facts.issue.day, facts.issue.year)
    author = words.reported_by_collective if nominee.is_collective else words.reported_by_individual
    return OfficialDocument(
        title=f"{words.name}: {nominee.name}",
        head=Letterhead(
            superior=issuer.agency.upper(),
            issuer=facts.unit.upper(),
            number="",
            place_day=filled(issuer.words.common.place_day, {"place": issuer.place, "day": day}),
            form=filled(words.form, {"form": facts.form}) if facts.form else "",
        ),
        kind=words.name.upper(),
        subject=f"{subject}\n{movement}",
        body=_body(issuer, facts),
        signatures=(
            SignatureSpace(lines=(words.confirmed.upper(),), name="", note=words.sign_note),
            SignatureSpace(
                lines=(author.upper(),),
                name="" if nominee.is_collective else nominee.name,
                note=words.sign_note,
            ),
        ),
    )


def _body(issuer: IssuingAgency, facts: MeritReportFacts) -> tuple[Block, ...]:
    words, nominee = issuer.words.merit_report, facts.nominee
    name = {"name": nominee.name or issuer.words.common.erased}
    if nominee.is_collective:
        head, first, room = words.about_collective, words.collective, words.open_collective
    else:
        head, first, room = words.about_individual, words.individual, words.open_individual
    lines = punctuated((filled(first, name), *room, *facts.about))
    return (
        Heading(text=head),
        *(Paragraph(text=f"- {each}") for each in lines),
        Heading(text=words.achieved),
        *_period(issuer, facts),
        *paragraphs(facts.deed or issuer.words.common.erased),
        *field_blocks(facts.merits),
        *sections(facts.parts, issuer.words.movement_report.figures, first=3),
    )


def _period(issuer: IssuingAgency, facts: MeritReportFacts) -> tuple[Paragraph, ...]:
    if facts.first_day is None or facts.last_day is None:
        return ()
    values = {
        "first_day": day_words(issuer, facts.first_day, facts.issue.year),
        "last_day": day_words(issuer, facts.last_day, facts.issue.year),
        "movement": facts.movement.name,
    }
    return (Paragraph(text=filled(issuer.words.merit_report.period, values)),)
