"""Record with which consolidated report an item goes: an entry in its own history, each time.

Owns the column beside that entry, and the mail to whoever the item waits for once it goes by
itself again. Decides nothing.
"""

from collections.abc import Iterable
from dataclasses import replace

from workflow.command import Cause
from workflow.commands.execute import Transaction
from workflow.commands.recording import append_to_item, fact_in_place
from workflow.commands.refresh_holders import task_again
from workflow.events import TaskReason
from workflow.history import Entry
from workflow.history.payloads import Gathered
from workflow.lookups.items import pending_holders
from workflow.model import Item
from workflow.store import items


def send_with(
    transaction: Transaction, cause: Cause, found: Iterable[Item], carrier: str | None
) -> None:
    """Let each item go with the consolidated report ``carrier``; None: by itself again."""
    person = transaction.directory.active(cause.actor)
    for item in found:
        fact = replace(
            fact_in_place(transaction, cause, item, person, Gathered(into=carrier)),
            command_id=f"{cause.command_id}:{item.code}",
        )

        def update(entry: Entry, item: Item = item) -> bool:
            return items.gather_item(
                transaction.connection, item, carrier, seq=entry.seq, head=entry.hash
            )

        entry = append_to_item(transaction, item, fact, update)
        if carrier is None:
            transaction.emit(
                task_again(item, each.person, why=TaskReason.HOLDERS, occurrence=f"g{entry.seq}")
                for each in pending_holders(transaction.connection, item)
                if each.person != item.author
            )
