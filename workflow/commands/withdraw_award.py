"""Withdraw an award: a later entry of its item's history, by a decision of its own.

Owns who may record it, and that there is an award to withdraw. The award's own entry stays.
"""

from dataclasses import dataclass, replace
from datetime import date

from workflow import values
from workflow.command import ItemCommand
from workflow.commands.execute import Transaction
from workflow.commands.item_access import locked_item
from workflow.commands.numbering import (
    LONGEST_DECISION_NUMBER,
    is_numbered_here,
    own_decision_number,
)
from workflow.commands.recording import append_in_place, fact_in_place
from workflow.errors import InvalidRefusal, NotPermittedRefusal, Reason, reason
from workflow.history import payloads
from workflow.lookups.award_register import awards_of
from workflow.people import may_set_deadlines

_WORDS_LIMIT = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAward(ItemCommand[int]):
    """Record that an award was withdrawn: by which decision, of which day, and why."""

    number: str
    decided_on: str
    why: str
    nominee: int = 0
    """Of a list: whose award, by the row."""


def withdraw_award(transaction: Transaction, command: WithdrawAward) -> int:
    """Record it; answer the number of the entry."""
    connection = transaction.connection
    item, person = locked_item(transaction, command.cause, command.code)
    if not may_set_deadlines(person):
        raise NotPermittedRefusal(reason("office", "Only the Office withdraws an award."))
    given = next(
        (
            each
            for each in awards_of(transaction.context, connection, item)
            if each.row == command.nominee
        ),
        None,
    )
    if given is None or given.is_withdrawn:
        raise InvalidRefusal(
            reason("award", "This item has no award that could be withdrawn. Reload the page.")
        )
    if problems := list(_problems(transaction, command, given.decided_on)):
        raise InvalidRefusal(*problems)
    payload = payloads.AwardWithdrawn(
        number=_number(transaction, command, given.authority_id),
        decided_on=command.decided_on,
        nominee=command.nominee,
    )
    fact = fact_in_place(transaction, command.cause, item, person, payload)
    fact = replace(fact, texts={"comment": values.lines(command.why)})
    return append_in_place(transaction, item, fact, digest=command.cause.digest).seq


def _number(transaction: Transaction, command: WithdrawAward, authority: str) -> str:
    """Return the number of the decision: of one's own, as the register that is kept here has it."""
    context = transaction.context
    if not is_numbered_here(context, authority):
        return values.line(command.number)
    day = date.fromisoformat(command.decided_on)
    today = context.calendar.local_day(transaction.now)
    had = own_decision_number(context, transaction.connection, command.number, day, today)
    if isinstance(had, Reason):
        is_day = had.rule == "decided_on"
        raise InvalidRefusal(had if is_day else replace(had, rule="number"))
    return had


def _problems(transaction: Transaction, command: WithdrawAward, given_on: str) -> list[Reason]:
    found = []
    if wrong := values.line_fault(command.number, LONGEST_DECISION_NUMBER):
        found.append(reason("number", "The number of the decision {wrong}", wrong=wrong))
    day = values.day(command.decided_on)
    today = transaction.context.calendar.local_day(transaction.now)
    if day is None or not given_on <= command.decided_on <= today.isoformat():
        found.append(
            reason(
                "decided_on",
                "The day of the decision must be real, not before the award and not in the future.",
            )
        )
    if wrong := values.lines_fault(command.why, _WORDS_LIMIT):
        found.append(reason("why", "Say why the award was withdrawn. It {wrong}", wrong=wrong))
    return found
