"""What a set of decisions is planned against: all of it read under lock before anything is planned.

Owns what is asked of the database for it, and what is not: a transition that needs no content or
past has none read. Writes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from workflow.commands.decision import Decide
from workflow.commands.dispatch import Dispatch, Sent
from workflow.commands.numbering import Numbers
from workflow.context import DIRECTORY_VERSION, Context
from workflow.links import Link
from workflow.lookups.prior_decisions import pasts
from workflow.model import Content, Item, ItemId, PersonId
from workflow.people import Directory
from workflow.rules import Past, Rulebook, Surroundings
from workflow.store import definitions, history, items, links
from workflow.store.prepared import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What several items leave with; ``lead``: the code of the one that gives the number."""

    dispatch: Dispatch
    lead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a set of decisions is planned against."""

    items: Mapping[str, Item]
    contents: Mapping[ItemId, Content]
    links: Mapping[bytes, Link]
    pasts: Mapping[ItemId, Past]
    around: Surroundings
    gathered: Mapping[str, tuple[Item, ...]]
    """The items that go with each that is decided on, by its code."""
    numbers: Numbers = field(default_factory=Numbers)
    """What the set has given numbers so far."""
    under: Leaving | None = None
    """What all of the set leaves with, where it is one dossier."""

    @property
    def directory(self) -> Directory:
        """Return who works here today."""
        return self.around.directory

    def sending(self, item: Item) -> Sent:
        """Return the sending of an item, with what the whole set leaves with."""
        return Sent(item=item, now=self.now, under=self.under.dispatch if self.under else None)

    def lead_of(self, item: Item) -> str | None:
        """Return the code of the other item whose number it goes under, or None."""
        return self.under.lead if self.under and self.under.lead != item.code else None

    @property
    def now(self) -> datetime:
        """Return the one instant of the set."""
        return self.around.now


def asked_ahead(context: Context, commands: Sequence[Decide]) -> list[Question]:
    """Return what a set asks first: its items, locked, and then what most decisions depend on.

    Where another query is needed than was thought, it is asked when it is needed.
    """
    books = context.rulebooks
    if any(books.may_gather(each.transition) for each in commands):
        return []  # what goes along is locked together with what is asked for
    apart = [f"item:{each.code}" for each in commands if books.keeps_apart(each.transition)]
    used = [each.link for each in commands if each.link is not None]
    asked = [
        items.LOCKED.of(each.code for each in commands),
        definitions.SETTING.of([DIRECTORY_VERSION]),
        history.DECIDERS.of(apart),
        links.BY_ID.of(used),
        *context.told_by,
    ]
    return [(query, keys) for query, keys in asked if keys]


def load_known(
    context: Context,
    connection: Connection,
    commands: Sequence[Decide],
    found: Mapping[str, Item],
    now: datetime,
) -> Known:
    """Return all that planning ``commands`` on the items ``found`` (by code) depends on.

    What goes with one of them is among ``found``.
    """
    directory = context.directory(connection, now)
    asked = [
        (command, item, context.rulebooks.of(connection, item.definition_hash))
        for command in commands
        if (item := found.get(command.code)) is not None
    ]
    gathered = _gathered(commands, found)
    along = list(_along(context, connection, asked, gathered))
    wanted = [item for command, item, book in asked if _needs_content(command, item, book)]
    wanted += [item for item, _, _, _ in along]
    used = [command.link for command in commands if command.link is not None]
    decided = [
        (item, book, command.cause.actor, command.transition)
        for command, item, book in asked
        if command.cause.actor is not None or command.cause.recipient is not None
    ]
    return Known(
        items=found,
        gathered=gathered,
        contents=context.contents.of(connection, wanted),
        links=links.find_links(connection, used),
        pasts=pasts(connection, [*decided, *along], directory),
        around=Surroundings(
            directory=directory,
            calendar=context.calendar,
            now=now,
            campaigns={
                item.campaign: campaign
                for _, item, _ in asked
                if (campaign := context.campaigns.of(connection, item.campaign)) is not None
            },
        ),
    )


def gives_number(
    context: Context,
    connection: Connection,
    commands: Sequence[Decide],
    found: Mapping[str, Item],
) -> bool:
    """Return whether one of ``commands`` may give a number in the register."""
    return any(
        context.rulebooks.of(connection, item.definition_hash)
        .ways(item.state, command.transition)
        .takes_number
        for command in commands
        if (item := found.get(command.code)) is not None
    )


def _gathered(commands: Sequence[Decide], found: Mapping[str, Item]) -> dict[str, tuple[Item, ...]]:
    codes = {each.code for each in commands}
    going: dict[str, tuple[Item, ...]] = {}
    for item in sorted(found.values(), key=lambda each: each.id):
        if item.gathered_in in codes:
            going[item.gathered_in] = (*going.get(item.gathered_in, ()), item)
    return going


def _along(
    context: Context,
    connection: Connection,
    asked: Sequence[tuple[Decide, Item, Rulebook]],
    gathered: Mapping[str, tuple[Item, ...]],
) -> Iterator[tuple[Item, Rulebook, PersonId | None, str]]:
    """Yield each decision that goes along with one of ``asked``, as its past is asked about."""
    for command, carrier, book in asked:
        carries = book.ways(carrier.state, command.transition).carries
        is_recipient = command.cause.recipient is not None
        if carries is not None and (command.cause.actor is not None or is_recipient):
            for item in gathered.get(carrier.code, ()):
                rulebook = context.rulebooks.of(connection, item.definition_hash)
                yield item, rulebook, command.cause.actor, carries.take


def _needs_content(command: Decide, item: Item, rulebook: Rulebook) -> bool:
    ways = rulebook.ways(item.state, command.transition)
    return ways.needs_content or (command.with_view and bool(ways.transitions))
