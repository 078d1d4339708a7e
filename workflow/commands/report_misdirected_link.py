"""“This is not me”: whoever got a link that was not meant for them ends it, and the Office hears of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.events import LinkDisowned
from workflow.model import OFFICE, PersonId
from workflow.store import items, links


@dataclass(frozen=True, slots=True, kw_only=True)
class DisownLink:
    """End every live link of ``person`` to the item ``code``."""

    code: str
    person: PersonId

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return self.code


def disown_links(
    context: Context, connection: Connection, commands: Sequence[DisownLink]
) -> list[int]:
    """End links; answer how many were live. The Office is told once for each step, also where the link has been used."""
    outcomes = []
    for command in commands:
        item = items.find_item(connection, command.code)
        now = context.clock()
        ended = (
            0
            if item is None
            else links.revoke_links_to(connection, command.person, item.id, why="not_me", now=now)
        )
        if item is not None:
            office = context.directory(connection, now).in_positions(OFFICE)
            context.publish(
                connection,
                [
                    LinkDisowned(
                        item=item.id,
                        code=item.code,
                        step=item.step,
                        person=each.id,
                        owner=command.person,
                    )
                    for each in office
                ],
            )
        outcomes.append(ended)
    return outcomes
