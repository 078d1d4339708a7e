"""What the Office has to see to: late or stuck items, deadlines in danger, what is unconfirmed.

Reads only. Each concern says what is wrong in a sentence and where it is mended; what is wrong with
mail and clock is notifications' to say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import Deadline, Obligations, recipients_of, reminded_by_hand
from workflow.definition import Stage, State, desk_of
from workflow.lookups.obligations import approved_by, obligations
from workflow.lookups.prior_decisions import able
from workflow.lookups.privacy import due_day, is_due_soon, privacy_rules
from workflow.messages import Message, lazy
from workflow.model import (
    Department,
    DepartmentId,
    ExtensionState,
    Holder,
    Item,
    ItemId,
    Person,
    RequestState,
)
from workflow.people import Directory
from workflow.rules import goes_along
from workflow.store import attention, deadlines, extensions, held_items, items, privacy

_SOON_DAYS = 5
"""Working days before a deadline from which what is missing is of concern."""


class Worry(StrEnum):
    """Kinds of concern, gravest first."""

    STUCK = "stuck"
    EXTENSION = "extension"
    REQUEST = "request"
    LATE_REPORT = "late_report"
    LATE_ITEM = "late_item"
    NOBODY_REMINDED = "nobody_reminded"
    DUE_SOON = "due_soon"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One thing to see to, about an item (``code``), a deadline or a request, and since when."""

    worry: Worry
    sentence: Message
    code: str | None = None
    item: ItemId | None = None
    deadline: int | None = None
    department: str | None = None
    request: int | None = None
    since: datetime | None = None


def concerns(context: Context, connection: Connection) -> list[Concern]:
    """Return everything to see to now, gravest first."""
    directory = context.directory(connection, context.clock())
    every = deadlines.all_deadlines(connection)
    found = [
        *_unheld_items(context, connection, directory),
        *_held_apart_items(context, connection, directory),
        *_late_items(context, connection, directory),
        *_asked_extensions(context, connection, directory, every),
        *_due_requests(context, connection),
        *_missing_reports(context, connection, directory, every),
    ]
    order = list(Worry)
    return sorted(found, key=lambda each: order.index(each.worry))


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """One department that owes a report, and whom the Office's own reminder reaches."""

    deadline: Deadline
    department: Department
    people: tuple[Person, ...]


def owing(context: Context, connection: Connection, worry: Worry) -> list[Owing]:
    """Return whoever owes the reports that are of one concern, with whom a reminder reaches."""
    directory = context.directory(connection, context.clock())
    owed = obligations(context, connection)
    known = {each.id: each for each in deadlines.all_deadlines(connection)}
    found = []
    for each in concerns(context, connection):
        if each.worry is not worry or each.deadline is None or each.department is None:
            continue
        deadline, department = known[each.deadline], DepartmentId(each.department)
        obligation = (deadline.campaign, deadline.kind, department)
        reached = reminded_by_hand(obligation, owed, directory)
        found.append(
            Owing(
                deadline=deadline,
                department=directory.departments[department],
                people=tuple(directory.people[person] for person in reached),
            )
        )
    return found


def _unheld_items(
    context: Context, connection: Connection, directory: Directory
) -> Iterator[Concern]:
    books = context.rulebooks.all(connection)
    # A state is open within its own definition: a report that was received has ended, a nomination
    # goes on.
    open_states = [
        (book.hash, state.id)
        for book in books
        for state in book.definition.states
        if not state.final
    ]
    for item in items.items_by_id(connection, attention.unheld(connection, open_states)).values():
        state = _state(context, connection, item)
        book = context.rulebooks.of(connection, item.definition_hash)
        if state.held_by_author and item.step == 1 and book.definition.gathers is None:
            continue  # a draft that its author never handed in: nobody waits for it
        sentence = _stuck(directory, item, state)
        yield Concern(
            worry=Worry.STUCK, sentence=sentence, code=item.code, item=item.id, since=item.since
        )


