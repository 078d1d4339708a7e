"""Letters (Công văn): by which a dossier goes, and by which what was issued is corrected.

Decree 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.5; khoản 3 Điều 18 on corrections. A letter has no name of
its kind: what it is about stands below its number. Pure.
"""

from dataclasses import dataclass

from workflow.dossier.documents import Block, OfficialDocument, Paragraph
from workflow.dossier.facts import Issue, IssuingAgency, Signer
from workflow.dossier.phrases import (
    addressed,
    day_words,
    ended,
    finished,
    letter_head,
    number_words,
    recipients_of,
    said,
    signature_space,
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
    at_hand = {
        "agency": issuer.agency,
        "subject": facts.subject[:1].lower() + facts.subject[1:],
        "addressee": ", ".join(facts.addressees),
    }
    if facts.corrected is not None:
        name, issue = facts.corrected
        number = f"{name} {number_words(issuer, issue.notation)}"
        at_hand["document"] = f"{number} {day_words(issuer, issue.day, issue.year)}"
    about = words.correction_about if facts.corrected else words.about
    return OfficialDocument(
        title=said(about, at_hand),
        head=letter_head(issuer, facts.issue, said(about, at_hand)),
        kind="",
        subject="",
        addressees=addressed(facts.addressees),
        body=finished(
            _correction(issuer, at_hand) if facts.corrected else _body(issuer, facts, at_hand)
        ),
        signatures=(signature_space(issuer, facts.signer, Position.DIRECTOR),),
        recipients=recipients_of(issuer, issuer.words.common.as_above, (), issuer.office_unit),
    )


def _body(issuer: IssuingAgency, facts: LetterFacts, at_hand: dict[str, str]) -> list[Block]:
    words = issuer.words.letter
    papers = ended([said(words.paper, {"text": each}) for each in facts.papers])
    return [
        Paragraph(text=said(words.body, at_hand)),
        *(Paragraph(text=f"{place}. {each}") for place, each in enumerate(papers, 1)),
        Paragraph(text=said(words.thanks, at_hand)),
    ]


def _correction(issuer: IssuingAgency, at_hand: dict[str, str]) -> list[Block]:
    words = issuer.words.letter
    sentences = (
        words.correction_body,
        words.correction_wrong,
        words.correction_right,
        words.correction_kept,
        words.correction_thanks,
    )
    return [Paragraph(text=said(each, at_hand)) for each in sentences]
