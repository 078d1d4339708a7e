"""Extensions: a department asks for another day, the Office decides, the history keeps both.

Granting gives that department a deadline of its own; the others keep theirs. All of it is one
transaction.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from workflow import values
from workflow.command import Command, DeadlineCommand
from workflow.commands.deadlines import SetDeadline, write_deadline
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.context import SetBrokenError
from workflow.deadlines import Deadline
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    reason,
)
from workflow.events import Event, ExtensionMoved
from workflow.history import agency_payloads
from workflow.lookups.deadline_terms import DeadlineTerms, beyond_calendar, rolled
from workflow.lookups.obligations import obligations
from workflow.messages import lazy
from workflow.model import OFFICE, DepartmentId, ExtensionState, PersonId
from workflow.people import may_draft, require_office
from workflow.store import deadlines, extensions
from workflow.store.extensions import Extension
from workflow.store.instants import written

WHY_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AskExtension(DeadlineCommand[int]):
    """Ask for ``wanted_at`` instead of a deadline's due instant, for one's own department."""

    department: DepartmentId
    wanted_at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideExtension(Command[int]):
    """Grant or refuse what a department asked for.

    ``answer``: the Office's words, needed to refuse.
    """

    extension: int
    is_granted: bool
    answer: str
    contends_for: ClassVar[str] = "extensions"


def ask_extension(transaction: Transaction, command: AskExtension) -> int:
    """Record what a department asks for; return its id. The Office gets a mail."""
    now, directory = transaction.now, transaction.directory
    person = directory.active(command.cause.actor)
    deadline = deadlines.find_deadline(transaction.connection, command.deadline)
    if deadline is None or person is None or command.department not in deadline.departments:
        raise NotFoundRefusal(lazy("the department's deadline"))
    if not may_draft(person, command.department):
        raise NotPermittedRefusal(
            reason("own-department", "Only people of the department may ask for more time for it.")
        )
    if problems := _ask_problems(transaction, command, deadline):
        raise InvalidRefusal(*problems)
    why = values.lines(command.why)
    extension = extensions.insert_extension(
        transaction.connection,
        {
            "deadline_id": deadline.id,
            "department": command.department,
            "asked_by": person.id,
            "asked_at": written(now),
            "wanted_at": written(command.wanted_at),
            "why": why,
        },
    )
    payload = agency_payloads.ExtensionAsked(
        extension=extension, department=command.department, wanted_at=command.wanted_at
    )
    record_by(
        transaction,
        command.cause,
        f"deadline:{deadline.id}",
        payload,
        texts={"message": why},
    )
    asked = extensions.extension_by_id(transaction.connection, extension)
    if asked is not None:
        transaction.emit([_moved(asked, each.id) for each in directory.in_positions(OFFICE)])
    return extension


def _ask_problems(
    transaction: Transaction, command: AskExtension, deadline: Deadline
) -> list[Reason]:
    problems = []
    if wrong := values.lines_fault(command.why, WHY_LIMIT):
        problems.append(
            reason("why", "Say why an extension is asked for. The reason {wrong}", wrong=wrong)
        )
    if (beyond := beyond_calendar("wanted_at", command.wanted_at)) is not None:
        problems.append(beyond)
    elif command.wanted_at <= max(deadline.due_at, transaction.now):
        problems.append(
            reason(
                "wanted_at",
                "The day asked for must be after the present deadline and after now. "
                "Choose another day.",
            )
        )
    if (deadline.campaign, deadline.kind, command.department) in obligations(
        transaction.context, transaction.connection
    ).met:
        problems.append(
            reason("met", "The department has delivered its report, so it needs no more time.")
        )
    waiting = [
        each
        for each in extensions.extensions_of(transaction.connection, [deadline.id])
        if each.department == command.department and each.state == ExtensionState.ASKED
    ]
    if waiting:
        problems.append(
            reason(
                "asked", "The department has asked for more time and waits for the Office's answer."
            )
        )
    return problems


def decide_extension(transaction: Transaction, command: DecideExtension) -> int:
    """Record the Office's decisions.

    Answer the id of the deadline that the department has by then.
    """
    now = transaction.now
    person = require_office(transaction.directory.active(command.cause.actor))
    asked = extensions.extension_by_id(transaction.connection, command.extension)
    deadline = deadlines.find_deadline(transaction.connection, asked.deadline) if asked else None
    if asked is None or deadline is None:
        raise NotFoundRefusal(lazy("this request for more time"))
    if asked.state != ExtensionState.ASKED or asked.department not in deadline.departments:
        raise InvalidRefusal(
            reason(
                "decided",
                "This request was already decided, or the deadline no longer concerns the "
                "department.",
            )
        )
    answer = values.lines(command.answer)
    if wrong := values.lines_fault(answer, WHY_LIMIT, may_be_empty=command.is_granted):
        raise InvalidRefusal(
            reason(
                "answer", "Where no extension is granted, say why. The answer {wrong}", wrong=wrong
            )
        )
    # The new terms first: an entry of theirs tells of nothing else.
    own = _granted(transaction, command, deadline, asked) if command.is_granted else deadline.id
    state = ExtensionState.GRANTED if command.is_granted else ExtensionState.REFUSED
    if not extensions.decide_extension(
        transaction.connection, asked.id, state=state, by=person.id, at=now, answer=answer
    ):
        raise SetBrokenError
    kind = (
        agency_payloads.ExtensionGranted if command.is_granted else agency_payloads.ExtensionRefused
    )
    record_by(
        transaction,
        command.cause,
        f"deadline:{deadline.id}",
        kind(extension=asked.id, department=asked.department, deadline=own),
        texts={"message": answer} if answer else {},
    )
    transaction.emit([_moved(replace(asked, state=state), asked.asked_by)])
    return own


def _granted(
    transaction: Transaction,
    command: DecideExtension,
    deadline: Deadline,
    asked: Extension,
) -> int:
    """Give the department its own deadline, or move the one that is its alone; return its id."""
    terms = DeadlineTerms(
        campaign=deadline.campaign,
        kind=deadline.kind,
        departments=(asked.department,),
        due_at=asked.wanted_at,
        roll=deadline.roll,
        ladder=deadline.ladder,
        name=deadline.name,
        data_until=deadline.data_until,
    )
    others = tuple(each for each in deadline.departments if each != asked.department)
    if others:
        staying = replace(terms, departments=others, due_at=deadline.due_at)
        _set(transaction, command, staying, "others", deadline)
        return _set(transaction, command, rolled(transaction.context, terms), "own", None)
    return _set(transaction, command, rolled(transaction.context, terms), "own", deadline)


def _set(
    transaction: Transaction,
    command: DecideExtension,
    terms: DeadlineTerms,
    part: str,
    before: Deadline | None,
) -> int:
    setting = SetDeadline(
        terms=terms,
        cause=replace(command.cause, command_id=f"{command.cause.command_id}:{part}"),
        confirm=True,
        deadline=before.id if before else None,
        version=before.version if before else None,
    )
    return write_deadline(transaction, setting, terms, before)


def _moved(extension: Extension, person: PersonId) -> Event:
    return ExtensionMoved(
        extension=extension.id,
        person=person,
        deadline=extension.deadline,
        department=extension.department,
        state=extension.state,
        wanted_at=extension.wanted_at,
    )
