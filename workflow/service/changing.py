"""Look ahead: what a new definition, calendar or staff list would do to everything open. Reads only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow.checking import Effect, World, effects_of
from workflow.deadlines import WorkingCalendar
from workflow.definition import LoadedDefinition
from workflow.errors import InvalidInputError
from workflow.model import DepartmentId, Person, PersonId, Position
from workflow.people import Directory, build_directory
from workflow.rules import Rulebook
from workflow.service.context import Context
from workflow.service.migrating import open_items
from workflow.service.people import PersonRow, import_problems
from workflow.store import items

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is about to change; whatever is None stays."""

    definition: LoadedDefinition | None = None
    calendar: WorkingCalendar | None = None
    people: tuple[PersonRow, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The effects of a change on ``looked_at`` open items."""

    looked_at: int
    effects: tuple[Effect, ...]

    @property
    def stuck(self) -> tuple[Effect, ...]:
        """Return the items that could not go on."""
        return tuple(each for each in self.effects if each.stuck)


def plan_change(context: Context, connection: Connection, change: Change, told: Callable[[int, int], None] = lambda _done, _of: None) -> Outlook:
    """Return what ``change`` would do; ``told`` hears how many of how many items are done. Raises InvalidInputError."""
    rulebooks = {each.hash: each for each in context.rulebooks.all(connection)}
    now = World(directory=context.directory(connection, context.clock()), calendar=context.calendar, rulebooks=rulebooks)
    then = replace(
        now,
        directory=_after_import(now.directory, change.people) if change.people is not None else now.directory,
        calendar=change.calendar or now.calendar,
        moved_to={change.definition.definition.id: Rulebook(change.definition.definition, change.definition.hash)} if change.definition else {},
    )
    waiting = open_items(context, connection)
    effects: list[Effect] = []
    for start in range(0, len(waiting), _PAGE):
        page = waiting[start : start + _PAGE]
        holders = items.holders_by_item(connection, [item.id for item in page])
        held = {item: frozenset(each.person for each in rows) for item, rows in holders.items()}
        effects += effects_of(now, then, page, held)
        told(start + len(page), len(waiting))
    return Outlook(looked_at=len(waiting), effects=tuple(effects))


def _after_import(directory: Directory, rows: Sequence[PersonRow]) -> Directory:
    """Return ``directory`` as the import of ``rows`` would leave it. Raises InvalidInputError where the import would refuse."""
    problems = import_problems(rows, directory.departments)
    if problems:
        raise InvalidInputError(*problems)
    people = dict(directory.people)
    by_email = {person.email: person.id for person in people.values()}
    for row in rows:
        address = row.email.strip().lower()
        known = by_email.setdefault(address, PersonId(max(people, default=0) + 1))
        people[known] = Person(
            id=known,
            email=address,
            name=row.name,
            position=Position(row.position),
            department=DepartmentId(row.department) if row.department else None,
            is_active=row.is_active,
        )
    return build_directory(people.values(), directory.departments.values(), directory.delegations, directory.today)