def _held_apart_items(
    context: Context, connection: Connection, directory: Directory
) -> Iterator[Concern]:
    """Yield what waits only for people who took a step that its process keeps apart."""
    asked = [
        (book.hash, state.id)
        for book in context.rulebooks.all(connection)
        for state in book.definition.states
        if any(book.apart[each.id] for each in book.offers(state.id))
    ]
    found = items.items_by_id(connection, attention.met_again(connection, asked))
    held = held_items.holders_by_item(connection, list(found))
    for item in found.values():
        book = context.rulebooks.of(connection, item.definition_hash)
        holders = [Holder(person=each.person) for each in held[item.id]]
        if not able(connection, item, book, holders):
            names = ", ".join(directory.people[each.person].name for each in holders)
            sentence = lazy(
                "{code} is at the step “{label}” and waits only for {names}, whom the process does "
                "not let take it on after another step of it. Put somebody else in their place, "
                "or record a delegation.",
                code=item.code,
                label=book.states[item.state].label_now,
                names=names,
            )
            yield Concern(
                worry=Worry.STUCK, sentence=sentence, code=item.code, item=item.id, since=item.since
            )


def _late_items(
    context: Context, connection: Connection, directory: Directory
) -> Iterator[Concern]:
    longest_first = attention.overdue(connection, context.clock())
    found = items.items_by_id(connection, longest_first)
    books = {each: context.rulebooks.of(connection, found[each].definition_hash) for each in found}
    late = [each for each in longest_first if not goes_along(books[each].definition, found[each])]
    held = held_items.holders_by_item(connection, late)
    for item in (found[each] for each in late):
        names = ", ".join(
            directory.people[each.person].name for each in held.get(item.id, [])
        ) or lazy("nobody yet")
        state = _state(context, connection, item)
        concern = partial(Concern, code=item.code, item=item.id, since=item.due_at)
        book = context.rulebooks.of(connection, item.definition_hash)
        if book.stages[item.state] is Stage.THROUGH:
            sentence = lazy(
                "{code} was sent, and the answer of {who} is not recorded. Waiting for: {names}.",
                code=item.code,
                who=desk_of(state),
                names=names,
            )
            yield concern(worry=Worry.UNCONFIRMED, sentence=sentence)
        else:
            sentence = lazy(
                "{code} is late at the step “{label}”. Waiting for: {names}.",
                code=item.code,
                label=state.label_now,
                names=names,
            )
            yield concern(worry=Worry.LATE_ITEM, sentence=sentence)


def _stuck(directory: Directory, item: Item, state: State) -> Message:
    if state.held_by_author:
        name = directory.people[item.author].name
        if item.step == 1:
            return lazy(
                "{code} holds the reports gathered in it, and {name}, who drafted it, no longer "
                "works here. Have somebody else of the Office hand it in, or give it up.",
                code=item.code,
                name=name,
            )
        return lazy(
            "{code} was returned to {name}, who no longer works here. Have somebody "
            "else of the department draft it anew, or open the account again.",
            code=item.code,
            name=name,
        )
    return lazy(
        "{code} is at the step “{label}” and nobody can handle it. Update the people "
        "or record a delegation.",
        code=item.code,
        label=state.label_now,
    )


def _state(context: Context, connection: Connection, item: Item) -> State:
    return context.rulebooks.of(connection, item.definition_hash).states[item.state]


def _asked_extensions(
    context: Context, connection: Connection, directory: Directory, every: Sequence[Deadline]
) -> Iterator[Concern]:
    for asked in extensions.extensions_of(connection, [each.id for each in every]):
        if asked.state is not ExtensionState.ASKED:
            continue
        yield Concern(
            worry=Worry.EXTENSION,
            sentence=lazy(
                "{name} asks for more time for a report, until {day}, and waits "
                "for the Office's answer.",
                name=directory.departments[asked.department].name,
                day=context.calendar.local_day(asked.wanted_at).strftime("%d/%m/%Y"),
            ),
            deadline=asked.deadline,
            department=asked.department,
            since=asked.asked_at,
        )


