"""Give a document its number in the register of outgoing documents, whatever it is given for.

Owns the one place where a number is given: with the register locked, in the transaction of what it
is given for, so that a refused command leaves no gap and two at once never get the same.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from sqlalchemy import Connection

from workflow import values
from workflow.commands.execute import Transaction
from workflow.context import Context
from workflow.definition import DECISION
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.history import Entry
from workflow.model import ItemId
from workflow.rules.register import (
    AskedNumber,
    SeriesState,
    next_number,
    notation_of,
    wrong_number,
)
from workflow.store import register
from workflow.values import line, searchable

LONGEST_DECISION_NUMBER: Final = 60
NO_DECISION_NUMBER: Final = reason(
    "decision_number", "Write the number of the decision, as 12/QĐ-SNgV."
)
NO_ISSUING_DAY: Final = reason(
    "issued_on", "The issuing day must be a real day, for example 15/06/2022."
)
_TYPED = re.compile("0*([0-9]{1,6})/.+")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenNumber:
    """Number, symbol and day (ISO) of a document; ``series``: the kinds numbered with it."""

    year: int
    kind: str
    series: str
    number: int
    notation: str
    issued_on: str


@dataclass(slots=True, kw_only=True)
class Numbers:
    """The numbers that one set of commands gives: each goes on from the one before it.

    Whoever gives one takes it only when nothing speaks against what it is given for.
    """

    given: list[GivenNumber] = field(default_factory=list)

    def take(self, number: GivenNumber) -> None:
        """Count ``number`` as given."""
        self.given.append(number)

    def state(self, connection: Connection, year: int, kinds: tuple[str, ...]) -> SeriesState:
        """Return how far a series is in a year, with what this set has given."""
        last = register.last_of(connection, year, kinds)
        own = [each for each in self.given if each.year == year and each.kind in kinds]
        if own and (last is None or own[-1].number > last.number):
            return SeriesState(
                last=max(each.number for each in own),
                last_day=date.fromisoformat(max(each.issued_on for each in own)),
            )
        if last is None:
            return SeriesState()
        return SeriesState(last=last.number, last_day=date.fromisoformat(last.issued_on))

    def is_taken(
        self, connection: Connection, year: int, kinds: Iterable[str], number: int
    ) -> bool:
        """Return whether a series has that number in a year; ``kinds``: those that share it."""
        mine = {(each.year, each.kind, each.number) for each in self.given}
        return any(
            (year, kind, number) in mine
            or register.find_number(connection, year, kind, number) is not None
            for kind in kinds
        )


def given_number(
    context: Context, connection: Connection, numbers: Numbers, asked: AskedNumber, unit: str = ""
) -> GivenNumber | InvalidRefusal:
    """Return what a document is numbered, or everything that speaks against what is asked for."""
    rules, year = context.outgoing, asked.issued_on.year
    kinds = rules.kinds_with(asked.kind)
    state = numbers.state(connection, year, kinds)
    if asked.number is not None:
        taken = numbers.is_taken(connection, year, kinds, asked.number)
        state = replace(state, is_taken=taken)
    if problems := wrong_number(rules, asked, state):
        return InvalidRefusal(*problems)
    number = asked.number or next_number(rules, asked.kind, year, state)
    return GivenNumber(
        year=year,
        kind=asked.kind,
        series="+".join(kinds),
        number=number,
        notation=notation_of(asked.kind, number, context.symbol, unit),
        issued_on=asked.issued_on.isoformat(),
    )


def take_number(
    transaction: Transaction, kind: str, *, number: int | None, day: date, unit: str = ""
) -> GivenNumber:
    """Return the number of a document by itself, the register locked. Raises InvalidRefusal.

    ``number`` None: the next one.
    """
    context, connection = transaction.context, transaction.connection
    register.lock_register(connection)
    today = context.calendar.local_day(transaction.now)
    asked = AskedNumber(kind=kind, number=number, issued_on=day, today=today)
    given = given_number(context, connection, Numbers(), asked, unit)
    if isinstance(given, InvalidRefusal):
        raise given
    return given


def issuing_day(transaction: Transaction, typed: str | None) -> date | None:
    """Return the day that a document is to bear: today where none was typed; None: it is none."""
    if typed is None:
        return transaction.context.calendar.local_day(transaction.now)
    return values.day(typed)


def is_numbered_here(context: Context, authority: str) -> bool:
    """Return whether the register that is kept here numbers the decisions of an authority."""
    decider = context.awards.authorities.get(authority)
    return context.outgoing.is_kept_here and decider is not None and decider.decides_here


def decision_number_problems(number: str) -> Iterator[Reason]:
    """Yield why a decision cannot have that number; an empty one is not known yet."""
    if wrong := values.line_fault(number, LONGEST_DECISION_NUMBER, may_be_empty=True):
        yield reason("decision_number", "The number of the decision {wrong}", wrong=wrong)


def own_decision_number(
    context: Context, connection: Connection, number: str, decided_on: date, today: date
) -> str | Reason:
    """Return the number of a decision of one's own as the register has it, or why it has none.

    Case and spaces part no two numbers. What was given before the register was kept here stands as
    it is typed: up to the number that the agency's file says, and in a past year without decisions.
    """
    rules, year, typed = context.outgoing, decided_on.year, _folded(number)
    found = _TYPED.fullmatch(typed)
    count = int(found[1]) if found else 0
    row = register.find_number(connection, year, DECISION, count)
    if row is not None and _folded(f"{count:02d}/{typed.partition('/')[2]}") == _folded(
        row.notation
    ):
        if row.issued_on == decided_on.isoformat():
            return row.notation
        return reason(
            "decided_on",
            "{number} stands in the register with the day {day}. Mend day or number.",
            number=row.notation,
            day=f"{date.fromisoformat(row.issued_on):%d/%m/%Y}",
        )
    if 0 < count <= rules.last_before(rules.kinds_with(DECISION), year):
        return line(number)
    if year < today.year and register.last_of(connection, year, [DECISION]) is None:
        return line(number)
    return reason(
        "decision_number",
        "The register gave no decision of the year {year} the number {number}. Register the "
        "decision first, then write the number that it got.",
        year=year,
        number=line(number),
    )


def _folded(number: str) -> str:
    return "".join(line(number).split()).casefold()


def record_number(
    connection: Connection,
    given: GivenNumber,
    entry: Entry,
    *,
    item_id: ItemId | None = None,
    words: str = "",
) -> None:
    """Write a number into the register, tied to the entry that tells of it."""
    register.insert_number(
        connection,
        {
            "year": given.year,
            "series": given.series,
            "kind": given.kind,
            "number": given.number,
            "notation": given.notation,
            "issued_on": given.issued_on,
            "subject": entry.fact.subject,
            "seq": entry.seq,
            "item_id": item_id,
            "search": searchable(given.notation, words),
        },
    )
