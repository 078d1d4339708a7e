"""The messages of one batch, and what they are about.

Owns the reading that claiming and writing share: each thing is read once for the whole batch, and
only when the first message asks for it. It changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from notifications.mail_health import Troubles, troubles
from notifications.messages import AnyMessage
from workflow.context import Context
from workflow.deadlines import Deadline, Obligations
from workflow.lookups.obligations import obligations
from workflow.messages import Message
from workflow.model import Content, DepartmentId, Item, ItemId
from workflow.people import Directory
from workflow.queries.attention import Concern, concerns
from workflow.store import (
    deadlines,
    extensions,
    held_items,
    item_contents,
    items,
    reminder_ledger,
)
from workflow.store.extensions import Extension
from workflow.store.held_items import HeldItem
from workflow.store.reminder_ledger import LedgerRow


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The messages of one batch and the items they are about; ``at``: when it is judged."""

    context: Context
    connection: Connection
    at: datetime
    message_ids: tuple[int, ...]
    item_ids: frozenset[ItemId]

    @cached_property
    def directory(self) -> Directory:
        """Return the people of the agency."""
        return self.context.directory(self.connection, self.at)

    @cached_property
    def items(self) -> Mapping[ItemId, Item]:
        """Return the items that are there."""
        return items.items_by_id(self.connection, self.item_ids)

    @cached_property
    def holders(self) -> Mapping[ItemId, list[HeldItem]]:
        """Return who holds each item that somebody holds."""
        return held_items.holders_by_item(self.connection, list(self.items))

    @cached_property
    def contents(self) -> Mapping[ItemId, Content]:
        """Return the contents of the items."""
        return item_contents.contents_of(self.connection, list(self.items.values()))

    @cached_property
    def deadlines(self) -> Mapping[int, Deadline]:
        """Return every deadline."""
        return {each.id: each for each in deadlines.all_deadlines(self.connection)}

    @cached_property
    def kinds(self) -> Mapping[str, Message]:
        """Return what the Office calls each kind of deadline."""
        return deadlines.kinds_called(self.connection)

    @cached_property
    def obligations(self) -> Obligations:
        """Return what is met and what is owed."""
        return obligations(self.context, self.connection)

    @cached_property
    def reminders(self) -> Mapping[int | None, list[LedgerRow]]:
        """Return the entries of the ledger that each message carries."""
        carried: dict[int | None, list[LedgerRow]] = {}
        for row in reminder_ledger.ledger_by_outbox(self.connection, self.message_ids):
            carried.setdefault(row.outbox_id, []).append(row)
        return carried

    @cached_property
    def extensions(self) -> Mapping[int, Extension]:
        """Return every extension that was asked for."""
        found = extensions.extensions_of(self.connection, self.deadlines)
        return {each.id: each for each in found}

    @cached_property
    def concerns(self) -> list[Concern]:
        """Return what needs the Office."""
        return concerns(self.context, self.connection)

    @cached_property
    def troubles(self) -> Troubles:
        """Return what is wrong with mail and clock."""
        return troubles(self.context, self.connection)

    def owed(self, row: LedgerRow) -> list[DepartmentId]:
        """Return the departments of a ledger's entry that have not delivered yet."""
        deadline = self.deadlines[row.deadline]
        about = (deadline.campaign, deadline.kind)
        return [each for each in row.departments if (*about, each) not in self.obligations.met]

    def item(self, message: AnyMessage) -> Item:
        """Return the item a message is about. Raises ValueError, KeyError where there is none."""
        if message.item_id is None:
            raise ValueError("a message about no item")
        return self.items[message.item_id]
