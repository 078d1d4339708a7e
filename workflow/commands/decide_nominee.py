"""Record what became of a nominee who waited while the rest of the list had its outcome.

Owns who may record it, and that there is such a nominee. What was recorded of the others stays.
"""

from dataclasses import dataclass, replace

from workflow.command import ItemCommand
from workflow.commands.award_decision import LateResult, late_result
from workflow.commands.execute import Transaction
from workflow.commands.item_access import locked_item
from workflow.commands.nominee_results import NomineeOutcome
from workflow.commands.recording import append_in_place, fact_in_place
from workflow.errors import InvalidRefusal, NotPermittedRefusal, reason
from workflow.history import payloads
from workflow.lookups.list_results import undecided_rows
from workflow.people import may_set_deadlines


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideNominee(ItemCommand[int]):
    """Record that a nominee who waited was awarded, by which decision, or not, and why."""

    outcome: NomineeOutcome


def decide_nominee(transaction: Transaction, command: DecideNominee) -> int:
    """Record it; answer the number of the entry."""
    connection, context = transaction.connection, transaction.context
    item, person = locked_item(transaction, command.cause, command.code)
    if not may_set_deadlines(person):
        raise NotPermittedRefusal(
            reason("office", "Only the Office records what became of a nominee who waited.")
        )
    outcome = command.outcome
    if outcome.row not in undecided_rows(context, connection, item):
        raise InvalidRefusal(
            reason("code", "This nominee waits no more, or is on no list. Reload the page.")
        )
    if outcome.is_awarded is None:
        raise InvalidRefusal(reason("result", "Choose what became of the nominee."))
    content = context.contents.of(connection, [item])[item.id]
    today = context.calendar.local_day(transaction.now)
    late = LateResult(outcome=outcome, today=today, asker=person)
    found = late_result(context, connection, item, content, late)
    if isinstance(found, InvalidRefusal):
        raise found
    payload = payloads.NomineeDecided(nominee=found.results[0])
    fact = fact_in_place(transaction, command.cause, item, person, payload)
    fact = replace(fact, texts=found.texts)
    return append_in_place(transaction, item, fact, digest=command.cause.digest).seq
