"""“This is not me”: who got a link not meant for them ends it, and the Office hears of it."""

from dataclasses import dataclass

from workflow.command import ItemCommand
from workflow.commands.execute import Transaction
from workflow.events import LinkDisowned
from workflow.links import RevokeReason
from workflow.model import OFFICE
from workflow.store import items, links


@dataclass(frozen=True, slots=True, kw_only=True)
class DisownLink(ItemCommand[None]):
    """End every live link of the actor to the item ``code``."""


def disown_link(transaction: Transaction, command: DisownLink) -> None:
    """End the links. The Office is told once for each step, also where the link has been used."""
    connection, owner = transaction.connection, command.cause.actor
    item = items.find_item(connection, command.code)
    if item is None or owner is None:
        return
    why = RevokeReason.NOT_ME.value
    links.revoke_links_to(connection, owner, item.id, why=why, now=transaction.now)
    transaction.emit(
        LinkDisowned(item=item.id, code=item.code, step=item.step, person=each.id, owner=owner)
        for each in transaction.directory.in_positions(OFFICE)
    )
