"""Private calendar feeds: a person's deadlines and tasks at an address that only they know.

It is made anew or ended at will. Only the hash of an address is kept. The feed says no more than
the mails do.
"""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection

from notifications.letters.calendar_file import CalendarEntry
from notifications.letters.deadlines import deadline_entry
from notifications.translation import translate
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.context import Context
from workflow.model import Person, PersonId
from workflow.queries.deadlines import visible_deadlines
from workflow.rules import goes_along
from workflow.store import calendar_feeds, held_items, items


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewFeed(Upkeep[None]):
    """Give ``person`` the feed whose address hashes to ``token_hash``; None: end it.

    An older address ends.
    """

    person: PersonId
    token_hash: str | None
    contends_for: ClassVar[str] = "feeds"


def _renew(transaction: Transaction, command: RenewFeed) -> None:
    connection, person = transaction.connection, command.person
    calendar_feeds.end_feed(connection, person)
    if command.token_hash is not None:
        calendar_feeds.insert_feed(connection, person, command.token_hash, transaction.now)


USE_CASES: UseCases = {RenewFeed: one_by_one(RenewFeed, _renew)}


def entries_of(
    context: Context, connection: Connection, person: Person, *, deployment: str, base_url: str
) -> list[CalendarEntry]:
    """Return what the feed of ``person`` holds: their deadlines and the items they hold."""
    concerning = [
        deadline_entry(each, deployment=deployment, base_url=base_url)
        for each in visible_deadlines(connection, person)
    ]
    held = items.items_by_id(connection, held_items.held_by(connection, person.id))
    waiting = [
        CalendarEntry(
            uid=f"task-{item.code}-{item.step}@{deployment}",
            summary=translate("{code} due", code=item.code),
            due_at=item.due_at,
            sequence=item.version,
            url=f"{base_url}/items/{item.code}",
            description=translate(
                context.rulebooks.of(connection, item.definition_hash).states[item.state].label_now
            ),
        )
        for item in held.values()
        if item.due_at is not None
        and not goes_along(context.rulebooks.of(connection, item.definition_hash).definition, item)
    ]
    return [*concerning, *waiting]
