"""What readers see: items, their open transitions, their history. Nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import (
    Definition,
    FieldType,
    ItemField,
    Label,
    State,
    Tone,
    Transition,
    Visit,
)
from workflow.errors import NotFoundRefusal, Reason
from workflow.history import Fact
from workflow.history.payloads import UNCHANGED, Edited, HoldersSet, Seat, SignedOff, StepEntered
from workflow.lookups.items import transition_of
from workflow.lookups.prior_decisions import past_of
from workflow.messages import Message, lazy
from workflow.model import Content, ContentHash, Item, Person, PersonId
from workflow.people import Directory
from workflow.rules import (
    Past,
    Rulebook,
    Situation,
    asked_fields,
    closed_reasons,
    content_reasons,
    not_offered,
    offered,
    readable,
    withheld_fields,
)
from workflow.rules.outcomes import Decided
from workflow.store import deadlines, held_items, history, item_contents, items
from workflow.store.history import StoredEntry, StoredText


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
    fields: tuple[ItemField, ...]
    """The fields that apply to the item or say something, in the definition's order."""
    withheld: frozenset[str]
    """The ids of the fields that the reader may not read; ``content`` is without them."""


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
            ("comment", self.transition.comment == "required"),
            ("pin", self.transition.second_factor),
            ("number", self.transition.numbered),
        ]
        return [name for name, is_asked in asked if is_asked]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """A history entry with the persons and texts it names; an erased text is None.

    ``transition``: as the definition that the entry was made under has it; None where it made none.
    """

    entry: StoredEntry
    transition: Transition | None
    actor: Person | None
    on_behalf_of: Person | None
    comment: str | None

    @property
    def fact(self) -> Fact:
        """Return what the entry says."""
        return self.entry.fact

    @property
    def label(self) -> Label | None:
        """Return what its transition is called."""
        return self.transition.label if self.transition else None


def item_views(
    context: Context, connection: Connection, found: Sequence[Item], reader: PersonId | None
) -> list[ItemView]:
    """Return the views of ``found`` for ``reader``, in order, with four queries at most. Reader None: whoever runs commands on the machine."""
    now = context.clock()
    directory = context.directory(connection, now)
    contents = context.contents.of(connection, found)
    held = held_items.holders_by_item(connection, [item.id for item in found])
    views = [
        _view(
            context.rulebooks.of(connection, item.definition_hash),
            item,
            contents[item.id],
            [
                HolderView(
                    person=directory.people[each.person],
                    since=each.since,
                    due_at=each.due_at,
                    stands_in_for=directory.people.get(each.on_behalf_of)
                    if each.on_behalf_of is not None
                    else None,
                )
                for each in held.get(item.id, [])
            ],
            directory,
            now,
            reader,
        )
        for item in found
    ]
    return _with_kinds(connection, views)


def _with_kinds(connection: Connection, views: list[ItemView]) -> list[ItemView]:
    """Return ``views`` with what the Office calls the deadlines that their fields may name."""
    if not any(field.or_deadline for view in views for field in view.definition.fields):
        return views
    kinds = deadlines.kinds_called(connection)
    return [replace(view, names={**kinds, **view.names}) for view in views]


def item_view(
    context: Context, connection: Connection, item: Item, reader: PersonId | None
) -> ItemView:
    """Return the view of one item for ``reader``."""
    return item_views(context, connection, [item], reader)[0]


def _view(
    rulebook: Rulebook,
    item: Item,
    content: Content,
    holders: Sequence[HolderView],
    directory: Directory,
    now: datetime,
    reader: PersonId | None,
) -> ItemView:
    definition = rulebook.definition
    held = [each.person.id for each in holders]
    withheld = (
        withheld_fields(definition, directory.people[reader], author=item.author, holders=held)
        if reader is not None
        else frozenset()
    )
    asked = {
        field.id
        for field in asked_fields(
            definition,
            content,
            department=item.department,
            author=directory.people.get(item.author),
        )
    }
    return ItemView(
        item=item,
        definition=rulebook.definition,
        state=rulebook.states[item.state],
        tone=rulebook.tones[item.state],
        is_signed=item.state in rulebook.signed_states,
        content=readable(content, withheld),
        fields=tuple(
            field
            for field in definition.fields
            if field.id in asked or content.fields.get(field.id) not in (None, "", [], False)
        ),
        withheld=withheld,
        author=directory.people[item.author],
        holders=tuple(holders),
        is_late=item.due_at is not None and item.due_at < now,
        names=names_in(definition, directory),
    )


