"""Each nominee of a nomination as a case for the rules: what the item and the register tell.

Owns the day by whose law an item is judged. What else is known of a nominee is put in by whoever
judges. Nothing here writes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from workflow.awards import Case
from workflow.canonical import is_day
from workflow.context import Context
from workflow.definition import Definition
from workflow.definition.nominations import Nominates
from workflow.lookups.nominees import nominee_of
from workflow.lookups.proceedings import proceedings_of
from workflow.model import Content, Item, Json
from workflow.rules import NomineeRow as Row
from workflow.rules import nominees_of
from workflow.store import item_decisions

_COUNCIL = "council"
"""How a nomination is considered that does not say it."""


def day_of(context: Context, connection: Connection, item: Item) -> date:
    """Return the day that decides by which law an item is judged: when it was first handed in.

    Until then it is today.
    """
    for entry in item_decisions.entries_deciding(connection, item.id):
        fact = entry.fact
        if fact.transition and fact.definition_hash:
            taken = context.rulebooks.of(connection, fact.definition_hash).meaning(fact.transition)
            if taken is not None and taken.hands_in:
                return context.calendar.local_day(fact.at)
    return context.calendar.local_day(context.clock())


def cases_of(
    context: Context,
    connection: Connection,
    item: Item,
    nominees: Sequence[Row],
    on: date | None = None,
) -> list[Case]:
    """Return each nominee as the item itself and the register of what is pending tell of them.

    ``on``: the day on which they are considered; None: today.
    """
    if not nominees:
        return []
    definition, day = definition_of(context, connection, item), day_of(context, connection, item)
    directory = context.directory(connection, context.clock())
    named = [nominee_of(definition, directory, item, each.content) for each in nominees]
    against = proceedings_of(connection, named, [each.is_collective for each in nominees])
    today = on or context.calendar.local_day(context.clock())
    return [
        replace(
            case_said(each.content, definition, day),
            campaign=item.campaign,
            proceedings=pending,
            considered_on=today,
        )
        for each, pending in zip(nominees, against, strict=True)
    ]


def definition_of(context: Context, connection: Connection, item: Item) -> Definition:
    """Return the process of an item."""
    return context.rulebooks.of(connection, item.definition_hash).definition


def asking(definition: Definition, content: Content) -> list[Row]:
    """Return the nominees of whom is said which award they are put forward for."""
    said = definition.nominates
    nominees = nominees_of(definition, content) if said else []
    return [each for each in nominees if said is not None and _asks(said, each.content)]


def _asks(said: Nominates, content: Content) -> bool:
    """Return whether a nomination says which award for what kind of nominee; else it is a start."""
    return bool(text_of(content.fields.get(said.award)) and text_of(content.fields.get(said.kind)))


def case_said(content: Content, definition: Definition, day: date) -> Case:
    """Return a nominee as the nomination alone tells of them. ValueError where it is none."""
    said = definition.nominates
    if said is None:
        raise ValueError(definition.id)
    return Case(
        award=text_of(content.fields.get(said.award)),
        day=day,
        kind=text_of(content.fields.get(said.kind)),
        procedure=(text_of(content.fields.get(said.procedure)) if said.procedure else "")
        or _COUNCIL,
        ground=text_of(content.fields.get(said.ground)) if said.ground else "",
        hold=text_of(content.fields.get(said.hold)) if said.hold else "",
        first_day=_day(content, said.first_day),
        last_day=_day(content, said.last_day),
        is_past_whole=False,  # what was given before the product was there, nobody has recorded
    )


def text_of(value: Json) -> str:
    """Return what a field says as a text; empty where it says none."""
    return value if isinstance(value, str) else ""


def _day(content: Content, field: str | None) -> date | None:
    return as_day(content.fields.get(field)) if field else None


def as_day(given: Json) -> date | None:
    """Return a day that a field says, or None."""
    return date.fromisoformat(given) if isinstance(given, str) and is_day(given) else None
