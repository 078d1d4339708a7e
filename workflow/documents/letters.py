"""Letters (Công văn): by which a dossier goes, and by which what was issued is corrected.

Decree 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.5; khoản 3 Điều 18 on corrections. A letter has no name of
its kind: what it is about stands below its number. Pure.
"""

from dataclasses import dataclass

from workflow.documents.elements import Block, OfficialDocument, Paragraph
from workflow.documents.facts import Issue, IssuingAgency, Signer
from workflow.documents.phrases import (
    addressee_lines,
    day_words,
    filled,
    head_of_letter,
    lower_first,
    number_words,
    punctuated,
    recipient_lines,
    signature_space,
    with_end_mark,
)
from workflow.model import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """What a letter says: about what, to whom, and which papers go with it.

    ``corrected``: number and day of the document that it corrects, and its name; None: it sends.
    """

    issue: Issue
    subject: str
    addressees: tuple[str, ...]
    signer: Signer
    papers: tuple[str, ...] = ()
    corrected: tuple[str, Issue] | None = None


def letter(issuer: IssuingAgency, facts: LetterFacts) -> OfficialDocument:
    """Return the letter, for the head to sign."""
    words = issuer.words.letter
    values = {
        "agency": issuer.agency,
        "subject": lower_first(facts.subject),
        "addressee": ", ".join(facts.addressees),
    }
    if facts.corrected is not None:
        values["document"] = _corrected_words(issuer, *facts.corrected)
    about = filled(words.correction_about if facts.corrected else words.about, values)
    return OfficialDocument(
        title=about,
        head=head_of_letter(issuer, facts.issue, about),
        kind="",
        subject="",
        addressees=addressee_lines(facts.addressees),
        body=with_end_mark(
            _correction(issuer, values) if facts.corrected else _body(issuer, facts, values)
        ),
        signatures=(signature_space(issuer, facts.signer, Position.DIRECTOR),),
        recipients=recipient_lines(issuer, issuer.words.common.as_above, (), issuer.office_unit),
    )


def correction_about(issuer: IssuingAgency, name: str, issue: Issue) -> str:
    """Return what a letter is about that corrects the document ``name``, issued as ``issue``."""
    document = _corrected_words(issuer, name, issue)
    return filled(issuer.words.letter.correction_about, {"document": document})


def _corrected_words(issuer: IssuingAgency, name: str, issue: Issue) -> str:
    number = number_words(issuer, issue.notation)
    return f"{name} {number} {day_words(issuer, issue.day, issue.year)}"


def _body(issuer: IssuingAgency, facts: LetterFacts, values: dict[str, str]) -> list[Block]:
    words = issuer.words.letter
    papers = punctuated([filled(words.paper, {"text": each}) for each in facts.papers])
    return [
        Paragraph(text=filled(words.body, values)),
        *(Paragraph(text=f"{place}. {each}") for place, each in enumerate(papers, 1)),
        Paragraph(text=filled(words.thanks, values)),
    ]


def _correction(issuer: IssuingAgency, values: dict[str, str]) -> list[Block]:
    words = issuer.words.letter
    sentences = (
        words.correction_body,
        words.correction_wrong,
        words.correction_right,
        words.correction_kept,
        words.correction_thanks,
    )
    return [Paragraph(text=filled(each, values)) for each in sentences]
