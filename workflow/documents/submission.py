"""The submission of nominations (Tờ trình), with its list.

Decree 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.4; Law on Emulation and Commendation, Điều 84. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workflow.documents.elements import (
    AttachedList,
    Block,
    OfficialDocument,
    Paragraph,
)
from workflow.documents.facts import Issue, IssuingAgency, ListedNominee, MovementFacts, Signer
from workflow.documents.nominee_lists import (
    counts_by_award,
    list_reference,
    nominee_table,
    numbered_awards,
)
from workflow.documents.phrases import (
    addressee_lines,
    basis_lines,
    day_words,
    document_title,
    filled,
    kind_name,
    letterhead,
    punctuated,
    recipient_lines,
    signature_space,
    with_end_mark,
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
    values = {
        "agency": issuer.agency,
        "movement": facts.movement.name,
        "board": issuer.board,
        "authority": ", ".join(above),
        "papers": "; ".join(facts.papers),
        "day": day_words(issuer, facts.council_day, facts.issue.year),
    }
    minutes = (filled(words.minutes, values),) if facts.council_day else ()
    subject = filled(words.subject, values)
    return OfficialDocument(
        title=document_title(KIND, subject),
        head=letterhead(issuer, KIND, facts.issue),
        kind=kind_name(KIND),
        subject=subject,
        addressees=addressee_lines((*above, issuer.board)),
        bases=punctuated((*basis_lines(issuer, facts.bases, facts.movement), *minutes)),
        body=with_end_mark(_body(issuer, facts, values, above)),
        signatures=(signature_space(issuer, facts.signer, Position.DIRECTOR),),
        recipients=recipient_lines(issuer, common.as_above, (), issuer.office_unit),
        lists=(_nominee_list(issuer, facts, values),),
    )


def _body(
    issuer: IssuingAgency, facts: SubmissionFacts, values: dict[str, str], above: Sequence[str]
) -> list[Block]:
    words = issuer.words.submission
    own = [each for each in facts.nominees if not each.authority]
    asked = [each for each in facts.nominees if each.authority]
    sentences = [
        filled(words.introduction, values),
        *_requests(issuer, asked, values),
        *(filled(words.own, {**values, **each}) for each in counts_by_award(issuer, own)),
        filled(words.voted, values) if facts.council_day else "",
        filled(words.assurance, values),
        filled(words.papers, values) if facts.papers else "",
        filled(words.closing if above else words.closing_own, values),
    ]
    return [Paragraph(text=each) for each in sentences if each]


def _requests(
    issuer: IssuingAgency, asked: Sequence[ListedNominee], values: dict[str, str]
) -> tuple[str, ...]:
    """Return what is asked for: one award in a sentence, several as a list."""
    words = issuer.words.submission
    awards = counts_by_award(issuer, asked)
    if not awards:
        return ()
    if len(awards) == 1:
        return (filled(words.request, {**values, **awards[0]}),)
    return numbered_awards(issuer, asked, values, sentence=words.requests, line=words.request_line)


def _nominee_list(
    issuer: IssuingAgency, facts: SubmissionFacts, values: dict[str, str]
) -> AttachedList:
    """Return the list of those put forward, collectives first."""
    words = issuer.words.submission
    about = filled(words.list_about, values)
    columns = zip(words.columns, _SHARES, strict=True)
    table = nominee_table(
        issuer, facts.nominees, columns, lambda each: (each.award, each.merit), about
    )
    return AttachedList(
        title=words.list_title.upper(),
        about=about,
        reference=list_reference(issuer, KIND, facts.issue, issuer.agency),
        blocks=(table,),
    )
