"""Inspections: the Office visits a department during a campaign, and follows what is to be mended.

The plan, I.2: the movement is urged on, inspected and assessed. Each visit, and each mending, is a
deadline of its own, reminded of as every other. What was found is never changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from typing import ClassVar

import orjson

from workflow import values
from workflow.command import Cause, Command
from workflow.commands.deadlines import SetDeadline, set_deadline
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.deadlines import INSPECTION, MENDING, Audience, Roll, Rung
from workflow.errors import InvalidRefusal, NotFoundRefusal, Reason, reason
from workflow.history.inspection_payloads import (
    InspectionEnded,
    InspectionPlanned,
    InspectionRecorded,
)
from workflow.lookups.campaigns import campaign_of
from workflow.lookups.deadline_terms import DeadlineTerms, checked_series
from workflow.messages import lazy
from workflow.model import DepartmentId, Person, PersonId, Position
from workflow.office_events import VisitChange, VisitSet
from workflow.people import require_office
from workflow.store import inspections
from workflow.store.inspections import CANCELLED, MENDED, RECORDED, Inspection, InspectionNote
from workflow.store.instants import written

_WORDS_LIMIT = 4000
_NAME_LIMIT = 80
_ENDS_AT = time(17)
_VISIT = (
    Rung(days=-5, to=(Audience.DRAFTER, Audience.HEAD)),
    Rung(days=-1, to=(Audience.DRAFTER, Audience.HEAD)),
    Rung(days=1, to=(Audience.DRAFTER, Audience.HEAD)),
    Rung(days=3, to=(Audience.DRAFTER, Audience.HEAD, Audience.DIRECTORATE)),
)
_MENDING = (
    Rung(days=-5, to=(Audience.DRAFTER, Audience.HEAD)),
    Rung(days=-1, to=(Audience.DRAFTER, Audience.HEAD)),
    Rung(days=1, to=(Audience.DRAFTER, Audience.HEAD, Audience.OFFICE)),
    Rung(days=3, to=(Audience.DRAFTER, Audience.HEAD, Audience.DIRECTORATE)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInspection(Command[int]):
    """Plan to visit a department on a local day; ``inspectors``: addresses of who goes."""

    campaign: str
    department: DepartmentId
    on_day: date | None
    inspectors: tuple[str, ...]
    about: str
    contends_for: ClassVar[str] = "inspections"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInspection(Command[int]):
    """Write down what was found; ``to_mend`` by the local day ``mend_by``, where anything is."""

    inspection: int
    words: str
    to_mend: str = ""
    mend_by: date | None = None
    contends_for: ClassVar[str] = "inspections"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndInspection(Command[int]):
    """Say that what was found is mended, or give up a visit that was not made."""

    inspection: int
    outcome: str
    words: str
    contends_for: ClassVar[str] = "inspections"


def plan_inspection(transaction: Transaction, command: PlanInspection) -> int:
    """Plan a visit, with the deadline that reminds of it; return its number."""
    connection, directory = transaction.connection, transaction.directory
    office = require_office(directory.active(command.cause.actor))
    known = {each.email: each.id for each in directory.people.values() if each.is_active}
    problems, day = _wrong_plan(transaction, command, known), command.on_day
    if not problems and day is not None:
        terms = _visit_terms(transaction, command, 0, day)
        problems = _why_no_deadline(transaction, terms, "on_day")
    if problems or day is None:
        raise InvalidRefusal(*problems)
    going = tuple(known[each] for each in dict.fromkeys(command.inspectors))
    inspection = inspections.insert_inspection(
        connection,
        {
            "campaign": command.campaign,
            "department": command.department,
            "on_day": day.isoformat(),
            "inspectors": orjson.dumps(list(going)).decode(),
            "about": values.lines(command.about),
            "planned_by": office.id,
            "planned_at": written(transaction.now),
        },
    )
    terms = _visit_terms(transaction, command, inspection, day)
    deadline = _remind(transaction, command.cause, terms)
    payload = InspectionPlanned(
        campaign=command.campaign,
        department=command.department,
        on_day=day.isoformat(),
        inspectors=going,
        deadline=deadline,
    )
    texts = {"message": values.lines(command.about)}
    record_by(transaction, command.cause, f"inspection:{inspection}", payload, texts=texts)
    _tell_department(transaction, command.cause, inspection, VisitChange.PLANNED)
    return inspection


def _tell_department(
    transaction: Transaction, cause: Cause, inspection: int, what: VisitChange
) -> None:
    """Tell whoever answers for the department: its head, or where there is none its deputies."""
    found = inspections.find_inspection(transaction.connection, inspection)
    if found is None:
        raise NotFoundRefusal(lazy("this inspection"))
    directory = transaction.directory
    heads = directory.in_positions([Position.HEAD, Position.CHIEF], found.department)
    told = heads or directory.in_positions([Position.DEPUTY], found.department)
    transaction.emit(
        VisitSet(
            inspection=found.id,
            person=each.id,
            what=what,
            department=found.department,
            on_day=found.on_day,
            inspectors=found.inspectors,
        )
        for each in told
        if each.id != cause.actor
    )


def _wrong_plan(
    transaction: Transaction, command: PlanInspection, known: Mapping[str, PersonId]
) -> list[Reason]:
    """Return what is wrong with a plan; ``known``: who works at the agency, by address."""
    campaign, day = campaign_of(transaction.connection, command.campaign), command.on_day
    problems = _wrong_words("about", command.about)
    if campaign is None or day is None or not campaign.starts_on <= day <= campaign.ends_on:
        problems.append(
            reason("on_day", "The visit must lie within the campaign. Choose another day.")
        )
    if command.department not in transaction.directory.departments:
        problems.append(reason("department", "There is no such department. Choose one."))
    if not command.inspectors or not known.keys() >= {*command.inspectors}:
        problems.append(
            reason("inspectors", "Choose who goes, among those who work at the agency.")
        )
    return problems


def _visit_terms(
    transaction: Transaction, command: PlanInspection, inspection: int, day: date
) -> DeadlineTerms:
    """Return the deadline by which the Office answers for a visit."""
    departments = transaction.directory.departments
    return DeadlineTerms(
        campaign=command.campaign,
        kind=f"{INSPECTION}{inspection}",
        departments=tuple(each.id for each in departments.values() if each.is_office),
        due_at=transaction.context.calendar.at(day, _ENDS_AT),
        roll=Roll.NONE,
        ladder=_VISIT,
        name=departments[command.department].name[:_NAME_LIMIT],
    )


def _why_no_deadline(transaction: Transaction, terms: DeadlineTerms, asked: str) -> list[Reason]:
    """Return why no deadline can be set with these terms; of its day: of the field ``asked``."""
    try:
        checked_series(transaction.context, transaction.connection, terms, None, is_confirmed=True)
    except InvalidRefusal as refusal:
        return [
            replace(each, rule=asked) if each.rule == "due_at" else each for each in refusal.reasons
        ]
    return []


def _remind(transaction: Transaction, cause: Cause, terms: DeadlineTerms) -> int:
    """Set the deadline that reminds of it; return its number."""
    of_deadline = replace(cause, command_id=f"{cause.command_id}:deadline")
    return set_deadline(transaction, SetDeadline(cause=of_deadline, terms=terms, confirm=True))


def record_inspection(transaction: Transaction, command: RecordInspection) -> int:
    """Write down what was found, with the deadline of what is to be mended; return its number."""
    found, office = _open(transaction, command.cause, command.inspection)
    today = transaction.context.calendar.local_day(transaction.now)
    problems = list(_wrong_words("words", command.words))
    if command.to_mend or command.mend_by is not None:
        problems += _wrong_words("to_mend", command.to_mend)
        if command.mend_by is None or command.mend_by < today:
            problems.append(
                reason("mend_by", "Say by which day it is to be mended, today or later.")
            )
    if found.recorded is not None:
        problems.append(reason("state", "What was found is written down already."))
    terms = _mending_terms(transaction, found, command.mend_by) if command.mend_by else None
    if terms is not None and not problems:
        problems += _why_no_deadline(transaction, terms, "mend_by")
    if problems:
        raise InvalidRefusal(*problems)
    note = InspectionNote(
        inspection_id=found.id,
        outcome=RECORDED,
        words=values.lines(command.words),
        to_mend=values.lines(command.to_mend) if command.to_mend else "",
        mend_by=command.mend_by.isoformat() if command.mend_by else None,
        person=office.id,
        at=transaction.now,
    )
    inspections.add_note(transaction.connection, note)
    deadline = _remind(transaction, command.cause, terms) if terms is not None else None
    texts = {"message": note.words, **({"to_mend": note.to_mend} if note.to_mend else {})}
    payload = InspectionRecorded(mend_by=note.mend_by, deadline=deadline)
    record_by(transaction, command.cause, f"inspection:{found.id}", payload, texts=texts)
    return found.id


def _mending_terms(transaction: Transaction, found: Inspection, mend_by: date) -> DeadlineTerms:
    """Return the deadline by which what was found is to be mended."""
    return DeadlineTerms(
        campaign=found.campaign,
        kind=f"{MENDING}{found.id}",
        departments=(found.department,),
        due_at=transaction.context.calendar.at(mend_by, _ENDS_AT),
        roll=Roll.PREVIOUS,
        ladder=_MENDING,
    )


def end_inspection(transaction: Transaction, command: EndInspection) -> int:
    """Say that what was found is mended, or give up a visit that was not made."""
    found, office = _open(transaction, command.cause, command.inspection)
    wanted = CANCELLED if found.recorded is None else MENDED
    problems = list(_wrong_words("words", command.words))
    if command.outcome != wanted:
        problems.append(
            reason(
                "state",
                "Before the visit it can be given up, after it what is to be mended can be said "
                "to be mended.",
            )
        )
    if problems:
        raise InvalidRefusal(*problems)
    note = InspectionNote(
        inspection_id=found.id,
        outcome=wanted,
        words=values.lines(command.words),
        to_mend="",
        mend_by=None,
        person=office.id,
        at=transaction.now,
    )
    inspections.add_note(transaction.connection, note)
    record_by(
        transaction,
        command.cause,
        f"inspection:{found.id}",
        InspectionEnded(outcome=wanted),
        texts={"message": note.words},
    )
    if wanted == CANCELLED:
        _tell_department(transaction, command.cause, found.id, VisitChange.GIVEN_UP)
    return found.id


def _open(transaction: Transaction, cause: Cause, inspection: int) -> tuple[Inspection, Person]:
    """Return an inspection of which something is open, and who of the Office acts."""
    office = require_office(transaction.directory.active(cause.actor))
    found = inspections.find_inspection(transaction.connection, inspection)
    if found is None:
        raise NotFoundRefusal(lazy("this inspection"))
    if found.is_over:
        raise InvalidRefusal(reason("state", "This inspection is over. Plan another one."))
    return found, office


def _wrong_words(rule: str, words: str) -> list[Reason]:
    wrong = values.lines_fault(words, _WORDS_LIMIT)
    return [reason(rule, "Say it in a few words. The text {wrong}", wrong=wrong)] if wrong else []
