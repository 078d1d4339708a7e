"""The register of awards: what was given to whom, by which decision, read from the history.

Owns no row of its own: every award is what an entry of its item's history says, and a withdrawal is
a later entry. Nothing here writes, and nothing is typed a second time.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Connection

from workflow.awards import Awards
from workflow.context import Context, searchable
from workflow.definition import Definition, Label, Stage
from workflow.definition.nominations import Nominates
from workflow.history import payloads
from workflow.model import Content, Item, ItemId, Person
from workflow.people import Scope
from workflow.store import history, items
from workflow.store.history import StoredEntry
from workflow.store.listing import PAGE_LIMIT, ItemFilter, item_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAward:
    """An award as it was given: to whom, by whom, by which decision; whether it still stands."""

    item: Item
    nominee: str
    """As the nomination says it: a name, or the address of a person."""
    kind: str
    award_id: str
    called: Label | str
    """The award's name; its id where the file of awards has it no more."""
    authority_id: str
    authority: Label | str
    number: str
    decided_on: str
    first_day: str
    last_day: str
    """Of the merit, as the nomination says it; empty where it says nothing."""
    is_withdrawn: bool
    withdrawn_why: str
    said: Mapping[str, str] = field(default_factory=dict)
    """What the choices say by which the statistics split individuals."""
    called_nominee: str = ""
    """The nominee's name."""

    def named(self, names: Mapping[str, str]) -> "GivenAward":
        """Return it with the nominee's name, where the nomination names a person by address."""
        return replace(self, called_nominee=names.get(self.nominee, self.nominee))

    @property
    def year(self) -> int:
        """Return the year of the decision."""
        return int(self.decided_on[:4])

    @property
    def campaign(self) -> str:
        """Return the movement that it was given in."""
        return self.item.campaign


def award_register(context: Context, connection: Connection, scope: Scope) -> list[GivenAward]:
    """Return the newest awards within ``scope``, newest decision first."""
    states = {
        state
        for book in context.rulebooks.all(connection)
        for state in awarded_states(book.definition)
    }
    given = _given(context, connection, _awarded(connection, scope, states))
    return sorted(given, key=lambda each: (each.decided_on, each.item.code), reverse=True)


def awards_decided(
    context: Context, connection: Connection, scope: Scope, first: date, last: date
) -> Iterator[GivenAward]:
    """Yield every award within ``scope`` that was decided from ``first`` to ``last``, inclusive."""
    states = {
        state
        for book in context.rulebooks.all(connection)
        for state in awarded_states(book.definition)
    }
    for kind, state in sorted(states):
        wanted = ItemFilter(type=kind, state=state)
        before: ItemId | None = None
        while ids := item_ids(connection, scope, wanted, before=before, count=PAGE_LIMIT):
            before = ids[-1]
            found = list(items.items_by_id(connection, ids).values())
            for each in _given(context, connection, found):
                if first.isoformat() <= each.decided_on <= last.isoformat():
                    yield each


def awards_to(
    context: Context, connection: Connection, scope: Scope, nominee: str, *, but: Item
) -> tuple[GivenAward, ...]:
    """Return what ``nominee`` was given, written so or without diacritics, oldest first."""
    name = searchable(nominee)
    if not name:
        return ()
    definition = context.rulebooks.of(connection, but.definition_hash).definition
    found = _awarded(connection, scope, awarded_states(definition), saying=name)
    given = [
        each
        for each in _given(context, connection, found)
        if searchable(each.nominee) == name and each.item.id != but.id
    ]
    return tuple(sorted(given, key=lambda each: each.decided_on))


def nominations_of(
    context: Context, connection: Connection, person: Person
) -> Iterator[tuple[Item, GivenAward | None]]:
    """Yield every nomination of ``person`` that was handed in, with what it brought, newest first.

    Whoever asks must be allowed to: no item is held back here.
    """
    everything = Scope(is_everything=True, department=None)
    text = searchable(person.email)
    for kind, book in context.rulebooks.newest(connection).items():
        if book.definition.nominates is None:
            continue
        wanted = ItemFilter(type=kind, text=text)
        ids = item_ids(connection, everything, wanted, before=None, count=PAGE_LIMIT)
        found = list(items.items_by_id(connection, ids).values())
        contents = context.contents.of(connection, found)
        for item in sorted(found, key=lambda each: each.id, reverse=True):
            own = context.rulebooks.of(connection, item.definition_hash)
            said = own.definition.nominates
            is_theirs = said is not None and nominee_of(said, contents[item.id]) == person.email
            if is_theirs and own.stages[item.state] is not Stage.DRAFTING:
                yield item, award_of(context, connection, item)


