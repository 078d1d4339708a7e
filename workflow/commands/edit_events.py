"""Whom an edit is told to: who no longer holds the item, and who is asked again."""

from sqlalchemy import Connection

from workflow.commands.refresh_holders import task_again
from workflow.events import Event, HolderReleased, TaskReason
from workflow.lookups.items import pending_holders
from workflow.model import Holder, Item


def released_by_edit(
    connection: Connection, item: Item, edited: Item, asked: tuple[Holder, ...] | None
) -> list[Event]:
    """Return the word to each present holder for whom the item no longer waits."""
    still = {each.person for each in asked or ()}
    return [
        HolderReleased(
            item=item.id,
            code=item.code,
            person=held.person,
            version=edited.version,
            occurrence=f"v{edited.version}",
        )
        for held in pending_holders(connection, item)
        if held.person not in still and held.person != item.author
    ]


def reissued_by_edit(connection: Connection, item: Item) -> list[Event]:
    """Return a new task for each holder: the content they were asked about has changed."""
    occurrence = f"v{item.version}"
    return [
        task_again(item, held.person, why=TaskReason.EDITED, occurrence=occurrence)
        for held in pending_holders(connection, item)
    ]
