"""The decision on awards (Quyết định khen thưởng) with its list, and the certificates it gives.

Decree 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.2. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workflow.definition import DECISION
from workflow.documents.elements import (
    AttachedList,
    AwardCertificate,
    Block,
    Line,
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
    basis_lines,
    day_words,
    document_title,
    document_words,
    filled,
    kind_name,
    letterhead,
    punctuated,
    recipient_lines,
    signature_space,
    with_end_mark,
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
    values = {"agency": issuer.agency, "movement": facts.movement.name}
    subject = filled(words.subject, values)
    minutes = {**values, "day": day_words(issuer, facts.council_day, facts.issue.year)}
    return OfficialDocument(
        title=document_title(DECISION, subject),
        head=letterhead(issuer, DECISION, facts.issue),
        kind=kind_name(DECISION),
        subject=subject,
        authority=filled(words.authority, values).upper(),
        bases=punctuated(
            (
                *basis_lines(issuer, (*words.mandate, *facts.bases), facts.movement),
                *((filled(words.minutes, minutes),) if facts.council_day else ()),
                words.at_request,
            )
        ),
        body=with_end_mark(_articles(issuer, facts, values)),
        signatures=(signature_space(issuer, facts.signer, Position.DIRECTOR),),
        recipients=recipient_lines(
            issuer,
            filled(words.as_article, {"count": str(_EXECUTED_BY)}),
            facts.movement.outside,
            issuer.office_unit,
        ),
        lists=(_nominee_list(issuer, facts, values),) if len(facts.nominees) > 1 else (),
    )


def _articles(
    issuer: IssuingAgency, facts: DecisionFacts, values: dict[str, str]
) -> Sequence[Block]:
    words = issuer.words.decision
    first, *lines = _awards(issuer, facts, values)
    units = {"units": ", ".join(facts.units)}
    return (
        Line(text=words.decides),
        Paragraph(lead=filled(words.article, {"count": "1"}), text=first),
        *(Paragraph(text=each) for each in lines),
        Paragraph(lead=filled(words.article, {"count": "2"}), text=_rewards(issuer, facts.rewards)),
        Paragraph(
            lead=filled(words.article, {"count": str(_EXECUTED_BY)}),
            text=filled(words.in_force, units),
        ),
    )


def _awards(issuer: IssuingAgency, facts: DecisionFacts, values: dict[str, str]) -> tuple[str, ...]:
    """Return what is given to whom: one by name, many by their list."""
    words = issuer.words.decision
    if len(facts.nominees) == 1:
        (only,) = facts.nominees
        name = ", ".join((only.name or issuer.words.common.erased, *only.beside))
        return (filled(words.award_one, {**values, "award": only.award, "name": name}),)
    awards = counts_by_award(issuer, facts.nominees)
    if len(awards) == 1:
        return (filled(words.award, {**values, **awards[0]}),)
    return numbered_awards(
        issuer, facts.nominees, values, sentence=words.awards, line=words.award_line
    )


def _rewards(issuer: IssuingAgency, rewards: Sequence[RewardFacts]) -> str:
    words = issuer.words.decision
    if not rewards:
        return words.rewards_by_law
    sentences = [
        filled(
            words.collective_reward if reward.is_collective else words.individual_reward,
            {"award": reward.award, "multiple": reward.multiple.replace(".", ",")},
        )
        for reward in sorted(rewards, key=lambda reward: not reward.is_collective)
    ]
    return filled(words.rewards, {"text": "; ".join(sentences)})


def _nominee_list(
    issuer: IssuingAgency, facts: DecisionFacts, values: dict[str, str]
) -> AttachedList:
    words = issuer.words.decision
    about = filled(words.list_about, values)
    columns = zip(words.columns, _SHARES, strict=True)
    table = nominee_table(issuer, facts.nominees, columns, lambda each: (each.award,), about)
    return AttachedList(
        title=words.list_title.upper(),
        about=about,
        reference=list_reference(issuer, DECISION, facts.issue, filled(words.authority, values)),
        blocks=(table,),
    )


def certificates(issuer: IssuingAgency, facts: DecisionFacts) -> tuple[AwardCertificate, ...]:
    """Return the text of each certificate, collectives first."""
    words = issuer.words.certificate
    day = day_words(issuer, facts.issue.day, facts.issue.year)
    document = document_words(issuer, DECISION, facts.issue)
    return tuple(
        AwardCertificate(
            title=f"{each.award}: {each.name}",
            authority=filled(words.authority, {"agency": issuer.agency}).upper(),
            verb=words.verb.upper(),
            award=each.award.partition(words.until)[0].upper(),
            name=each.name or issuer.words.common.erased,
            beside=", ".join(each.beside),
            merit=each.certificate_text,
            place_day=filled(issuer.words.common.place_day, {"place": issuer.place, "day": day}),
            signature=signature_space(issuer, facts.signer, Position.DIRECTOR),
            reference=filled(words.reference, {"document": document}),
        )
        for each in sorted(facts.nominees, key=lambda each: not each.is_collective)
    )
