"""Proceedings: the Office writes down what is pending against a person or a department.

While it is pending the rules of awards hold whoever it is against. It is never deleted: it ends by
an entry that says how and by which document. Nobody writes of what is pending against themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from workflow import values
from workflow.addresses import as_kept
from workflow.awards import ProceedingKind, ProceedingOutcome, months_after
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, Reason, reason
from workflow.history.proceeding_payloads import ProceedingClosed, ProceedingOpened
from workflow.messages import lazy
from workflow.model import OFFICE, DepartmentId, Person, PersonId
from workflow.people import Directory, may_set_deadlines, require_office
from workflow.store import proceedings
from workflow.store.instants import written
from workflow.store.proceedings import Proceeding, ProceedingEnd

_DOCUMENT_LIMIT = 200
_WORDS_LIMIT = 2000
_SERVED_WITHIN_YEARS = 5
"""Longest time from the end to the day on which a discipline is served: a later day is a slip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """Whom something is pending against, as far as it bars who writes of it."""

    person: PersonId | None = None
    department: DepartmentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenProceeding(Command[int]):
    """Write down what is pending, since a local day, by a document of a day.

    ``person``: the address of whom it is against; else ``department``.
    """

    kind: str
    since: date | None
    document: str
    document_on: date | None
    person: str = ""
    department: str = ""
    words: str = ""
    contends_for: ClassVar[str] = "proceedings"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedEnd:
    """How it ended, by which document, as it was sent.

    ``served_on``: of a discipline, the day on which it was or will be served.
    """

    outcome: str
    ended_on: date | None
    document: str
    document_on: date | None
    served_on: date | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseProceeding(Command[int]):
    """Write down how it ended, by which document."""

    proceeding: int
    ending: AskedEnd
    contends_for: ClassVar[str] = "proceedings"


def open_proceeding(transaction: Transaction, command: OpenProceeding) -> int:
    """Write down what is pending; return its number."""
    office = require_office(transaction.directory.active(command.cause.actor))
    person, department, problems = _against_whom(transaction, command)
    if command.kind not in set(ProceedingKind):
        problems.append(reason("kind", "Choose what is pending."))
    problems += _wrong_day(transaction, "since", command.since)
    problems += _wrong_document(transaction, command)
    since, document_on = command.since, command.document_on
    if problems or since is None or document_on is None:
        raise InvalidRefusal(*problems)
    require_other(transaction.directory, office, Against(person=person))
    document, words = values.line(command.document), values.lines(command.words)
    number = proceedings.insert_proceeding(
        transaction.connection,
        {
            "person": person,
            "department": department,
            "kind": command.kind,
            "since": since.isoformat(),
            "document": document,
            "document_on": document_on.isoformat(),
            "words": words,
            "opened_by": office.id,
            "opened_at": written(transaction.now),
        },
    )
    payload = ProceedingOpened(person=person, department=department)
    record_by(transaction, command.cause, f"proceeding:{number}", payload)
    return number


def close_proceeding(transaction: Transaction, command: CloseProceeding) -> int:
    """Write down how it ended; return its number. Whoever it was against is held no more."""
    found, office = open_to(transaction, command.proceeding, command.cause.actor)
    if found.closed_at is not None or found.is_corrected:
        raise InvalidRefusal(
            reason("state", "It has ended already. Where that is written wrongly, correct it.")
        )
    end = checked_end(transaction, found, command.ending, office)
    proceedings.close_proceeding(transaction.connection, found.id, end)
    record_by(transaction, command.cause, found.subject, ProceedingClosed())
    return found.id


def open_to(
    transaction: Transaction, proceeding: int, person: PersonId | None
) -> tuple[Proceeding, Person]:
    """Return a proceeding and who of the Office may write of it.

    Raises NotFoundRefusal, NotPermittedRefusal.
    """
    office = require_office(transaction.directory.active(person))
    found = proceedings.find_proceeding(transaction.connection, proceeding)
    if found is None:
        raise NotFoundRefusal(lazy("this proceeding"))
    against = Against(person=found.person, department=found.department)
    require_other(transaction.directory, office, against)
    return found, office


