"""Minutes of a meeting of the council (Biên bản họp), and of the count of its votes.

Decree 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.10. Counts alone are told: who voted how stands in neither,
and of a secret ballot the codes of the papers only. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workflow.documents.elements import (
    Align,
    Block,
    Letterhead,
    OfficialDocument,
    Paragraph,
    SignatureSpace,
    TableBlock,
    TableColumn,
    TableRow,
)
from workflow.documents.facts import IssuingAgency
from workflow.documents.phrases import (
    NUMBER_ROOM,
    count_text,
    dashed_lines,
    day_words,
    document_title,
    filled,
    kind_name,
    lower_first,
    number_line,
    punctuated,
    with_end_mark,
)
from workflow.documents.sections import paragraphs

KIND = "BB"
_MARKED = re.compile(r"^(?:[IVX]+[.)]|\d+[.)]|[-–•+*])\s")
_MEMBERS = (9, 40, 40, 25)
_VOTES = (10, 52, 15, 14, 16, 13, 24)
_TALLY = (10, 56, 16, 20, 18, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatedMember:
    """A member of the council in a round: the name, the role, how they took part."""

    name: str
    role: str
    attendance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VotedCase:
    """One nominee before the council, and what was counted; ``needed``: of how many votes."""

    title: str
    share: str
    concerned: tuple[str, ...] = ()
    agree: int = 0
    disagree: int = 0
    blank: int = 0
    base: int = 0
    needed: int = 0
    passed: bool = False
    is_left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFacts:
    """A counted round: when, where and how it met, who took part, what came of each case.

    ``papers``: how many voted; ``receipts``: the codes of the papers of a secret ballot;
    ``opinions``: each challenge of the count with its answer, empty while there is none.
    """

    title: str
    held_on: date
    place: str
    meeting: str
    voting: str
    agenda: str
    chair: str
    secretary: str
    members: tuple[SeatedMember, ...]
    present: int
    cases: tuple[VotedCase, ...]
    papers: int
    concerned_count: bool = True
    is_closed: bool = True
    receipts: tuple[str, ...] = ()
    opinions: tuple[tuple[str, str], ...] = ()


def council_minutes(issuer: IssuingAgency, facts: RoundFacts) -> OfficialDocument:
    """Return the minutes of the meeting, for the secretary and the chair to sign."""
    words = issuer.words.minutes
    subject = filled(words.subject, {"text": facts.title})
    return OfficialDocument(
        title=document_title(KIND, subject),
        head=_head(issuer),
        kind=kind_name(KIND),
        subject=subject,
        body=with_end_mark(_minutes(issuer, facts)),
        signatures=_signatures(issuer, facts),
        recipients=dashed_lines((words.kept,)),
    )


def _head(issuer: IssuingAgency) -> Letterhead:
    words = issuer.words.minutes
    return Letterhead(
        superior=issuer.agency.upper(),
        issuer=words.body_name.upper(),
        number=number_line(issuer, f"{NUMBER_ROOM}/{words.symbol}"),
        place_day="",
    )


def _signatures(issuer: IssuingAgency, facts: RoundFacts) -> tuple[SignatureSpace, SignatureSpace]:
    words = issuer.words.minutes
    return (
        SignatureSpace(lines=(words.secretary_title.upper(),), name=facts.secretary),
        SignatureSpace(lines=(words.chair_title.upper(),), name=facts.chair),
    )


def _minutes(issuer: IssuingAgency, facts: RoundFacts) -> tuple[Block, ...]:
    words = issuer.words.minutes
    day = day_words(issuer, facts.held_on, facts.held_on.year)
    values = {
        "day": day,
        "place": facts.place,
        "meeting": facts.meeting,
        "chair": facts.chair,
        "secretary": facts.secretary,
        "voting": lower_first(facts.voting),
        "members": count_text(len(facts.members)),
        "present": count_text(facts.present),
    }
    voted = words.voted if facts.concerned_count else words.voted_less
    opening = [
        words.began,
        words.place if facts.place else "",
        words.form,
        words.chair,
        words.secretary,
        words.attendance,
    ]
    return (
        *(Paragraph(text=filled(each, values)) for each in opening if each),
        _table(words.members_columns, _MEMBERS, _member_rows(facts), words.members_about),
        *_agenda(issuer, facts),
        Paragraph(text=words.heard),
        Paragraph(text=filled(voted, values)),
        _table(words.votes_columns, _VOTES, _vote_rows(issuer, facts), words.votes_about),
        Paragraph(text=_conclusion(issuer, facts)),
        *_opinions(issuer, facts),
        Paragraph(text=filled(words.ended, values) if facts.is_closed else words.open),
    )


def _agenda(issuer: IssuingAgency, facts: RoundFacts) -> tuple[Paragraph, ...]:
    """Return the agenda; its points bear no numbers, for what came of them is numbered."""
    words = issuer.words.minutes
    points = [_MARKED.sub("", each.text) for each in paragraphs(facts.agenda)]
    first, *others = points or [words.agenda]
    if not others:
        return (Paragraph(lead=words.agenda_head, text=first),)
    return (
        Paragraph(lead=words.agenda_head, text=""),
        *(Paragraph(text=f"- {each}") for each in (first, *others)),
    )


def _conclusion(issuer: IssuingAgency, facts: RoundFacts) -> str:
    passed = sum(each.passed and not each.is_left_out for each in facts.cases)
    values = {"counts": count_text(passed), "count": count_text(len(facts.cases) - passed)}
    return filled(issuer.words.minutes.concluded, values)


def _opinions(issuer: IssuingAgency, facts: RoundFacts) -> tuple[Paragraph, ...]:
    words = issuer.words.minutes
    return tuple(
        Paragraph(text=filled(sentence, {"text": text}))
        for opinion, answer in facts.opinions
        for sentence, text in ((words.opinion, opinion), (words.answer, answer))
        if text
    )


def _member_rows(facts: RoundFacts) -> list[tuple[str, ...]]:
    return [
        (count_text(place), each.name, each.role, each.attendance)
        for place, each in enumerate(facts.members, 1)
    ]


def _vote_rows(issuer: IssuingAgency, facts: RoundFacts) -> list[tuple[str, ...]]:
    words = issuer.words.minutes
    rows: list[tuple[str, ...]] = []
    for place, each in enumerate(facts.cases, 1):
        asked = (count_text(place), _title(issuer, each), each.share)
        if each.is_left_out:
            rows.append((*asked, "–", "–", "–", words.left_out))
            continue
        needed = filled(words.not_passed, {"count": str(each.needed)})
        counts = (f"{each.agree}/{each.base}", str(each.disagree), str(each.blank))
        rows.append((*asked, *counts, words.passed if each.passed else needed))
    return rows


def _title(issuer: IssuingAgency, case: VotedCase) -> str:
    if not case.concerned:
        return case.title
    names = {"text": ", ".join(case.concerned)}
    return f"{case.title}\n{filled(issuer.words.minutes.concerned, names)}"


def _table(
    heads: Sequence[str], shares: Sequence[int], rows: Sequence[tuple[str, ...]], about: str
) -> TableBlock:
    columns = tuple(
        TableColumn(
            head=head, share=share, align=Align.LEFT if share > max(shares) / 2 else Align.CENTER
        )
        for head, share in zip(heads, shares, strict=True)
    )
    return TableBlock(
        columns=columns, rows=tuple(TableRow(cells=each) for each in rows), about=about
    )


def tally_sheet(issuer: IssuingAgency, facts: RoundFacts) -> OfficialDocument:
    """Return the minutes of the count of the votes.

    A vote that was counted is valid and was returned, for the box takes no other.
    """
    words = issuer.words.tally
    voted = {"count": count_text(facts.papers)}
    day = day_words(issuer, facts.held_on, facts.held_on.year)
    values = {
        "day": day[:1].upper() + day[1:],
        "agency": issuer.agency,
        "voting": lower_first(facts.voting),
    }
    counts = punctuated(
        (
            filled(words.handed_out, {"count": count_text(facts.present)}),
            filled(words.returned, voted),
            filled(words.valid, voted),
            filled(words.invalid, {"count": count_text(0)}),
        )
    )
    receipts = filled(words.receipts, {"text": ", ".join(facts.receipts)})
    subject = filled(words.subject, {"text": facts.title})
    return OfficialDocument(
        title=f"{words.name}: {facts.title}",
        head=_head(issuer),
        kind=words.name.upper(),
        subject=subject,
        body=with_end_mark(
            (
                Paragraph(text=filled(words.introduction, values)),
                *(Paragraph(text=f"- {each}") for each in counts),
                Paragraph(text=words.results),
                _table(words.columns, _TALLY, _tally_rows(facts), words.results.rstrip(":")),
                *((Paragraph(text=receipts),) if facts.receipts else ()),
                Paragraph(text=words.closing),
            )
        ),
        signatures=_signatures(issuer, facts),
        recipients=dashed_lines((issuer.words.minutes.kept,)),
    )


def _tally_rows(facts: RoundFacts) -> list[tuple[str, ...]]:
    return [
        (
            count_text(place),
            each.title,
            f"{each.agree}/{each.base}",
            _percent(each.agree, each.base),
            str(each.disagree),
            str(each.blank),
        )
        for place, each in enumerate(facts.cases, 1)
        if not each.is_left_out
    ]


def _percent(part: int, whole: int) -> str:
    """Return a share in per cent, cut (never rounded up) after one digit, with a comma."""
    if not whole:
        return "–"
    tenths = part * 1000 // whole
    return f"{tenths // 10},{tenths % 10}" if tenths % 10 else str(tenths // 10)
