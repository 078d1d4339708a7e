"""The decision on awards (Quyết định khen thưởng) with its list, and the certificates it gives.

Decree 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.2. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workflow.definition import DECISION
from workflow.dossier.documents import (
    Align,
    AttachedList,
    AwardCertificate,
    Block,
    Line,
    OfficialDocument,
    Paragraph,
    TableBlock,
    TableColumn,
)
from workflow.dossier.facts import Issue, IssuingAgency, ListedNominee, MovementFacts, Signer
from workflow.dossier.phrases import (
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

_SHARES = (9, 38, 37, 38)
_EXECUTED_BY = 3
"""The article that says who carries the decision out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardFacts:
    """The money that goes with an award: how often the base salary, as written in the file."""

    award: str
    is_collective: bool
    multiple: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFacts:
    """What a decision on awards says; ``units``: the departments that carry it out."""

    issue: Issue
    movement: MovementFacts
    bases: tuple[str, ...]
    nominees: tuple[ListedNominee, ...]
    signer: Signer
    council_day: date | None = None
    rewards: tuple[RewardFacts, ...] = ()
    units: tuple[str, ...] = ()


def award_decision(issuer: IssuingAgency, facts: DecisionFacts) -> OfficialDocument:
    """Return the decision of the agency's head."""
    words = issuer.words.decision
    at_hand = {"agency": issuer.agency, "movement": facts.movement.name}
    subject = said(words.subject, at_hand)
    minutes = {**at_hand, "day": day_words(issuer, facts.council_day, facts.issue.year)}
    return OfficialDocument(
        title=f"{kind_name(DECISION).capitalize()} {subject[:1].lower()}{subject[1:]}",
        head=head_of(issuer, DECISION, facts.issue),
        kind=kind_name(DECISION),
        subject=subject,
        authority=said(words.authority, at_hand).upper(),
        bases=ended(
            (
                *basis_lines(issuer, (*words.mandate, *facts.bases), facts.movement),
                *((said(words.minutes, minutes),) if facts.council_day else ()),
                words.at_request,
            )
        ),
        body=finished(_articles(issuer, facts, at_hand)),
        signatures=(signature_space(issuer, facts.signer, Position.DIRECTOR),),
        recipients=recipients_of(
            issuer,
            said(words.as_article, {"count": str(_EXECUTED_BY)}),
            facts.movement.outside,
            issuer.office_unit,
        ),
        lists=(_list(issuer, facts, at_hand),) if len(facts.nominees) > 1 else (),
    )


def _articles(
    issuer: IssuingAgency, facts: DecisionFacts, at_hand: dict[str, str]
) -> Sequence[Block]:
    words = issuer.words.decision
    first, *lines = _awards(issuer, facts, at_hand)
    units = {"units": ", ".join(facts.units)}
    return (
        Line(text=words.decides),
        Paragraph(lead=said(words.article, {"count": "1"}), text=first),
        *(Paragraph(text=each) for each in lines),
        Paragraph(lead=said(words.article, {"count": "2"}), text=_rewards(issuer, facts.rewards)),
        Paragraph(
            lead=said(words.article, {"count": str(_EXECUTED_BY)}),
            text=said(words.in_force, units),
        ),
    )


def _awards(issuer: IssuingAgency, facts: DecisionFacts, at_hand: dict[str, str]) -> list[str]:
    """Return what is given to whom: one by name, many by their list."""
    words = issuer.words.decision
    awards = by_award(issuer, facts.nominees)
    if len(facts.nominees) == 1:
        (only,) = facts.nominees
        name = ", ".join((only.name or issuer.words.common.erased, *only.beside))
        return [said(words.award_one, {**at_hand, "award": only.award, "name": name})]
    if len(awards) == 1:
        return [said(words.award, {**at_hand, **awards[0]})]
    lines = ended([said(words.award_line, each) for each in awards])
    counts = counts_of(issuer, facts.nominees)
    return [
        said(words.awards, {**at_hand, "counts": counts}),
        *(f"{place}. {each}" for place, each in enumerate(lines, 1)),
    ]


def _rewards(issuer: IssuingAgency, rewards: Sequence[RewardFacts]) -> str:
    words = issuer.words.decision
    if not rewards:
        return words.rewards_by_law
    each = [
        said(
            words.collective_reward if reward.is_collective else words.individual_reward,
            {"award": reward.award, "multiple": reward.multiple.replace(".", ",")},
        )
        for reward in sorted(rewards, key=lambda reward: not reward.is_collective)
    ]
    return said(words.rewards, {"text": "; ".join(each)})


def _list(issuer: IssuingAgency, facts: DecisionFacts, at_hand: dict[str, str]) -> AttachedList:
    words = issuer.words.decision
    about = said(words.list_about, at_hand)
    columns = tuple(
        TableColumn(head=head, share=share, align=Align.LEFT if place else Align.CENTER)
        for place, (head, share) in enumerate(zip(words.columns, _SHARES, strict=True))
    )
    rows = listed_rows(issuer, facts.nominees, lambda each: (each.award,))
    reference = {
        "kind": kind_name(DECISION).capitalize(),
        "document": document_words(issuer, DECISION, facts.issue),
        "agency": said(words.authority, at_hand),
    }
    return AttachedList(
        title=words.list_title.upper(),
        about=about,
        reference=said(issuer.words.common.list_reference, reference),
        blocks=(TableBlock(columns=columns, rows=rows, about=about),),
    )


def certificates(issuer: IssuingAgency, facts: DecisionFacts) -> tuple[AwardCertificate, ...]:
    """Return the text of each certificate, collectives first."""
    words = issuer.words.certificate
    day = day_words(issuer, facts.issue.day, facts.issue.year)
    document = document_words(issuer, DECISION, facts.issue)
    return tuple(
        AwardCertificate(
            title=f"{each.award}: {each.name}",
            authority=said(words.authority, {"agency": issuer.agency}).upper(),
            verb=words.verb.upper(),
            award=each.award.partition(words.until)[0].upper(),
            name=each.name or issuer.words.common.erased,
            beside=", ".join(each.beside),
            merit=each.certificate_text,
            place_day=said(issuer.words.common.place_day, {"place": issuer.place, "day": day}),
            signature=signature_space(issuer, facts.signer, Position.DIRECTOR),
            reference=said(words.reference, {"document": document}),
        )
        for each in sorted(facts.nominees, key=lambda each: not each.is_collective)
    )
