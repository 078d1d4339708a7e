"""What a letter says, before it is text and HTML, and what it is written from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from notifications.batch import Batch
from notifications.messages import AnyMessage, required_person
from notifications.preferences import chosen_languages
from notifications.translation import language, translate
from workflow.addresses import Mailbox, parse_mailbox
from workflow.context import Context
from workflow.deadlines import WorkingCalendar
from workflow.definition import Definition
from workflow.links import Keys
from workflow.lookups.agency import Agency
from workflow.model import OFFICE, DepartmentId, Item, ItemId, Person, PersonId
from workflow.queries.timeline import EntryView, timeline

_MARCH = 3
_READERS = 3
"""How many people of the Office a reply goes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFact:
    """One labelled fact; each line of its value stands on a line of its own."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """The one thing asked for: words and address."""

    label: str
    url: str

    @property
    def copied(self) -> str:
        """Return what is copied where a mail program follows no link."""
        return self.url.removeprefix("mailto:")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One line of a list: what it is about, which leads to it, and what is said of it."""

    text: str
    note: str = ""
    url: str = ""
    link: str = ""
    """What its link is called; without a name of its own, the text is the link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListGroup:
    """Lines of one kind under a heading, which says how many there are, and a note for all."""

    rows: tuple[ListRow, ...]
    heading: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterText:
    """What a mail says, before it is text and HTML."""

    subject: str
    heading: str
    """What is asked, or what happened: one sentence, and all that a preview shows."""
    is_late: bool = False
    """Whether what the heading asks for is past its day."""
    context: str = ""
    """What it is about, in a line under the heading."""
    agency: str = ""
    """Whose mail it is; the same at the head of all."""
    paragraphs: tuple[str, ...] = ()
    facts: tuple[LetterFact, ...] = ()
    groups: tuple[ListGroup, ...] = ()
    verbatim: str = ""
    """Lines to be kept exactly as they stand, each on its own."""
    action: Action | None = None
    """The one button; only a body outside may have none, where nobody reads replies."""
    small_print: tuple[str, ...] = ()
    cause: Action | None = None
    """The page that says why the mail was sent."""
    calendar: bytes | None = None
    """The deadline as a calendar file, an alternative that calendars read."""


@dataclass(frozen=True, kw_only=True)
class Desk(Batch):
    """What letters are written from: a batch, the agency, its addresses."""

    keys: Keys
    agency: Agency
    base_url: str
    reply_to: tuple[Mailbox, ...] = ()
    """Who reads replies; nobody, where no setting says so and the Office has no people."""
    _timelines: dict[ItemId, list[EntryView]] = field(default_factory=dict)

    @cached_property
    def languages(self) -> Mapping[PersonId, str]:
        """Return the language of each person who chose one."""
        return chosen_languages(self.connection)

    def person(self, person: PersonId) -> Person:
        """Return a person by id."""
        return self.directory.people[person]

    def actor(self, person: PersonId | None, entry: EntryView | None = None) -> str:
        """Return the name of whoever did something; None: whom ``entry`` says, else the clock."""
        if person is not None:
            return self.person(person).name
        return (entry.recipient if entry else "") or translate("The system")

    def recipient(self, message: AnyMessage) -> Person:
        """Return whom a message is for. Raises ValueError where that is a body outside."""
        return self.person(required_person(message))

    def timeline(self, item: Item) -> list[EntryView]:
        """Return the history of an item, oldest first; read once for several letters."""
        if item.id not in self._timelines:
            self._timelines[item.id] = timeline(self.context, self.connection, item)
        return self._timelines[item.id]

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

    def see(self, item: Item) -> Action:
        """Return the way to an item's page."""
        return self.way(translate("See the item"), f"items/{item.code}")

    def way(self, label: str, path: str) -> Action:
        """Return the button that leads to a page of the product."""
        return Action(label=label, url=f"{self.base_url}/{path}")

    def write_back(self) -> Action | None:
        """Return the button of a body outside, which has no page here: to write to the Office."""
        to = ",".join(each.envelope for each in self.reply_to)
        return Action(label=translate("Write to the Office"), url=f"mailto:{to}") if to else None

    def day(self, moment: datetime) -> str:
        """Return the local day of ``moment`` as dd/MM/yyyy."""
        return moment.astimezone(self.context.calendar.zone).strftime("%d/%m/%Y")

    def short_day(self, moment: datetime) -> str:
        """Return the local day of ``moment`` as an office writes it; another year's with it."""
        return short_day(self.context.calendar, self.at, moment)

    def moment(self, moment: datetime) -> str:
        """Return a local instant: its hour and its day."""
        local = moment.astimezone(self.context.calendar.zone)
        return _at(local.hour, local.minute, local.strftime("%d/%m/%Y"))

    def no_later_than(self, due_at: datetime) -> str:
        """Return a due instant as an office sets it."""
        return no_later_than(self.context.calendar, self.at, due_at)

    def due_in_subject(self, due_at: datetime | None) -> str:
        """Return until when, as a subject says it; nothing where there is no due day."""
        if due_at is None:
            return ""
        day = self.short_day(due_at)
        if due_at < self.at:
            late = days_left(self.context.calendar, self.at, due_at)
            return translate("{late} (due {instant})", late=late, instant=day)
        return translate("due {day}", day=day)


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
        item_ids=frozenset(
            each.item_id
            for message in messages
            for each in (message, *message.parts)
            if each.item_id is not None
        ),
        keys=keys,
        agency=agency,
        base_url=base_url,
        reply_to=(reply_to,) if reply_to else tuple(readers),
    )


