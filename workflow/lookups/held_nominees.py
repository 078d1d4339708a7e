"""Which nominees are held by what is pending, and what of that a reader is told.

Owns that of a list those wait alone against whom it is. Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from workflow.awards import AwardJudgement, RuleFinding, judge
from workflow.context import Context
from workflow.errors import Reason, reason
from workflow.lookups.nominee_cases import asking, cases_of, definition_of
from workflow.lookups.proceedings import only_held, veil_for, veiled
from workflow.messages import listed
from workflow.model import Content, Item, Person
from workflow.people import may_read_proceedings
from workflow.rules import ONE
from workflow.rules import NomineeRow as Row


def held_rows(
    context: Context, connection: Connection, item: Item, content: Content, on: date | None = None
) -> dict[int, AwardJudgement]:
    """Return which nominees are held by what is pending, by their row, with the rules' words.

    ``on``: as on that day; None: today.
    """
    nominees = asking(definition_of(context, connection, item), content)
    cases = cases_of(context, connection, item, nominees, on)
    judged = (judge(context.awards, each) for each in cases)
    held = {
        each.row: only_held(judgement) for each, judgement in zip(nominees, judged, strict=True)
    }
    return {row: judgement for row, judgement in held.items() if judgement.of("refuse")}


def waiting_rows(
    context: Context, connection: Connection, item: Item, content: Content, on: date | None = None
) -> frozenset[int]:
    """Return the rows of a list that wait while it goes on for the others; ``on``: as above."""
    held = held_rows(context, connection, item, content, on)
    return frozenset(row for row, judgement in held.items() if row != ONE and judgement.waits)


def held_by_rules(
    context: Context,
    connection: Connection,
    item: Item,
    content: Content,
    asker: Person | None,
) -> list[Reason]:
    """Return why a nomination waits, for whoever signs it: what is pending against a nominee.

    Of a list those wait alone against whom it is: it goes on for the others.
    """
    nominees = asking(definition_of(context, connection, item), content)
    held = held_rows(context, connection, item, content)
    if any(each.row not in held or not held[each.row].waits for each in nominees):
        held = {row: without_waiting(judgement) for row, judgement in held.items()}
    told = _reasons_by_row(nominees, held, veil_for(connection, asker))
    return list(dict.fromkeys(each for reasons in told.values() for each in reasons))


def why_held(
    context: Context,
    connection: Connection,
    item: Item,
    content: Content,
    asker: Person | None,
    on: date,
) -> dict[int, list[Reason]]:
    """Return why nominees are held on a day, by their row, in words for ``asker``."""
    nominees = asking(definition_of(context, connection, item), content)
    held = held_rows(context, connection, item, content, on)
    return _reasons_by_row(nominees, held, veil_for(connection, asker))


def without_waiting(judgement: AwardJudgement) -> AwardJudgement:
    """Return a judgement without what only lasts as long as something is pending."""
    left = tuple(each for each in judgement.findings if not each.is_passing)
    return replace(judgement, findings=left)


def _reasons_by_row(
    nominees: Sequence[Row], held: Mapping[int, AwardJudgement], veil: str
) -> dict[int, list[Reason]]:
    rows = {each.row: each for each in nominees}
    return {
        row: [forbidden(rows[row], found) for found in veiled(judgement, veil).of("refuse")]
        for row, judgement in held.items()
    }


def holding(
    context: Context, connection: Connection, reader: Person, item: Item, content: Content
) -> list[RuleFinding]:
    """Return what holds a nomination, each once, for who changes it and may know it."""
    if not may_read_proceedings(reader):
        return []
    held = held_rows(context, connection, item, content)
    found = [each for judgement in held.values() for each in judgement.of("refuse")]
    return list(dict.fromkeys(found))


def forbidden(nominee: Row, found: RuleFinding) -> Reason:
    """Return why the rules forbid one nominee, with the source; of a list by the row."""
    if not found.source:
        return reason("award_rules", "{rule}.", rule=found.label)
    is_told_why = found.is_confidential and found.found is not None
    rule = listed([found.label, found.found], ": ") if is_told_why else found.label
    if nominee.row == ONE:
        return reason("award_rules", "{rule}. Source: {source}.", rule=rule, source=found.source)
    return reason(
        "award_rules",
        "Row {number} of the list: {rule}. Source: {source}.",
        number=nominee.row,
        rule=rule,
        source=found.source,
    )