def checked_end(
    transaction: Transaction, found: Proceeding, ending: AskedEnd, office: Person
) -> ProceedingEnd:
    """Return an end that can be true. Raises InvalidRefusal."""
    problems = list(_wrong_end(transaction, found, ending))
    ended_on, document_on = ending.ended_on, ending.document_on
    if problems or ended_on is None or document_on is None:
        raise InvalidRefusal(*problems)
    return ProceedingEnd(
        outcome=ProceedingOutcome(ending.outcome),
        ended_on=ended_on,
        document=values.line(ending.document),
        document_on=document_on,
        served_on=ending.served_on,
        words=values.lines(ending.words),
        by=office.id,
        at=transaction.now,
    )


def _against_whom(
    transaction: Transaction, command: OpenProceeding
) -> tuple[PersonId | None, DepartmentId | None, list[Reason]]:
    """Return against whom it is: a person, or a department."""
    directory = transaction.directory
    known = {each.email: each.id for each in directory.people.values() if not each.is_erased}
    person, department = known.get(as_kept(command.person)), DepartmentId(command.department)
    if command.person and command.department:
        wrong = reason("person", "Choose a person or a department, not both.")
    elif command.person:
        wrong = reason("person", "Nobody here has this address. Choose a person.")
        if person is not None:
            return person, None, []
    else:
        wrong = reason("person", "Choose the person or the department that it is against.")
        if department in directory.departments:
            return None, department, []
    return None, None, [wrong]


def require_other(directory: Directory, office: Person, found: Against) -> None:
    """Refuse whoever would write of what is pending against themselves or their own department.

    Of a department somebody of another writes, where the Office has anybody there.
    """
    if found.person == office.id:
        raise NotPermittedRefusal(
            reason(
                "not_oneself",
                "Nobody writes of what is pending against themselves. Ask somebody else of the "
                "Office.",
            )
        )
    elsewhere = any(
        may_set_deadlines(each) and each.department != found.department
        for each in directory.in_positions(OFFICE)
    )
    if found.department is not None and found.department == office.department and elsewhere:
        raise NotPermittedRefusal(
            reason(
                "not_oneself",
                "This is against your own department. Ask somebody of the Office who works in "
                "another.",
            )
        )


def _wrong_day(transaction: Transaction, rule: str, day: date | None) -> Iterator[Reason]:
    today = transaction.context.calendar.local_day(transaction.now)
    if day is None or day > today:
        yield reason(rule, "Write a day, today or earlier, for example 15/12/2022.")


def _wrong_document(
    transaction: Transaction, command: OpenProceeding | AskedEnd
) -> Iterator[Reason]:
    """Yield what is wrong with the document, its day, and what is said besides."""
    if wrong := values.line_fault(command.document, _DOCUMENT_LIMIT):
        yield reason("document", "Write number and kind of the document. It {wrong}", wrong=wrong)
    yield from _wrong_day(transaction, "document_on", command.document_on)
    if wrong := values.lines_fault(command.words, _WORDS_LIMIT, may_be_empty=True):
        yield reason("words", "The note {wrong}", wrong=wrong)


def _wrong_end(transaction: Transaction, found: Proceeding, ending: AskedEnd) -> Iterator[Reason]:
    if ending.outcome not in set(ProceedingOutcome):
        yield reason("outcome", "Choose how it ended.")
    yield from _wrong_day(transaction, "ended_on", ending.ended_on)
    if ending.ended_on is not None and ending.ended_on < found.since:
        yield reason(
            "ended_on",
            "It ended on the day it began or later: {day}.",
            day=f"{found.since:%d/%m/%Y}",
        )
    yield from _wrong_document(transaction, ending)
    is_disciplined = ending.outcome == ProceedingOutcome.DISCIPLINED
    if is_disciplined and (ending.served_on is None or ending.served_on < found.since):
        yield reason(
            "served_on", "Say by which day the discipline is served: merit counts from that day."
        )
    elif is_disciplined and _is_too_late(ending):
        yield reason(
            "served_on",
            "A discipline is served within {years} years of its end. Check the day.",
            years=_SERVED_WITHIN_YEARS,
        )
    if not is_disciplined and ending.served_on is not None:
        yield reason("served_on", "Only a discipline is served. Leave this day empty.")


def _is_too_late(ending: AskedEnd) -> bool:
    served, ended = ending.served_on, ending.ended_on
    return (
        served is not None
        and ended is not None
        and served > months_after(ended, 12 * _SERVED_WITHIN_YEARS)
    )
