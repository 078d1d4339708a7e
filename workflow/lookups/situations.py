"""What guards look at, for one item as it is now or would be."""

from sqlalchemy import Connection

from workflow.context import Context
from workflow.model import Content, Item, Person
from workflow.rules import Situation


def situation_of(
    context: Context, connection: Connection, item: Item, actor: Person, content: Content | None
) -> Situation:
    """Return the situation in which ``actor`` acts on ``item`` with ``content`` today."""
    now = context.clock()
    return Situation(
        definition=context.rulebooks.of(connection, item.definition_hash).definition,
        item=item,
        content=content,
        actor=actor,
        directory=context.directory(connection, now),
        today=context.calendar.local_day(now),
        campaign=context.campaigns.of(connection, item.campaign),
    )
