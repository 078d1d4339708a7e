"""The decision of the agency's own head that a dossier reports to the board.

What he may award ends in his decision: its number and day are said with the dossier, the board
reads them in its notice, and the outcome takes them from there. Writes nothing.
"""

from datetime import date, datetime

from sqlalchemy import Connection

from workflow import values
from workflow.commands.award_decision import day_problems
from workflow.commands.decision import Decide
from workflow.commands.numbering import (
    NO_DECISION_NUMBER,
    decision_number_problems,
    own_decision_number,
)
from workflow.context import Context
from workflow.definition import Definition
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.history import payloads
from workflow.lookups.held_nominees import waiting_rows
from workflow.lookups.nominations import route_of
from workflow.model import Content, Item
from workflow.rules import nominees_of
from workflow.store.rounds import counts_of


def reported_decision(
    context: Context,
    connection: Connection,
    command: Decide,
    item: Item,
    content: Content | None,
    now: datetime,
) -> payloads.DecisionReported | InvalidRefusal | None:
    """Return the decision that a dossier reports, what is wrong with it, or None: it names none."""
    number, decided_on = values.line(command.award.number or ""), command.award.decided_on
    if not (number or decided_on):
        return None
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    today = context.calendar.local_day(now)
    day = values.day(decided_on) if decided_on else today
    awarded = _awarded_here(context, connection, rulebook.definition, item, content, day or today)
    problems = [
        *decision_number_problems(number),
        *day_problems(context, connection, item, day, today),
    ]
    if not number:
        problems.append(NO_DECISION_NUMBER)
    if not awarded:
        problems.append(
            reason(
                "decision_number",
                "Nobody here is awarded by the agency's own head, so the dossier reports no "
                "decision of theirs. Leave number and day empty.",
            )
        )
    if problems or day is None:
        return InvalidRefusal(*problems)
    if context.outgoing.is_kept_here:
        had = own_decision_number(context, connection, number, day, today)
        if isinstance(had, Reason):
            return InvalidRefusal(had)
        number = had
    return payloads.DecisionReported(number=number, decided_on=day.isoformat(), awarded=awarded)


def _awarded_here(
    context: Context,
    connection: Connection,
    definition: Definition,
    item: Item,
    content: Content | None,
    day: date,
) -> int:
    """Return how many nominees the agency's head awards: his to award, and passed if voted on.

    Who waits is not among them.
    """
    if content is None:
        return 0
    counts = counts_of(connection, item)
    waiting = waiting_rows(context, connection, item, content)
    routes = (
        route_of(context.awards, definition, each.content, day)
        for each in nominees_of(definition, content)
        if each.row not in waiting and (each.row not in counts or counts[each.row].passed)
    )
    return sum(each is not None and each.is_decided_here for each in routes)
