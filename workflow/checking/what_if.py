"""What a change would do to everything open, before it happens.

The change is of a definition, of the calendar, or of the staff.

Pure: a world is who works here, which days are worked and by which rules; two worlds are compared
item by item.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from workflow.deadlines import WorkingCalendar
from workflow.messages import Message, lazy
from workflow.model import Item, ItemId, Person, PersonId
from workflow.people import Directory
from workflow.rules import NOTHING, Past, Rulebook, waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What decides about an open item.

    ``rulebooks`` by definition hash; ``moved_to`` replaces them by definition id.
    """

    directory: Directory
    calendar: WorkingCalendar
    rulebooks: Mapping[str, Rulebook]
    moved_to: Mapping[str, Rulebook] = field(default_factory=dict)

    def rulebook_of(self, item: Item) -> Rulebook:
        """Return the rules that ``item`` would follow."""
        return self.moved_to.get(item.type) or self.rulebooks[item.definition_hash]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What would change for one open item; ``stuck`` says why it could not go on, or is None."""

    code: str
    department: str
    state: str
    gains: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    due_before: datetime | None = None
    due_after: datetime | None = None
    stuck: Message | None = None

    @property
    def moves_due(self) -> bool:
        """Return whether the step would be due at another time."""
        return self.due_before != self.due_after


def effects_of(
    before: World,
    after: World,
    open_items: Iterable[Item],
    held: Mapping[ItemId, frozenset[PersonId]],
    pasts: Mapping[int, Past] = MappingProxyType({}),
) -> Iterator[Effect]:
    """Yield the effect on each open item that would notice.

    ``held`` names who holds it now, ``pasts`` the answers given in a sign-off.
    """
    for item in open_items:
        effect = _effect(
            before, after, item, held.get(item.id, frozenset()), pasts.get(item.id, NOTHING)
        )
        if effect.stuck or effect.gains or effect.loses or effect.moves_due:
            yield effect


def _effect(
    before: World, after: World, item: Item, present: frozenset[PersonId], past: Past
) -> Effect:
    rulebook = after.rulebook_of(item)
    state = rulebook.states.get(item.state)
    if state is None:
        why = lazy(
            "the new process has no state “{label}” ({state})",
            label=before.rulebook_of(item).states[item.state].label_now,
            state=item.state,
        )
        return Effect(
            code=item.code,
            department=item.department,
            state=item.state,
            due_before=item.due_at,
            due_after=item.due_at,
            stuck=why,
        )
    found = rulebook.holders(item.state, item, after.directory)
    groups = rulebook.groups(item, after.directory) if past.answers else ()
    wanted = frozenset(each.person for each in waiting(state.sign_off, groups, found, past))
    gone, known = present - wanted, after.directory.people
    moves = rulebook is not before.rulebook_of(item) or after.calendar is not before.calendar
    return Effect(
        code=item.code,
        department=item.department,
        state=item.state,
        gains=_names(wanted - present, known),
        loses=_names(gone, {**known, **before.directory.people} if gone else known),
        due_before=item.due_at,
        due_after=after.calendar.step_due(item.since, state.working_days) if moves else item.due_at,
        stuck=None
        if wanted or state.final
        else lazy("nobody can hold the item in the state “{label}”", label=state.label_now),
    )


def _names(ids: Iterable[PersonId], people: Mapping[PersonId, Person]) -> tuple[str, ...]:
    return tuple(people[each].email for each in sorted(ids))