def _due_requests(context: Context, connection: Connection) -> Iterator[Concern]:
    """Yield the data subjects' requests that are late or soon due, or were not acknowledged."""
    calendar = context.calendar
    today = calendar.local_day(context.clock())
    acknowledgement = privacy_rules(connection).acknowledgement
    for asked in privacy.open_requests(connection):
        due_on = date.fromisoformat(asked.due_on)
        first = due_day(calendar, acknowledgement, date.fromisoformat(asked.received_on))
        concern = partial(Concern, worry=Worry.REQUEST, request=asked.id, since=asked.recorded_at)
        day = due_on.strftime("%d/%m/%Y")
        if today > due_on:
            yield concern(
                sentence=lazy(
                    "Request {number} on personal data was due on {day} and has no answer.",
                    number=asked.id,
                    day=day,
                )
            )
        elif is_due_soon(calendar, due_on, today):
            yield concern(
                sentence=lazy(
                    "Request {number} on personal data is due on {day}.",
                    number=asked.id,
                    day=day,
                )
            )
        elif asked.state is RequestState.RECEIVED:
            yield concern(
                sentence=lazy(
                    "Request {number} on personal data is to be acknowledged by {day}.",
                    number=asked.id,
                    day=first.strftime("%d/%m/%Y"),
                )
            )


def _missing_reports(
    context: Context, connection: Connection, directory: Directory, every: Sequence[Deadline]
) -> Iterator[Concern]:
    owed = obligations(context, connection)
    calendar, now = context.calendar, context.clock()
    today = calendar.local_day(now)
    for deadline in every:
        left = calendar.between(today, calendar.local_day(deadline.due_at))
        is_late = deadline.due_at < now
        for department in deadline.departments:
            if (deadline.campaign, deadline.kind, department) in owed.met:
                continue
            name = directory.departments[department].name
            obligation = (deadline.campaign, deadline.kind, department)
            by = approved_by(owed, obligation, directory) if obligation in owed.awaiting else None
            concern = partial(
                Concern, deadline=deadline.id, department=department, since=deadline.due_at
            )
            if is_late:
                sentence = _with_approver(_late_report(name, deadline.owed, -left), by)
                yield concern(worry=Worry.LATE_REPORT, sentence=sentence)
            elif left <= _SOON_DAYS:
                sentence = _with_approver(_due_soon(name, deadline.owed, left), by)
                yield concern(worry=Worry.DUE_SOON, sentence=sentence)
            if not is_late and not _has_recipients(deadline, department, owed, directory):
                sentence = lazy(
                    "The report's deadline reminds nobody of {name}. Add people to the "
                    "department, or mend the reminders.",
                    name=name,
                )
                yield concern(worry=Worry.NOBODY_REMINDED, sentence=sentence)


def _with_approver(sentence: Message, by: Message | None) -> Message:
    """Return what is owed, and ``by`` whom it is to be approved where it was submitted."""
    if by is None:
        return sentence
    return lazy("{sentence} It waits to be approved by {who}.", sentence=sentence, who=by)


def _late_report(name: str, owed: Message, days: int) -> Message:
    """Return that a report is late; no working day need have passed since it was due."""
    return (
        lazy(
            "{name} is {count} working day late: {owed}.",
            "{name} is {count} working days late: {owed}.",
            name=name,
            count=days,
            owed=owed,
        )
        if days
        else lazy("{name} has just become late: {owed}.", name=name, owed=owed)
    )


def _due_soon(name: str, owed: Message, days: int) -> Message:
    if not days:
        return lazy(
            "{name} has not handed in: {owed}; no working day is left until it is due.",
            name=name,
            owed=owed,
        )
    return lazy(
        "{name} has not handed in: {owed}; working days left: {left}.",
        name=name,
        owed=owed,
        left=days,
    )


def _has_recipients(
    deadline: Deadline, department: str, owed: Obligations, directory: Directory
) -> bool:
    """Return whether a rung to come, or any, reaches somebody for the department."""
    obligation = next(
        (deadline.campaign, deadline.kind, each)
        for each in deadline.departments
        if each == department
    )
    return any(
        next(recipients_of(rung.to, obligation, owed, directory), None) is not None
        for rung in deadline.ladder
        if rung.days <= 0
    )