def short_day(calendar: WorkingCalendar, now: datetime, moment: datetime) -> str:
    """Return the local day of ``moment`` as an office writes it; another year's with it."""
    local = moment.astimezone(calendar.zone)
    # A month from March on takes no 0 in official Vietnamese.
    month = f"{local.month:02}" if local.month < _MARCH or language() == "en" else local.month
    is_other_year = local.year != now.astimezone(calendar.zone).year
    return f"{local.day:02}/{month}" + (f"/{local.year}" if is_other_year else "")


def no_later_than(calendar: WorkingCalendar, now: datetime, due_at: datetime) -> str:
    """Return a due instant as an office sets it."""
    return translate("by {instant}", instant=_instant(calendar, now, due_at))


def overdue(calendar: WorkingCalendar, now: datetime, due_at: datetime) -> str:
    """Return how long ago a due instant has passed, and which it was."""
    late, instant = days_left(calendar, now, due_at), _instant(calendar, now, due_at)
    return translate("{late} (due {instant})", late=late, instant=instant)


def _instant(calendar: WorkingCalendar, now: datetime, moment: datetime) -> str:
    local = moment.astimezone(calendar.zone)
    return _at(local.hour, local.minute, short_day(calendar, now, moment))


def _at(hour: int, minute: int, day: str) -> str:
    """Return an instant; a full hour without its minutes where the language leaves them out."""
    if minute:
        return translate("{hour}:{minute} on {day}", hour=hour, minute=f"{minute:02}", day=day)
    return translate("{hour}:00 on {day}", hour=hour, day=day)


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


def short_rung_words(working_days: int) -> str:
    """Return how far a due day is, as short as a row of a list has room for."""
    if working_days > 0:
        return translate("{count} day left", "{count} days left", count=working_days)
    return translate("{count} day late", "{count} days late", count=-working_days)


def days_left(
    calendar: WorkingCalendar,
    now: datetime,
    due_at: datetime,
    in_words: Callable[[int], str] = rung_words,
) -> str:
    """Return how far a due instant is from now, in working days, as people say it.

    Today is the local day: a due day that has passed is never today's, though no working day may
    lie between.
    """
    today, due = calendar.local_day(now), calendar.local_day(due_at)
    if due == today:
        return translate("today") if now <= due_at else translate("overdue since today")
    count = calendar.between(today, due)
    if count:
        return in_words(count)
    day = due.strftime("%d/%m")
    return (
        translate("due {day}, a rest day", day=day)
        if due > today
        else translate("overdue since {day}", day=day)
    )
