"""What documents of every kind have in common, as words: numbers, days, lines, the head, the end.

Owns the rules of Decree 30/2020/NĐ-CP, Phụ lục I that are rules of words: leading zeros, what ends
a line, room for what is still to be written. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from workflow.definition import NAMES
from workflow.documents.elements import Block, Letterhead, Paragraph, SignatureSpace
from workflow.documents.facts import Issue, IssuingAgency, MovementFacts, Signer
from workflow.model import Position
from workflow.wording import worded

END = "./."
"""What ends the text of a document, at its last word (Phụ lục I, mục II.6)."""
_HARD_SPACE = "\N{NO-BREAK SPACE}"
NUMBER_ROOM = _HARD_SPACE * 12
"""Room to write a number by hand, 14 mm at 13 pt."""


def filled(text: str, facts: Mapping[str, str]) -> str:
    """Return a sentence of the agency's with its places filled; what is not known is left out."""
    return worded(text, defaultdict(str, facts))


def lower_first(text: str) -> str:
    """Return a text as it stands within a sentence."""
    return text[:1].lower() + text[1:]


def document_title(kind: str, subject: str) -> str:
    """Return what a document is called outside it: its kind, then what it is about."""
    return f"{kind_name(kind).capitalize()} {lower_first(subject)}"


def count_text(count: int) -> str:
    """Return a number as documents write it: below 10 with a leading zero."""
    return f"{count:02d}"


def day_words(issuer: IssuingAgency, day: date | None, year: int) -> str:
    """Return a day in words, with room for one that is not known yet.

    Days below 10 and the months 1 and 2 have a leading zero (Phụ lục I, mục II.4).
    """
    if day is None:
        return filled(issuer.words.common.open_day, {"year": str(year)}).replace(
            "  ", _HARD_SPACE * 2
        )
    month = f"{day.month:02d}" if day.month in {1, 2} else str(day.month)
    facts = {"day": f"{day.day:02d}", "month": month, "year": str(day.year)}
    return filled(issuer.words.common.day, facts)


def notation_text(issuer: IssuingAgency, kind: str, issue: Issue) -> str:
    """Return number and symbol of a document, with room for a number not given yet."""
    return issue.notation or f"{NUMBER_ROOM}/{kind}-{issuer.symbol}"


def number_line(issuer: IssuingAgency, notation: str) -> str:
    """Return the line of the head with number and symbol."""
    return filled(issuer.words.common.number, {"number": notation})


def number_words(issuer: IssuingAgency, notation: str) -> str:
    """Return how running text names a number and its symbol."""
    return filled(issuer.words.common.numbered, {"number": notation})


def document_words(issuer: IssuingAgency, kind: str, issue: Issue) -> str:
    """Return how another paper refers to a document: number, symbol, day."""
    number = number_words(issuer, notation_text(issuer, kind, issue))
    return f"{number} {day_words(issuer, issue.day, issue.year)}"


def head_of_letter(issuer: IssuingAgency, issue: Issue, about: str) -> Letterhead:
    """Return the head of a letter, whose symbol names who issues and who drafts (“SNgV-VP”)."""
    head = letterhead(issuer, "", issue)
    notation = issue.notation or f"{NUMBER_ROOM}/{issuer.symbol}-{issuer.office_unit}"
    return replace(head, number=number_line(issuer, notation), about=about)


def letterhead(issuer: IssuingAgency, kind: str, issue: Issue) -> Letterhead:
    """Return the head of a document that the agency issues."""
    day = day_words(issuer, issue.day, issue.year)
    return Letterhead(
        superior=issuer.superior.upper(),
        issuer=issuer.agency.upper(),
        number=number_line(issuer, notation_text(issuer, kind, issue)),
        place_day=filled(issuer.words.common.place_day, {"place": issuer.place, "day": day}),
    )


def kind_name(kind: str) -> str:
    """Return the official name of a kind of document, upper case."""
    return NAMES[kind].upper()


def basis_lines(
    issuer: IssuingAgency, bases: Iterable[str], movement: MovementFacts | None
) -> tuple[str, ...]:
    """Return what a document rests on, in order: laws and decrees, then the plans carried out."""
    common = issuer.words.common
    return (
        *(filled(common.basis, {"text": each}) for each in bases),
        *(filled(common.plan, {"text": each}) for each in (movement.plans if movement else ())),
    )


def punctuated(lines: Sequence[str], end: str = ".") -> tuple[str, ...]:
    """Return lines of a list, each ended by “;” and the last by ``end``."""
    return tuple(
        f"{each.rstrip(' ;.')}{';' if place < len(lines) else end}"
        for place, each in enumerate(lines, 1)
    )


def dashed_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Return lines of a list with a dash before each."""
    return tuple(f"- {each}" for each in punctuated(lines))


def addressee_lines(names: Sequence[str]) -> tuple[str, ...]:
    """Return whom a document is to: one as it is, several as a list."""
    once = tuple(dict.fromkeys(filter(None, names)))
    return dashed_lines(once) if len(once) > 1 else once


def recipient_lines(
    issuer: IssuingAgency, first: str, further: Iterable[str], unit: str
) -> tuple[str, ...]:
    """Return the lines of Nơi nhận: who is named above, who else gets it, where it is kept."""
    kept = filled(issuer.words.common.kept_by, {"unit": unit})
    return dashed_lines(tuple(dict.fromkeys(filter(None, (first, *further, kept)))))


def signature_space(issuer: IssuingAgency, signer: Signer, head: Position) -> SignatureSpace:
    """Return where somebody signs for ``head``, each line of what they sign as on its own."""
    titles = issuer.words.positions
    if signer.position == head or signer.form is None:
        lines: tuple[str, ...] = (titles.get(signer.position, "").upper(),)
    else:
        lines = (
            f"{signer.form} {titles.get(head, '').upper()}",
            titles.get(signer.position, "").upper(),
        )
    return SignatureSpace(lines=tuple(filter(None, lines)), name=signer.name)


def unit_symbol(units: Mapping[str, str], identity: str, name: str) -> str:
    """Return how a department is abbreviated: as the agency says, else by its initials."""
    return units.get(identity) or "".join(word[:1] for word in name.split()).upper()


def with_end_mark(body: Sequence[Block]) -> tuple[Block, ...]:
    """Return a body whose last paragraph ends the document."""
    last = body[-1] if body else None
    if not isinstance(last, Paragraph):
        return tuple(body)
    return (*body[:-1], replace(last, text=f"{last.text.rstrip(' .;')}{END}"))
