"""Look ahead: what a new definition, deadline, calendar or staff list would do to everything open.

Reads only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from workflow import values
from workflow.addresses import as_kept
from workflow.checking import Effect, World, effects_of
from workflow.context import Context
from workflow.deadlines import Deadline, PlannedReminder, Repeats, WorkingCalendar, plan
from workflow.definition import LoadedDefinition
from workflow.errors import InvalidInputError, InvalidRefusal, NotFoundRefusal
from workflow.lookups.deadline_terms import DeadlineTerms, checked_series
from workflow.lookups.items import open_items
from workflow.lookups.obligations import obligations
from workflow.lookups.prior_decisions import past_of
from workflow.messages import lazy
from workflow.model import DepartmentId, Item, Person, PersonId, Position
from workflow.people import Directory, build_directory
from workflow.people.staff_rows import PersonRow, import_problems, rows_said
from workflow.rules import Past, Rulebook
from workflow.store import deadlines, held_items

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is about to change; whatever is None stays."""

    definition: LoadedDefinition | None = None
    calendar: WorkingCalendar | None = None
    people: tuple[PersonRow, ...] | None = None
    deadline: DeadlineTerms | None = None
    repeats: Repeats | None = None
    replaces: int | None = None
    """The deadline whose terms ``deadline`` would become; None: that of the same campaign and
    kind for one of its departments, if any; 0: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenReminder:
    """One reminder that would go: to whom, when, about what; ``days`` from the due day."""

    to: str
    at: datetime
    kind: str
    days: int
    departments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The effects of a change on ``looked_at`` open items, and what it does to reminders."""

    looked_at: int
    effects: tuple[Effect, ...]
    mails_new: tuple[ForeseenReminder, ...] = ()
    mails_gone: tuple[ForeseenReminder, ...] = ()

    @property
    def stuck(self) -> tuple[Effect, ...]:
        """Return the items that could not go on."""
        return tuple(each for each in self.effects if each.stuck)


