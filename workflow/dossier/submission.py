"""The submission of nominations (Tờ trình), with its list.

Decree 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.4; Law on Emulation and Commendation, Điều 84. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workflow.dossier.documents import (
    Align,
    AttachedList,
    Block,
    OfficialDocument,
    Paragraph,
    TableBlock,
    TableColumn,
)
from workflow.dossier.facts import Issue, IssuingAgency, ListedNominee, MovementFacts, Signer
from workflow.dossier.phrases import (
    addressed,
    basis_lines,
    by_award,
    counts_of,
    day_words,
    document_words,
    ended,
    finished,
    head_of,
    kind_name,
    listed_rows,
    recipients_of,
    said,
    signature_space,
)
from workflow.model import Position

KIND = "TTr"
_SHARES = (9, 28, 27, 24, 40)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionFacts:
    """What a submission says: on what it rests, whom it puts forward, what goes with it.

    ``council_day``: when the council met, None where it did not. ``papers``: what the dossier holds
    beside the submission.
    """

    issue: Issue
    movement: MovementFacts
    bases: tuple[str, ...]
    nominees: tuple[ListedNominee, ...]
    signer: Signer
    council_day: date | None = None
    papers: tuple[str, ...] = ()


def submission(issuer: IssuingAgency, facts: SubmissionFacts) -> OfficialDocument:
    """Return the submission to whoever awards, through the board; own awards are told of."""
    words, common = issuer.words.submission, issuer.words.common
    above = tuple(dict.fromkeys(each.authority for each in facts.nominees if each.authority))
    at_hand = {
        "agency": issuer.agency,
        "movement": facts.movement.name,
        "board": issuer.board,
        "authority": ", ".join(above),
        "papers": "; ".join(facts.papers),
        "day": day_words(issuer, facts.council_day, facts.issue.year),
    }
    minutes = (said(words.minutes, at_hand),) if facts.council_day else ()
    subject = said(words.subject, at_hand)
    return OfficialDocument(
        title=f"{kind_name(KIND).capitalize()} {subject[:1].lower()}{subject[1:]}",
        head=head_of(issuer, KIND, facts.issue),
        kind=kind_name(KIND),
        subject=subject,
        addressees=addressed((*above, issuer.board)),
        bases=ended((*basis_lines(issuer, facts.bases, facts.movement), *minutes)),
        body=finished(_body(issuer, facts, at_hand, above)),
        signatures=(signature_space(issuer, facts.signer, Position.DIRECTOR),),
        recipients=recipients_of(issuer, common.as_above, (), issuer.office_unit),
        lists=(nominee_list(issuer, facts, at_hand),),
    )


def _body(
    issuer: IssuingAgency, facts: SubmissionFacts, at_hand: dict[str, str], above: Sequence[str]
) -> list[Block]:
    words = issuer.words.submission
    own = [each for each in facts.nominees if not each.authority]
    asked = [each for each in facts.nominees if each.authority]
    sentences = [
        said(words.introduction, at_hand),
        *_requests(issuer, asked, at_hand),
        *(said(words.own, {**at_hand, **each}) for each in by_award(issuer, own)),
        said(words.voted, at_hand) if facts.council_day else "",
        said(words.assurance, at_hand),
        said(words.papers, at_hand) if facts.papers else "",
        said(words.closing if above else words.closing_own, at_hand),
    ]
    return [Paragraph(text=each) for each in sentences if each]


def _requests(
    issuer: IssuingAgency, asked: Sequence[ListedNominee], at_hand: dict[str, str]
) -> tuple[str, ...]:
    """Return what is asked for: one award in a sentence, several as a list."""
    words = issuer.words.submission
    awards = by_award(issuer, asked)
    if not awards:
        return ()
    if len(awards) == 1:
        return (said(words.request, {**at_hand, **awards[0]}),)
    lines = ended([said(words.request_line, each) for each in awards])
    counts = counts_of(issuer, asked)
    return (
        said(words.requests, {**at_hand, "counts": counts}),
        *(f"{place}. {each}" for place, each in enumerate(lines, 1)),
    )


def nominee_list(
    issuer: IssuingAgency, facts: SubmissionFacts, at_hand: dict[str, str]
) -> AttachedList:
    """Return the list of those put forward, collectives first."""
    words = issuer.words.submission
    reference = {
        "kind": kind_name(KIND).capitalize(),
        "document": document_words(issuer, KIND, facts.issue),
        "agency": issuer.agency,
    }
    rows = listed_rows(issuer, facts.nominees, lambda each: (each.award, each.merit))
    about = said(words.list_about, at_hand)
    aligned = (Align.CENTER, Align.LEFT, Align.LEFT, Align.LEFT, Align.LEFT)
    columns = tuple(
        TableColumn(head=head, share=share, align=align)
        for head, share, align in zip(words.columns, _SHARES, aligned, strict=True)
    )
    return AttachedList(
        title=words.list_title.upper(),
        about=about,
        reference=said(issuer.words.common.list_reference, reference),
        blocks=(TableBlock(columns=columns, rows=rows, about=about),),
    )
