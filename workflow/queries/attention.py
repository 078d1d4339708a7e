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
from workflow.lookups.privacy import due_day, is_due_soon, privacy_rules
from workflow.lookups.stuck_items import stuck_among
from workflow.messages import Message, lazy
from workflow.model import (
    Department,
    DepartmentId,
    ExtensionState,
    Item,
    ItemId,
    Person,
    RequestState,
)
from workflow.people import Directory
from workflow.rules import goes_along
from workflow.store import attention, deadlines, extensions, held_items, items, privacy

MOST_NAMED = attention.MOST_NAMED
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
    """Return everything to see to now, gravest first.

    Of items that are amiss in one way at most ``MOST_NAMED`` and, where there are more, one beyond.
    """
    directory = context.directory(connection, context.clock())
    every = deadlines.all_deadlines(connection)
    found = [
        *_stuck_items(context, connection, directory),
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


def _stuck_items(
    context: Context, connection: Connection, directory: Directory
) -> Iterator[Concern]:
    for each in stuck_among(context, connection, attention.stuck(connection)):
        item = each.item
        state = _state(context, connection, item)
        if each.holders:
            names = ", ".join(directory.people[one.person].name for one in each.holders)
            sentence = lazy(
                "{code} is at the step “{label}” and waits only for {names}, whom the process does "
                "not let take it on after another step of it. Put somebody else in their place, "
                "or record a delegation.",
                code=item.code,
                label=state.label_now,
                names=names,
            )
        else:
            sentence = _stuck(directory, item, state)
        yield Concern(
            worry=Worry.STUCK, sentence=sentence, code=item.code, item=item.id, since=item.since
        )


def _late_items(
    context: Context, connection: Connection, directory: Directory
) -> Iterator[Concern]:
    """Yield what is late with whoever holds it; of each of both kinds, no more than are named."""
    stages: dict[bool, set[str]] = {True: set(), False: set()}
    for book in context.rulebooks.all(connection):
        for state in book.states.values():
            if not state.final:
                stages[book.stages[state.id] is Stage.THROUGH].add(state.id)
    for is_through, states in stages.items():
        longest_first = attention.overdue(connection, sorted(states), context.clock())
        found = items.items_by_id(connection, longest_first)
        held = held_items.holders_by_item(connection, longest_first)
        for item in (found[each] for each in longest_first):
            book = context.rulebooks.of(connection, item.definition_hash)
            # A state of one name may mean another thing in another process.
            is_meant = (book.stages[item.state] is Stage.THROUGH) == is_through
            if is_meant and not goes_along(book.definition, item):
                names = ", ".join(directory.people[each.person].name for each in held[item.id])
                yield _late_item(item, book.states[item.state], names, is_sent=is_through)


def _late_item(item: Item, state: State, names: str, *, is_sent: bool) -> Concern:
    concern = partial(Concern, code=item.code, item=item.id, since=item.due_at)
    if is_sent:
        sentence = lazy(
            "{code} was sent, and the answer of {who} is not recorded. Waiting for: {names}.",
            code=item.code,
            who=desk_of(state),
            names=names,
        )
        return concern(worry=Worry.UNCONFIRMED, sentence=sentence)
    sentence = lazy(
        "{code} is late at the step “{label}”. Waiting for: {names}.",
        code=item.code,
        label=state.label_now,
        names=names,
    )
    return concern(worry=Worry.LATE_ITEM, sentence=sentence)


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
