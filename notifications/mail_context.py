"""What a letter is made of, and what its writer has before him."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from notifications.batch import Batch
from notifications.messages import AnyMessage, required_person
from notifications.preferences import chosen_languages
from notifications.translation import translate
from workflow.addresses import Mailbox, parse_mailbox
from workflow.context import Context
from workflow.deadlines import WorkingCalendar
from workflow.definition import Definition
from workflow.links import Keys
from workflow.lookups.agency import Agency
from workflow.model import OFFICE, DepartmentId, Item, Person, PersonId

_READERS = 3
"""How many people of the Office a reply goes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFact:
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

    subject: str
    heading: str
    agency: str = ""
    """Whose mail it is; the same at the head of all."""
    paragraphs: tuple[str, ...] = ()
    facts: tuple[LetterFact, ...] = ()
    rows: tuple[ListRow, ...] = ()
    verbatim: str = ""
    """Lines to be kept exactly as they stand, each on its own."""
    action: Action | None = None
    small_print: tuple[str, ...] = ()
    calendar: bytes | None = None
    """The deadline as a calendar file, an alternative that calendars read."""


@dataclass(frozen=True, kw_only=True)
class Desk(Batch):
    """What the writer of letters has before him: a batch, the agency, its addresses."""

    keys: Keys
    agency: Agency
    base_url: str
    reply_to: tuple[Mailbox, ...] = ()
    """Who reads replies; nobody, where no setting says so and the Office has no people."""

    @cached_property
    def languages(self) -> Mapping[PersonId, str]:
        """Return the language of each person who chose one."""
        return chosen_languages(self.connection)

    def person(self, person: PersonId) -> Person:
        """Return a person by id."""
        return self.directory.people[person]

    def actor(self, person: PersonId | None) -> str:
        """Return the name of whoever did something; None is the clock."""
        return translate("The system") if person is None else self.person(person).name

    def recipient(self, message: AnyMessage) -> Person:
        """Return whom a message is for. Raises ValueError where that is a body outside."""
        return self.person(required_person(message))

    def definition(self, item: Item) -> Definition:
        """Return the definition of an item."""
        return self.definition_of(item.definition_hash)

    def definition_of(self, definition_hash: str) -> Definition:
        """Return a definition by its hash."""
        return self.context.rulebooks.of(self.connection, definition_hash).definition

    def department(self, identity: str) -> str:
        """Return a department's name."""
        found = self.directory.departments.get(DepartmentId(identity))
        return found.name if found else identity

    def facts(self, item: Item, definition: Definition) -> tuple[LetterFact, LetterFact]:
        """Return what every letter about an item may say of it."""
        return (
            LetterFact(label=translate("Kind of item"), value=translate(definition.label)),
            LetterFact(label=translate("Department"), value=self.department(item.department)),
        )

    def see(self, item: Item) -> Action:
        """Return the way to an item's page."""
        return Action(label=translate("See the item"), url=f"{self.base_url}/items/{item.code}")

    def day(self, moment: datetime) -> str:
        """Return the local day of ``moment`` as dd/MM/yyyy."""
        return moment.astimezone(self.context.calendar.zone).strftime("%d/%m/%Y")


def open_desk(
    context: Context,
    connection: Connection,
    *,
    keys: Keys,
    agency: Agency,
    base_url: str,
    messages: Sequence[AnyMessage],
    reply_to: Mailbox | None = None,
) -> Desk:
    """Return the desk for a batch. ``reply_to``: who reads replies, in place of the Office."""
    now = context.clock()
    directory = context.directory(connection, now)
    office = (parse_mailbox(each.email) for each in directory.in_positions(OFFICE)[:_READERS])
    readers = [each for each in office if each is not None and not each.needs_smtputf8]
    return Desk(
        context=context,
        connection=connection,
        at=now,
        message_ids=tuple(each.id for each in messages),
        item_ids=frozenset(each.item_id for each in messages if each.item_id is not None),
        keys=keys,
        agency=agency,
        base_url=base_url,
        reply_to=(reply_to,) if reply_to else tuple(readers),
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
    """Return how far a due instant is from now, in working days, as people say it.

    Today is the local day: a due day that has passed is never today's, though no working day may
    lie between.
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
