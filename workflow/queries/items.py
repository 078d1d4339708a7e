"""What readers see of items, and of the transitions open to them. Nothing here writes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from workflow.context import Campaigns, Context
from workflow.definition import (
    Definition,
    FieldType,
    ItemField,
    State,
    Tone,
    Transition,
)
from workflow.errors import NotFoundRefusal, Reason
from workflow.lookups.carrying import not_ready
from workflow.lookups.items import visible_item
from workflow.lookups.prior_decisions import past_of
from workflow.lookups.situations import situation_of
from workflow.messages import Message, lazy
from workflow.model import Content, Department, DepartmentId, Item, Person, PersonId
from workflow.people import Directory
from workflow.rules import (
    ExpressionScope,
    Past,
    Rulebook,
    Situation,
    asked_fields,
    closed_reasons,
    fields_named,
    incomplete_reasons,
    not_offered,
    offered,
    readable,
    withheld_fields,
)
from workflow.store import deadlines, held_items, item_contents
from workflow.store.held_items import HeldItem

_LONG = frozenset({FieldType.LONG_TEXT, FieldType.RICH_TEXT, FieldType.TABLE})
"""What is read rather than looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderView:
    """Who an item waits for, since when and until when; ``stands_in_for`` by a delegation."""

    person: Person
    since: datetime
    due_at: datetime | None
    stands_in_for: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item as a reader sees it."""

    item: Item
    definition: Definition
    state: State
    tone: Tone
    is_signed: bool
    content: Content
    author: Person
    holders: tuple[HolderView, ...]
    is_late: bool
    names: Mapping[str, str | Message]
    """Names of the people (by address) and departments (by id) that fields name."""
    departments: Mapping[DepartmentId, Department]
    withheld: frozenset[str]
    """The ids of the fields that the reader may not read; ``content`` is without them."""
    find_asked: Callable[[], Sequence[ItemField]] = field(compare=False)
    find_fields: Callable[[], Sequence[ItemField]] = field(compare=False)
    """What finds the two below. Lists do without, and it is half of what a view takes to make."""

    @property
    def asked(self) -> frozenset[str]:
        """Return the ids of the fields that its author is asked for."""
        return frozenset(each.id for each in self.find_asked())

    @property
    def fields(self) -> tuple[ItemField, ...]:
        """Return the fields that apply to it or say something, in the definition's order."""
        return tuple(self.find_fields())

    @property
    def nominee(self) -> str:
        """Return whom it puts forward; nothing of a list, of another item, or where withheld."""
        said = self.definition.nominates
        named = (self.content.fields.get(each) for each in said.nominee) if said else ()
        name = next((each for each in named if isinstance(each, str) and each), "")
        return str(self.names.get(name, name))

    @property
    def deciding_fields(self) -> list[ItemField]:
        """Return the short fields that a decision rests on: for whom, what, and on what ground.

        Whose name is said needs no kind beside it, and what is counted of a person decides nothing.
        """
        said = self.definition.nominates
        beside = {said.kind, *said.counted_by} if said and self.nominee else set[str]()
        return [
            each
            for each in self.fields
            if each.type not in _LONG
            and (each.decides or (each.personal and each.required))
            and each.id not in beside
        ]

    @property
    def list_marks(self) -> list[ItemField]:
        """Return the fields that say no more than that it puts forward one, and no list of many."""
        lists = [each.shown_when or "" for each in self.definition.fields if each.columns_of]
        named = fields_named(" ".join(lists))
        return [
            each
            for each in self.fields
            if each.id in named and not self.content.fields.get(each.id)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionView:
    """One transition as it looks to one person: open, or every reason why not."""

    transition: Transition
    to: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def is_allowed(self) -> bool:
        """Return whether the person may take it now."""
        return not self.reasons

    @property
    def requires(self) -> list[str]:
        """Return what the transition asks for besides the decision."""
        asked = [
            ("comment", self.transition.needs_comment),
            ("pin", self.transition.second_factor),
            ("number", self.transition.numbered),
        ]
        return [name for name, is_asked in asked if is_asked]


def item_views(
    context: Context, connection: Connection, found: Sequence[Item], reader: PersonId | None
) -> list[ItemView]:
    """Return the views of ``found`` for ``reader``, in order, with four queries at most.

    Reader None: whoever runs commands on the machine.
    """
    reading = reading_of(context, connection, reader)
    for identity in {item.campaign for item in found}:
        context.campaigns.of(connection, identity)
    contents = context.contents.of(connection, found)
    held = held_items.holders_by_item(connection, [item.id for item in found])
    views = [
        reading.view(
            context.rulebooks.of(connection, item.definition_hash),
            item,
            contents[item.id],
            held.get(item.id, []),
        )
        for item in found
    ]
    return with_kinds(connection, views)


def with_kinds(connection: Connection, views: list[ItemView]) -> list[ItemView]:
    """Return ``views`` with what the Office calls the deadlines that their fields may name."""
    if not any(each.or_deadline for view in views for each in view.definition.fields):
        return views
    kinds = deadlines.kinds_called(connection)
    return [replace(view, names={**kinds, **view.names}) for view in views]


def item_view(
    context: Context, connection: Connection, item: Item, reader: PersonId | None
) -> ItemView:
    """Return the view of one item for ``reader``."""
    return item_views(context, connection, [item], reader)[0]


def visible_view(context: Context, connection: Connection, code: str, reader: Person) -> ItemView:
    """Return the view of the item ``code``. Raises NotFoundRefusal as ``visible_item`` does."""
    return item_view(context, connection, visible_item(connection, code, reader), reader.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Who reads, when, among which people, and in which campaigns."""

    reader: PersonId | None
    directory: Directory
    now: datetime
    campaigns: Campaigns

    def view(
        self, rulebook: Rulebook, item: Item, content: Content, held: Sequence[HeldItem]
    ) -> ItemView:
        """Return an item as the reader sees it; what they may not read is left out."""
        people = self.directory.people
        definition = self.campaigns.known_definition(rulebook, item.campaign)
        withheld = self._withheld(definition, item, held)
        scope = ExpressionScope(
            department=item.department,
            author=people.get(item.author),
            campaign=self.campaigns.known(item.campaign),
        )
        find_asked = partial(asked_fields, definition, content, scope)
        return ItemView(
            item=item,
            definition=definition,
            state=rulebook.states[item.state],
            tone=rulebook.tones[item.state],
            is_signed=item.state in rulebook.signed_states,
            content=readable(content, withheld),
            withheld=withheld,
            find_asked=find_asked,
            find_fields=partial(_fields_shown, definition, content, find_asked),
            author=people[item.author],
            holders=tuple(map(self._holder, held)),
            is_late=item.due_at is not None and item.due_at < self.now,
            names=names_in(definition, self.directory),
            departments=self.directory.departments,
        )

    def _withheld(
        self, definition: Definition, item: Item, held: Sequence[HeldItem]
    ) -> frozenset[str]:
        if self.reader is None:
            return frozenset()
        return withheld_fields(
            definition,
            self.directory.people[self.reader],
            author=item.author,
            holders=[each.person for each in held],
        )

    def _holder(self, held: HeldItem) -> HolderView:
        people, behalf = self.directory.people, held.on_behalf_of
        return HolderView(
            person=people[held.person],
            since=held.since,
            due_at=held.due_at,
            stands_in_for=people.get(behalf) if behalf is not None else None,
        )


def _fields_shown(
    definition: Definition, content: Content, find_asked: Callable[[], Sequence[ItemField]]
) -> list[ItemField]:
    asked = {each.id for each in find_asked()}
    return [
        each
        for each in definition.fields
        if each.id in asked or content.fields.get(each.id) not in (None, "", [], False)
    ]


def reading_of(context: Context, connection: Connection, reader: PersonId | None) -> Reading:
    """Return how ``reader`` reads now."""
    now = context.clock()
    directory = context.directory(connection, now)
    return Reading(reader=reader, directory=directory, now=now, campaigns=context.campaigns)


def names_in(definition: Definition, directory: Directory) -> Mapping[str, str]:
    """Return what fields of people and departments are called: addresses and ids with names.

    Nothing where the definition has no such field.
    """
    if not {FieldType.PERSON, FieldType.DEPARTMENT}.intersection(
        field.type for field in definition.fields
    ):
        return {}
    return {
        **{
            address: directory.people[people[0]].name
            for address, people in directory.addresses.items()
        },
        **{str(department.id): department.name for department in directory.departments.values()},
    }


def transitions_for(
    context: Context, connection: Connection, item: Item, person: Person
) -> list[TransitionView]:
    """Return every transition of the item's definition as it looks to ``person`` now."""
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    situation = _situation(context, connection, item, person)
    past = past_of(connection, item, rulebook, person.id, situation.directory)
    situation = replace(situation, council_passed=past.council_passed)
    views = [_transition_view(rulebook, situation, each, past) for each in rulebook.transition_ids]
    return [
        replace(each, reasons=tuple(not_ready(context, connection, item, each.transition, person)))
        if each.is_allowed
        else each
        for each in views
    ]


def offered_to(
    context: Context, connection: Connection, item: Item, person: Person, transition_id: str
) -> Transition:
    """Return the transition that ``person`` finds under this id now. Raises NotFoundRefusal."""
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    situation = _situation(context, connection, item, person)
    found = offered(rulebook, situation, transition_id)
    if found is None:
        raise NotFoundRefusal(lazy("this action in the item's present state"))
    return found


def _situation(context: Context, connection: Connection, item: Item, person: Person) -> Situation:
    content = item_contents.contents_of(connection, [item]).get(item.id)
    return situation_of(context, connection, item, person, content)


def _transition_view(
    rulebook: Rulebook, situation: Situation, transition_id: str, past: Past
) -> TransitionView:
    found = offered(rulebook, situation, transition_id)
    if found is None:
        first = next(each for each in rulebook.definition.transitions if each.id == transition_id)
        why = not_offered(rulebook, situation.item, transition_id)
        return TransitionView(transition=first, to=first.to, reasons=(why,))
    reasons = closed_reasons(rulebook, found, situation, past) or list(
        incomplete_reasons(rulebook, found, situation, past)
    )
    return TransitionView(transition=found, to=found.to, reasons=tuple(reasons))
