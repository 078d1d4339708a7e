"""Private calendar feeds: a person's deadlines and tasks at an address that only they know.

It is made anew or ended at will, of which history tells. Only the hash of an address is kept, under
a seal: who writes into the database alone reads no calendar by that. The feed says no more than the
mails do.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from sqlalchemy import Connection

from api.auth.access_seals import feed_sealed_anew, seal_feed
from api.auth.factor_entries import record_factor
from notifications.letters.calendar_file import CalendarEntry
from notifications.letters.deadlines import deadline_entry
from notifications.translation import translate
from workflow.command import Cause, Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.context import Context
from workflow.history.agency_payloads import FeedEnded, FeedMade
from workflow.links import Keys
from workflow.model import Person, PersonId
from workflow.queries.deadlines import visible_deadlines
from workflow.rules import goes_along
from workflow.store import calendar_feeds, held_items, items
from workflow.store.instants import written
from workflow.store.prepared import Values


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewFeed(Upkeep[None]):
    """Give ``person`` the feed whose address hashes to ``token_hash``; None: end it.

    An older address ends. ``by``: who asked for it.
    """

    person: PersonId
    token_hash: str | None
    by: Cause
    contends_for: ClassVar[str] = "feeds"


def _renew(keys: Keys, transaction: Transaction, command: RenewFeed) -> None:
    connection, person, address = transaction.connection, command.person, command.token_hash
    if calendar_feeds.address_hash(connection, person) == address:
        return
    calendar_feeds.end_feed(connection, person)
    if address is None:
        record_factor(transaction, command.by, person, FeedEnded())
        return
    row = {"person": person, "token_hash": address, "created_at": written(transaction.now)}
    calendar_feeds.insert_feed(connection, {**row, "seal": seal_feed(keys, row)})
    record_factor(transaction, command.by, person, FeedMade(address=address))


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFeeds(Upkeep[None]):
    """Seal every feed under the newest key, so that older ones may go."""

    contends_for: ClassVar[str] = "feeds"


def seals_wanting(keys: Keys, connection: Connection) -> list[Values]:
    """Return the rows of feeds that an older key seals, sealed anew."""
    rows = calendar_feeds.all_feeds(connection)
    return [row for each in rows if (row := feed_sealed_anew(keys, each)) is not None]


def _seal(keys: Keys, transaction: Transaction, _command: SealFeeds) -> None:
    connection = transaction.connection
    for each in seals_wanting(keys, connection):
        calendar_feeds.end_feed(connection, PersonId(int(str(each["person"]))))
        calendar_feeds.insert_feed(connection, each)


def use_cases(keys: Keys) -> UseCases:
    """Return how each command about feeds is run."""
    return {
        RenewFeed: one_by_one(RenewFeed, partial(_renew, keys)),
        SealFeeds: one_by_one(SealFeeds, partial(_seal, keys)),
    }


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