def plan_change(
    context: Context,
    connection: Connection,
    change: Change,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Outlook:
    """Return what ``change`` would do; ``told`` hears how many of how many items are done.

    Raises InvalidInputError.
    """
    now, then = _worlds(context, connection, change)
    if change.calendar is not None:  # a file's; what the Office set stands over it as before
        then = replace(then, calendar=change.calendar.with_office(now.calendar.office))
    waiting = open_items(context, connection)
    effects: list[Effect] = []
    for start in range(0, len(waiting), _PAGE):
        page = waiting[start : start + _PAGE]
        holders = held_items.holders_by_item(connection, [item.id for item in page])
        held = {item: frozenset(each.person for each in rows) for item, rows in holders.items()}
        effects += effects_of(now, then, page, held, _pasts(connection, page, now))
        told(start + len(page), len(waiting))
    new, gone = _mails(context, connection, change, now, then)
    return Outlook(looked_at=len(waiting), effects=tuple(effects), mails_new=new, mails_gone=gone)


def foretold_mails(
    context: Context, connection: Connection, change: Change
) -> tuple[tuple[ForeseenReminder, ...], tuple[ForeseenReminder, ...]]:
    """Return the reminders that would newly go and those that no longer would.

    Raises InvalidInputError.
    """
    return _mails(context, connection, change, *_worlds(context, connection, change))


def _worlds(context: Context, connection: Connection, change: Change) -> tuple[World, World]:
    rulebooks = {each.hash: each for each in context.rulebooks.all(connection)}
    now = World(
        directory=context.directory(connection, context.clock()),
        calendar=context.calendar,
        rulebooks=rulebooks,
    )
    then = replace(
        now,
        directory=_after_import(now.directory, change.people)
        if change.people is not None
        else now.directory,
        calendar=change.calendar or now.calendar,
        moved_to={
            change.definition.definition.id: Rulebook(
                change.definition.definition, change.definition.hash
            )
        }
        if change.definition
        else {},
    )
    return now, then


def _pasts(connection: Connection, page: Sequence[Item], now: World) -> dict[int, Past]:
    """Return the answers given so far on the items where several sign off."""
    books = ((item, now.rulebooks[item.definition_hash]) for item in page)
    return {
        item.id: past_of(connection, item, book, None, now.directory)
        for item, book in books
        if book.states[item.state].sign_off is not None
    }


def _mails(
    context: Context, connection: Connection, change: Change, now: World, then: World
) -> tuple[tuple[ForeseenReminder, ...], tuple[ForeseenReminder, ...]]:
    """Return the reminders that would newly go and those that no longer would."""
    present = deadlines.all_deadlines(connection)
    changed = [
        replace(each, due_at=then.calendar.roll(each.due_at, each.roll))
        if then.calendar is not now.calendar
        else each
        for each in _with_deadline(context, connection, present, change)
    ]
    owed = obligations(context, connection)
    moment = context.clock()
    snoozes = deadlines.snoozes(connection)
    planned = plan(present, owed, now.directory, now.calendar, snoozes)
    before = {
        _mail(each, present, now.directory) for each in planned if each.at > moment and each.goes
    }
    planned = plan(changed, owed, then.directory, then.calendar, snoozes)
    after = {
        _mail(each, changed, then.directory) for each in planned if each.at > moment and each.goes
    }
    return tuple(sorted(after - before, key=_in_order)), tuple(
        sorted(before - after, key=_in_order)
    )


def _in_order(mail: ForeseenReminder) -> tuple[datetime, str, str]:
    return mail.at, mail.to, mail.kind


def _mail(
    reminder: PlannedReminder, deadlines: Sequence[Deadline], directory: Directory
) -> ForeseenReminder:
    kind = next(each.kind for each in deadlines if each.id == reminder.deadline)
    to = directory.people[reminder.person].email
    return ForeseenReminder(
        to=to,
        at=reminder.at,
        kind=kind,
        days=reminder.rung,
        departments=tuple(sorted(reminder.departments)),
    )


def _with_deadline(
    context: Context, connection: Connection, present: Sequence[Deadline], change: Change
) -> list[Deadline]:
    """Return the deadlines as the change would leave them.

    Raises InvalidInputError where setting it would be refused.
    """
    if change.deadline is None:
        return list(present)
    try:
        series = checked_series(
            context, connection, change.deadline, change.repeats, is_confirmed=True
        )
    except InvalidRefusal as refusal:
        raise InvalidInputError(*(each.message for each in refusal.reasons)) from refusal
    replaced = _replaced(present, series[0], change.replaces)
    new = [
        imagined_deadline(each, context.clock(), identity=-number)
        for number, each in enumerate(series)
    ]
    if replaced is not None:
        new[0] = replace(new[0], id=replaced.id)
    return [each for each in present if each is not replaced] + new


def imagined_deadline(terms: DeadlineTerms, now: datetime, *, identity: int) -> Deadline:
    """Return the deadline that ``terms`` would make; a real one has an ``identity`` from one up."""
    return Deadline(
        id=identity,
        campaign=terms.campaign,
        kind=terms.kind,
        due_at=terms.due_at,
        departments=terms.departments,
        ladder=terms.ladder,
        planned_from=now,
        version=1,
        roll=terms.roll,
    )


def _replaced(
    present: Sequence[Deadline], terms: DeadlineTerms, wanted: int | None
) -> Deadline | None:
    if wanted is None:
        alike = [
            each for each in present if (each.campaign, each.kind) == (terms.campaign, terms.kind)
        ]
        return next(
            (each for each in alike if set(each.departments) & set(terms.departments)), None
        )
    found = next((each for each in present if each.id == wanted), None)
    if found is None and wanted:
        raise NotFoundRefusal(lazy("this deadline"))
    return found


def _after_import(directory: Directory, rows: Sequence[PersonRow]) -> Directory:
    """Return ``directory`` as the import of ``rows`` would leave it.

    Raises InvalidInputError where the import would refuse.
    """
    problems = import_problems(rows, directory.departments)
    if problems:
        raise InvalidInputError(*problems)
    people = dict(directory.people)
    by_email = {person.email: person.id for person in people.values()}
    for row in rows_said(rows, {person.email: person for person in people.values()}):
        address = as_kept(row.email)
        known = by_email.setdefault(address, PersonId(max(people, default=0) + 1))
        people[known] = Person(
            id=known,
            email=address,
            name=values.line(row.name),
            position=Position(row.position),
            department=DepartmentId(row.department) if row.department else None,
            is_active=bool(row.is_active),
        )
    return build_directory(
        people.values(),
        directory.departments.values(),
        directory.delegations,
        directory.today,
        directory.absences,
    )
