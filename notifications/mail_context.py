"""What a letter is made of, and what its writer has before him."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from notifications.messages import Message
from notifications.preferences import chosen_languages
from notifications.translation import translate
from workflow.addresses import Mailbox, parse_mailbox
from workflow.commands.setup import Agency
from workflow.context import Context
from workflow.deadlines import WorkingCalendar
from workflow.definition import Definition
from workflow.links import Keys
from workflow.model import OFFICE, DepartmentId, Item, ItemId, Person, PersonId
from workflow.people import Directory
from workflow.store import items

_READERS = 3
"""How many people of the Office a reply goes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One labelled fact."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """The one thing asked for: words and address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One line of a digest."""

    text: str
    label: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterText:
    """What a mail says, before it is text and HTML."""

    agency: str
    subject: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    rows: tuple[ListRow, ...] = ()
    action: Action | None = None
    small_print: tuple[str, ...] = ()
    calendar: bytes | None = None
    """The same deadline as a calendar file, an alternative that calendars read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the writer of letters has before him: the people and items of this batch, the agency, addresses."""

    context: Context
    connection: Connection
    keys: Keys
    agency: Agency
    base_url: str
    directory: Directory
    items: Mapping[ItemId, Item]
    languages: Mapping[PersonId, str]
    """The language of each person who chose one."""
    reply_to: tuple[Mailbox, ...] = ()
    """Who reads replies; nobody, where no setting says so and the Office has no people."""

    def person(self, person: int | None) -> Person:
        """Return a person by id."""
        return self.directory.people[PersonId(person or 0)]

    def item(self, message: Message) -> Item:
        """Return the item a message is about."""
        return self.items[ItemId(message.item_id or 0)]

    def definition(self, item: Item) -> Definition:
        """Return the definition of an item."""
        return self.context.rulebooks.of(self.connection, item.definition_hash).definition

    def department(self, identity: str) -> str:
        """Return a department's name."""
        found = self.directory.departments.get(DepartmentId(identity))
        return found.name if found else identity

    def day(self, moment: datetime | None) -> str:
        """Return the local day of ``moment`` as dd/MM/yyyy."""
        return (
            ""
            if moment is None
            else moment.astimezone(self.context.calendar.zone).strftime("%d/%m/%Y")
        )


def open_desk(
    context: Context,
    connection: Connection,
    *,
    keys: Keys,
    agency: Agency,
    base_url: str,
    messages: tuple[Message, ...],
    reply_to: Mailbox | None = None,
) -> Desk:
    """Return the desk for a batch, loaded with what its letters need. ``reply_to``: who reads replies, in place of the Office."""
    directory = context.directory(connection, context.clock())
    office = (parse_mailbox(each.email) for each in directory.in_positions(OFFICE)[:_READERS])
    return Desk(
        context=context,
        connection=connection,
        keys=keys,
        agency=agency,
        base_url=base_url,
        directory=directory,
        items=items.items_by_id(
            connection, {each.item_id for each in messages if each.item_id is not None}
        ),
        languages=chosen_languages(connection),
        reply_to=(reply_to,)
        if reply_to
        else tuple(each for each in office if each is not None and not each.needs_smtputf8),
    )


def rung_words(working_days: int) -> str:
    """Return how far a rung lies from its due day, as people say it; positive: before it."""
    if working_days > 0:
        return translate(
            "{count} working day left", "{count} working days left", count=working_days
        )
    return (
        translate("due that day")
        if working_days == 0
        else translate(
            "{count} working day overdue", "{count} working days overdue", count=-working_days
        )
    )


def days_left(calendar: WorkingCalendar, now: datetime, due_at: datetime) -> str:
    """Return how far a due instant is from now, in working days of the agency's calendar, as people say it.

    Today is the local day: a due day that has passed is never today's, though no working day may lie between.
    """
    today, due = calendar.local_day(now), calendar.local_day(due_at)
    if due == today:
        return translate("today") if now <= due_at else translate("overdue since today")
    count = calendar.between(today, due)
    if count:
        return rung_words(count)
    day = due.strftime("%d/%m")
    return (
        translate("due {day}, a rest day", day=day)
        if due > today
        else translate("overdue since {day}", day=day)
    )