def _awarded(
    connection: Connection,
    scope: Scope,
    states: AbstractSet[tuple[str, str]],
    *,
    saying: str | None = None,
) -> list[Item]:
    """Return the items that were awarded, the newest of each kind."""
    ids = [
        identity
        for kind, state in sorted(states)
        for identity in item_ids(
            connection,
            scope,
            ItemFilter(type=kind, state=state, text=saying),
            before=None,
            count=PAGE_LIMIT,
        )
    ]
    return list(items.items_by_id(connection, ids).values())


def award_of(context: Context, connection: Connection, item: Item) -> GivenAward | None:
    """Return the award that an item's nominee was given, withdrawn or not; None where none was."""
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    if (item.type, item.state) not in awarded_states(definition):
        return None
    return next(_given(context, connection, [item]), None)


def nominee_of(said: Nominates, content: Content) -> str:
    """Return whom a nomination names: the first of its fields that says somebody."""
    given = (content.fields.get(each) for each in said.nominee)
    return next((each for each in given if isinstance(each, str) and each), "")


def awarded_states(definition: Definition) -> frozenset[tuple[str, str]]:
    """Return kind and state of every item that was awarded."""
    return frozenset(
        (definition.id, state)
        for each in definition.transitions
        if each.result == "given"
        for state in each.to
    )


def _given(context: Context, connection: Connection, found: Sequence[Item]) -> Iterator[GivenAward]:
    contents = context.contents.of(connection, found)
    people = context.directory(connection, context.clock()).people.values()
    names = {person.email: person.name for person in people}
    for item in found:
        definition = context.rulebooks.of(connection, item.definition_hash).definition
        if definition.nominates is not None:
            entries = history.entries_of(connection, item.subject)
            given = _award_in(context, definition, contents[item.id], entries)
            if given is not None:
                yield _as_given(
                    context.awards, connection, item, definition.nominates, contents[item.id], given
                ).named(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the entries of an item say: the award, and the entry that withdrew it."""

    award: payloads.AwardGiven
    withdrawn: StoredEntry | None


def _award_in(
    context: Context, definition: Definition, content: Content, entries: Sequence[StoredEntry]
) -> _Found | None:
    """Return the last award that the entries tell of; an older one told nothing but that."""
    found: _Found | None = None
    for entry in entries:
        payload = entry.fact.payload
        if isinstance(payload, payloads.TransitionTaken) and payload.award is not None:
            found = _Found(award=payload.award, withdrawn=None)
        elif isinstance(payload, payloads.AwardWithdrawn) and found is not None:
            found = _Found(award=found.award, withdrawn=entry)
        elif isinstance(payload, payloads.Undone):
            found = None
    if found is None and definition.nominates is not None:
        taken = next(
            (
                each
                for each in reversed(entries)
                if isinstance(each.fact.payload, payloads.TransitionTaken)
            ),
            None,
        )
        asked = content.fields.get(definition.nominates.award)
        if taken is not None and isinstance(asked, str):
            day = context.calendar.local_day(taken.at)
            authority = context.awards.authority(asked, day)
            award = payloads.AwardGiven(
                award=asked,
                authority=authority.id if authority else "",
                number="",
                decided_on=day.isoformat(),
            )
            return _Found(award=award, withdrawn=None)
    return found


def _as_given(
    awards: Awards,
    connection: Connection,
    item: Item,
    said: Nominates,
    content: Content,
    found: _Found,
) -> GivenAward:
    award = awards.find(found.award.award)
    authority = awards.authorities.get(found.award.authority)
    why = ""
    if found.withdrawn is not None:
        text = history.text_at(connection, item.subject, found.withdrawn.seq, "comment")
        why = text.text if text is not None else ""
    return GivenAward(
        item=item,
        nominee=nominee_of(said, content),
        kind=_text(content, said.kind),
        award_id=found.award.award,
        called=award.label if award else found.award.award,
        authority_id=found.award.authority,
        authority=authority.label if authority else found.award.authority,
        number=found.award.number,
        decided_on=found.award.decided_on,
        first_day=_text(content, said.first_day),
        last_day=_text(content, said.last_day),
        is_withdrawn=found.withdrawn is not None,
        withdrawn_why=why,
        said={name: _text(content, name) for name in said.counted_by},
    )


def _text(content: Content, field: str | None) -> str:
    given = content.fields.get(field) if field else None
    return given if isinstance(given, str) else ""
