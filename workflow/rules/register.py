"""Which number, symbol and day an outgoing document gets (NĐ 30/2020/NĐ-CP, Điều 15).

Pure. A series begins with 01 on 1 January, of the day of its registration, and goes on without a
gap, and its days go on with its numbers. Where the agency's own system gives the numbers, only what
was typed here is judged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from workflow.definition import LETTER, OutgoingRules
from workflow.errors import Reason, reason

_UNIT = re.compile(r"[^\W_]+(-[^\W_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedNumber:
    """The number that somebody asks for; ``number`` None: the next one."""

    kind: str
    number: int | None
    issued_on: date
    today: date
    signed_on: date | None = None
    """The day before which the document cannot be issued, where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesState:
    """How far a series is in a year: its last number, that one's day, and whether one is taken."""

    last: int = 0
    last_day: date | None = None
    is_taken: bool = False


def next_number(rules: OutgoingRules, kind: str, year: int, state: SeriesState) -> int:
    """Return the number that follows in the series of ``kind``: 1 where nothing came before."""
    return max(state.last, rules.last_before(rules.kinds_with(kind), year)) + 1


def wrong_number(rules: OutgoingRules, asked: AskedNumber, state: SeriesState) -> list[Reason]:
    """Return everything that speaks against the number and the day that are asked for."""
    return [*_wrong_day(rules, asked, state), *_wrong_choice(rules, asked, state)]


def _wrong_day(rules: OutgoingRules, asked: AskedNumber, state: SeriesState) -> Iterator[Reason]:
    day = asked.issued_on
    if day > asked.today:
        yield reason(
            "issued_on", "The issuing day {day} lies in the future. Mend the day.", day=_text(day)
        )
    if asked.signed_on is not None and day < asked.signed_on:
        yield reason(
            "issued_on",
            "A document gets number and day after it is signed, which was on {signed}. "
            "Mend the day, or leave it empty.",
            signed=_text(asked.signed_on),
        )
    if not rules.is_kept_here:
        return
    if day.year < asked.today.year:
        yield reason(
            "issued_on",
            "The register of the year {year} is closed: nothing is dated back into it.",
            year=day.year,
        )
    elif state.last_day is None and day < asked.today:
        yield reason(
            "issued_on",
            "This is the first document of its series in the register of the year {year}: it bears "
            "the day on which it is registered, and is not dated back. Leave the day empty.",
            year=day.year,
        )
    elif state.last_day is not None and day < state.last_day:
        yield reason(
            "issued_on",
            "Number {number} of this series was given for {last}, so the next one cannot be of "
            "an earlier day: nothing is dated back past another document.",
            number=f"{state.last:02d}",
            last=_text(state.last_day),
        )


def _wrong_choice(rules: OutgoingRules, asked: AskedNumber, state: SeriesState) -> Iterator[Reason]:
    year = asked.issued_on.year
    following = next_number(rules, asked.kind, year, state)
    if asked.number is None and not rules.is_kept_here:
        yield reason(
            "number",
            "The agency's own system gives the numbers of documents. Type the number that it gave.",
        )
    elif asked.number is None:
        return
    elif state.is_taken or (rules.is_kept_here and asked.number < following):
        yield reason(
            "number",
            "Number {number}/{series} of the year {year} was given to another "
            "document. Choose another number or leave it empty.",
            number=asked.number,
            series=asked.kind,
            year=year,
        )
    elif rules.is_kept_here and asked.number > following:
        yield reason(
            "number",
            "The next number of this series is {next}: a higher one would leave a gap in the "
            "register. Leave the number empty.",
            next=f"{following:02d}",
        )


def notation_of(kind: str, number: int, symbol: str, unit: str = "") -> str:
    """Return number and symbol as on paper: ``05/TTr-SNgV``; of a letter ``05/SNgV-VP``.

    ``unit``: the abbreviation of who drafted a letter, whose kind is not written (Phụ lục I, II.3).
    """
    if kind == LETTER and unit:
        return f"{number:02d}/{symbol}-{unit}"
    return f"{number:02d}/{kind}-{symbol}"


def wrong_unit(unit: str) -> Iterator[Reason]:
    """Yield why a letter's symbol cannot end so: a slash or a dot would make it another symbol."""
    if not _UNIT.fullmatch(unit):
        yield reason(
            "unit",
            "The abbreviation of the unit has letters and digits only, with hyphens between them, "
            "for example VP.",
        )


def is_back_dated(issued_on: date, registered_on: date) -> bool:
    """Return whether a document bears an earlier day than the one it was registered on."""
    return issued_on < registered_on


def _text(day: date) -> str:
    return f"{day:%d/%m/%Y}"