def names_in(definition: Definition, directory: Directory) -> Mapping[str, str]:
    """Return what fields of people and departments are called: addresses and ids with their names; nothing where there are none."""
    if not {FieldType.PERSON, FieldType.DEPARTMENT}.intersection(
        field.type for field in definition.fields
    ):
        return {}
    return {
        **{person.email: person.name for person in directory.people.values()},
        **{str(department.id): department.name for department in directory.departments.values()},
    }


def view_after(
    context: Context, connection: Connection, code: str, seq: int, reader: PersonId | None
) -> tuple[ItemView, StoredEntry]:
    """Return the item as entry ``seq`` left it, and the entry: the same answer however often it is asked for."""
    item = items.find_item(connection, code)
    entry = history.entry_at(connection, f"item:{code}", seq)
    if item is None or entry is None:
        raise NotFoundRefusal(lazy("the item {code}", code=code))
    if item.seq == seq:
        return item_view(context, connection, item, reader), entry
    return _view_at(
        context, connection, item, history.entries_of(connection, item.subject)[:seq], reader
    ), entry


def view_of(
    context: Context, connection: Connection, decided: Decided, reader: PersonId | None
) -> ItemView:
    """Return the item as ``decided`` left it, also where that decision had been made before."""
    return (
        view_at_hand(context, decided, reader)
        or view_after(context, connection, decided.code, decided.seq, reader)[0]
    )


def view_at_hand(context: Context, decided: Decided, reader: PersonId | None) -> ItemView | None:
    """Return the item as ``decided`` left it from what the decision brought along; None where it brought too little."""
    after = decided.after
    rulebook = context.rulebooks.known(after.item.definition_hash) if after else None
    if after is None or rulebook is None:
        return None
    people = after.directory.people
    holders = [
        HolderView(
            person=people[each.person],
            since=after.item.since,
            due_at=after.item.due_at,
            stands_in_for=people.get(each.on_behalf_of) if each.on_behalf_of is not None else None,
        )
        for each in after.holders
    ]
    return _view(
        rulebook, after.item, after.content, holders, after.directory, context.clock(), reader
    )


def view_as_of(
    context: Context, connection: Connection, item: Item, moment: datetime, reader: PersonId | None
) -> tuple[ItemView, StoredEntry]:
    """Return the item as it was at ``moment``, and the entry it rests on. Raises NotFoundRefusal before its creation."""
    until = [entry for entry in history.entries_of(connection, item.subject) if entry.at <= moment]
    if not until:
        raise NotFoundRefusal(lazy("the item {code} at that moment", code=item.code))
    return _view_at(context, connection, item, until, reader), until[-1]


def _view_at(
    context: Context,
    connection: Connection,
    item: Item,
    entries: Sequence[StoredEntry],
    reader: PersonId | None,
) -> ItemView:
    """Fold a chain's beginning into the view it left behind."""
    now = context.clock()
    directory = context.directory(connection, now)
    last = entries[-1].fact
    since, due_at = entries[0].at, None
    holders: list[tuple[PersonId, PersonId | None, datetime]] = []
    for entry in entries:
        seats: tuple[Seat, ...] | None = None
        match entry.fact.payload:
            case SignedOff(holders=left):
                waiting = {person for person, _ in left}
                holders = [each for each in holders if each[0] in waiting]
            case Edited(holders=seats, due_at=due):
                if due is not UNCHANGED:
                    since, due_at = entry.at, due
            case StepEntered() as entered:
                since, due_at, seats = entry.at, entered.due_at, entered.holders
            case HoldersSet(holders=seats):
                pass
        if seats is not None:
            holders = [(person, behalf, entry.at) for person, behalf in seats]
    rulebook = context.rulebooks.of(connection, last.definition_hash or "")
    content = item_contents.content_at(connection, item.id, last.content_hash or "")
    if content is None:
        raise NotFoundRefusal(lazy("the content of the item {code}", code=item.code))
    then = Item(
        id=item.id,
        code=item.code,
        type=item.type,
        definition_hash=last.definition_hash or "",
        campaign=item.campaign,
        department=item.department,
        author=item.author,
        title=content.title,
        period=item.period,
        state=last.to_state or "",
        version=last.version or 0,
        step=last.step or 0,
        content_hash=ContentHash(last.content_hash or ""),
        due_at=due_at,
        since=since,
        seq=entries[-1].seq,
        head=entries[-1].hash,
    )
    views = [
        HolderView(
            person=directory.people[person],
            since=held_since,
            due_at=due_at,
            stands_in_for=directory.people.get(behalf) if behalf is not None else None,
        )
        for person, behalf, held_since in holders
    ]
    return _with_kinds(connection, [_view(rulebook, then, content, views, directory, now, reader)])[
        0
    ]


