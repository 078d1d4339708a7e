"""Data subjects' requests: received, with a due day by law, and answered.

Whoever works here asks for themselves; the Office writes down what somebody from outside asks. The
Office answers. What is asked and answered is an entry each.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from workflow import values
from workflow.addresses import parse_mailbox
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    StaleRefusal,
    reason,
)
from workflow.events import RequestMoment, RequestMoved
from workflow.history.privacy_payloads import RequestAnswered, RequestReceived
from workflow.lookups.privacy import due_day, privacy_rules
from workflow.messages import lazy
from workflow.model import OFFICE, Person, RequestKind, RequestState
from workflow.people import may_set_deadlines
from workflow.store import history, privacy
from workflow.store.instants import written
from workflow.store.privacy import PrivacyRequest, Reply

_WORDS_LIMIT = 4000
_NAME_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRequest(Command[int]):
    """Write down what a data subject asks: the actor for themselves, or for another (``name``).

    ``received_on``: the local day (ISO); None: today.
    """

    kind: RequestKind
    words: str
    is_for_another: bool = False
    name: str = ""
    contact: str = ""
    received_on: str | None = None
    contends_for: ClassVar[str] = "requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest(Command[int]):
    """Say how a request stands; ``puts_off``: it is answered later, once, and why."""

    request: int
    state: RequestState
    answer: str
    puts_off: bool = False
    contends_for: ClassVar[str] = "requests"


def record_request(transaction: Transaction, command: RecordRequest) -> int:
    """Write a request down; answer its number. The Office gets a mail."""
    connection, calendar, cause = (
        transaction.connection,
        transaction.context.calendar,
        command.cause,
    )
    actor = transaction.directory.active(cause.actor)
    if actor is None and not cause.is_operator:
        raise NotPermittedRefusal(
            reason("person", "Only people who work here write requests down.")
        )
    is_own = not command.is_for_another
    if not is_own and not cause.is_operator and not (actor and may_set_deadlines(actor)):
        raise NotPermittedRefusal(
            reason("office", "Only the Office writes down what somebody else asks.")
        )
    today = calendar.local_day(transaction.now)
    received = today if command.received_on is None else values.day(command.received_on)
    problems = list(_problems(command, actor, received, today))
    if problems or received is None:
        raise InvalidRefusal(*problems)
    due_on = due_day(calendar, privacy_rules(connection).term(command.kind), received)
    person = actor.id if actor is not None and is_own else None
    request = privacy.insert_request(
        connection,
        {
            "kind": command.kind.value,
            "person": person,
            "name": values.line(command.name) if not is_own else "",
            "contact": values.line(command.contact) if not is_own else "",
            "words": values.lines(command.words),
            "received_on": received.isoformat(),
            "due_on": due_on.isoformat(),
            "recorded_by": actor.id if actor else None,
            "recorded_at": written(transaction.now),
        },
    )
    payload = RequestReceived(
        kind=command.kind,
        person=person,
        received_on=received.isoformat(),
        due_on=due_on.isoformat(),
    )
    record_by(transaction, cause, f"request:{request}", payload)
    transaction.emit(
        RequestMoved(request=request, moment=RequestMoment.CAME, person=each.id)
        for each in transaction.directory.in_positions(OFFICE)
    )
    return request


def _problems(
    command: RecordRequest, actor: Person | None, received: date | None, today: date
) -> list[Reason]:
    found = []
    if wrong := values.lines_fault(command.words, _WORDS_LIMIT):
        found.append(reason("words", "Write what is asked: the text {wrong}", wrong=wrong))
    if command.is_for_another:
        if wrong := values.line_fault(command.name, _NAME_LIMIT):
            found.append(reason("name", "The name {wrong}", wrong=wrong))
        if "@" in command.contact and parse_mailbox(command.contact.strip()) is None:
            found.append(
                reason("contact", "“{text}” is not a mail address.", text=command.contact.strip())
            )
        elif wrong := values.line_fault(command.contact, _NAME_LIMIT):
            found.append(
                reason("contact", "Write where the answer goes: the text {wrong}", wrong=wrong)
            )
    elif actor is None:
        found.append(reason("name", "Write who asks."))
    if received is None or received > today:
        found.append(
            reason(
                "received_on",
                "The day it was received is today or earlier, for example 15/06/2022.",
            )
        )
    return found


def answer_request(transaction: Transaction, command: AnswerRequest) -> int:
    """Acknowledge, grant, refuse or put off; answer the number. Whoever asked gets a mail."""
    connection, cause = transaction.connection, command.cause
    actor = transaction.directory.active(cause.actor)
    if not cause.is_operator and (actor is None or not may_set_deadlines(actor)):
        raise NotPermittedRefusal(reason("office", "Only the Office answers requests."))
    request = privacy.request_by_id(connection, command.request)
    if request is None:
        raise NotFoundRefusal(lazy("this request"))
    if not request.is_open:
        raise StaleRefusal(
            state=request.state.value,
            version=0,
            given=None,
            why=reason("answered", "This request has been answered already."),
        )
    if problems := _answer_problems(transaction, command, request):
        raise InvalidRefusal(*problems)
    said = Reply(
        state=command.state,
        answer=values.lines(command.answer),
        by=actor.id if actor else None,
        at=transaction.now,
        due_on=_put_off(transaction, request) if command.puts_off else request.due_on,
    )
    privacy.reply(connection, request.id, said)
    payload = RequestAnswered(state=said.state, due_on=said.due_on)
    texts = {"message": said.answer} if said.answer else {}
    record_by(transaction, cause, f"request:{request.id}", payload, texts=texts)
    if request.person is not None:
        moment = _ENDS.get(command.state, RequestMoment.ACKNOWLEDGED)
        moment = RequestMoment.PUT_OFF if command.puts_off else moment
        transaction.emit([RequestMoved(request=request.id, moment=moment, person=request.person)])
    return request.id


_ENDS = {
    RequestState.GRANTED: RequestMoment.ANSWERED,
    RequestState.REFUSED: RequestMoment.ANSWERED,
}


def _answer_problems(
    transaction: Transaction, command: AnswerRequest, request: PrivacyRequest
) -> list[Reason]:
    found = []
    is_end = command.state in _ENDS
    wrong = values.lines_fault(
        command.answer, _WORDS_LIMIT, may_be_empty=not is_end and not command.puts_off
    )
    if wrong:
        found.append(reason("answer", "Write the answer: the text {wrong}", wrong=wrong))
    if command.state is RequestState.RECEIVED:
        found.append(reason("state", "Choose acknowledged, granted or refused."))
    if is_end and command.puts_off:
        found.append(reason("puts_off", "What is answered is not put off."))
    if command.puts_off and request.due_on != _first_due(transaction, request):
        found.append(reason("puts_off", "This request was put off already; that is once."))
    return found


def _first_due(transaction: Transaction, request: PrivacyRequest) -> str:
    """Return the day on which a request was due when it came."""
    made = history.entry_at(transaction.connection, f"request:{request.id}", 1)
    payload = made.fact.payload if made is not None else None
    return payload.due_on if isinstance(payload, RequestReceived) else request.due_on


def _put_off(transaction: Transaction, request: PrivacyRequest) -> str:
    """Return the due day of a request that is put off."""
    term = privacy_rules(transaction.connection).extension
    start = date.fromisoformat(request.due_on)
    return due_day(transaction.context.calendar, term, start).isoformat()