def transitions_for(
    context: Context, connection: Connection, item: Item, person: Person
) -> list[TransitionView]:
    """Return every transition of the item's definition as it looks to ``person`` now."""
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    situation = _situation(context, connection, rulebook, item, person)
    past = past_of(connection, item, rulebook, person.id, situation.directory)
    return [_transition_view(rulebook, situation, each, past) for each in rulebook.transition_ids]


def offered_to(
    context: Context, connection: Connection, item: Item, person: Person, transition_id: str
) -> Transition:
    """Return the transition that ``person`` finds under this id now. Raises NotFoundRefusal."""
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    situation = _situation(context, connection, rulebook, item, person)
    found = offered(rulebook, situation, transition_id)
    if found is None:
        raise NotFoundRefusal(lazy("this action in the item's present state"))
    return found


def _situation(
    context: Context, connection: Connection, rulebook: Rulebook, item: Item, person: Person
) -> Situation:
    return Situation(
        definition=rulebook.definition,
        item=item,
        content=item_contents.contents_of(connection, [item]).get(item.id),
        actor=person,
        directory=context.directory(connection, context.clock()),
    )


def _transition_view(
    rulebook: Rulebook, situation: Situation, transition_id: str, past: Past
) -> TransitionView:
    found = offered(rulebook, situation, transition_id)
    if found is None:
        first = next(each for each in rulebook.definition.transitions if each.id == transition_id)
        why = not_offered(rulebook, situation.item, transition_id)
        return TransitionView(transition=first, to=first.to, reasons=(why,))
    reasons = closed_reasons(rulebook, found, situation, past) or list(
        content_reasons(found, situation)
    )
    return TransitionView(transition=found, to=found.to, reasons=tuple(reasons))


def timeline(context: Context, connection: Connection, item: Item) -> list[EntryView]:
    """Return the history of an item, oldest first."""
    return entry_views(context, connection, history.entries_of(connection, item.subject))


def entry_views(
    context: Context, connection: Connection, entries: Sequence[StoredEntry]
) -> list[EntryView]:
    """Return ``entries`` with the persons and texts they name."""
    directory = context.directory(connection, context.clock())
    texts = history.texts_of(connection, {entry.subject for entry in entries})
    return [
        _entry_view(entry, transition_of(context, connection, entry), directory, texts)
        for entry in entries
    ]


def _entry_view(
    entry: StoredEntry,
    transition: Transition | None,
    directory: Directory,
    texts: dict[tuple[str, int, str], StoredText],
) -> EntryView:
    fact = entry.fact
    comment = texts.get((entry.subject, entry.seq, "comment")) or texts.get(
        (entry.subject, entry.seq, "message")
    )
    return EntryView(
        entry=entry,
        transition=transition,
        actor=directory.people.get(fact.actor) if fact.actor is not None else None,
        on_behalf_of=directory.people.get(fact.on_behalf_of)
        if fact.on_behalf_of is not None
        else None,
        comment=comment.text if comment else None,
    )


def visits_of(entries: Sequence[EntryView]) -> list[Visit]:
    """Return the stays of an item, oldest first, from its timeline."""
    came = [
        (each.fact.to_state, each.entry.at)
        for each in entries
        if each.fact.to_state and each.fact.to_state != each.fact.from_state
    ]
    ends = [at for _, at in came[1:]]
    return [
        Visit(state=state, entered=at, left=left)
        for (state, at), left in zip(came, [*ends, None], strict=True)
    ]
