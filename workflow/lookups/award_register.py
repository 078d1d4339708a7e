"""The register of awards: what was given to whom, by which decision, read from the history.

Owns no row of its own: every award is what an entry of its item's history says, and a withdrawal is
a later entry; those of earlier years are as they were imported. Nothing here writes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Definition, Stage
from workflow.history import payloads
from workflow.lookups.given_awards import (
    GivenAward,
    as_imported,
    authority_called,
    award_called,
)
from workflow.lookups.list_results import (
    awarded_states,
    outcome_states,
    results_told,
    undecided_in,
)
from workflow.lookups.nominees import Nominee, NomineeKey, nominee_of, texts_naming
from workflow.model import Content, Item, ItemId, Person
from workflow.people import Scope
from workflow.rules import ONE, known_as, nominees_of
from workflow.rules import NomineeRow as Row
from workflow.store import history, items, past_awards
from workflow.store.history import StoredEntry
from workflow.store.listing import PAGE_LIMIT, ItemFilter, all_ids, item_ids
from workflow.values import searchable

_MOST_READ = 2000
"""Newest items that are read for what nominees were given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """A page of the register, the newest nomination first; ``after``: where the next begins."""

    awards: tuple[GivenAward, ...]
    undecided: tuple[tuple[str, str], ...]
    """Nominees of these lists of whom nothing is recorded yet: the award's code, and the name."""
    after: ItemId | None


def award_register(
    context: Context, connection: Connection, scope: Scope, *, before: int | None, count: int
) -> RegisterPage:
    """Return what the ``count`` newest nominations older than ``before`` within ``scope`` gave."""
    states = _all_awarded_states(context, connection)
    found = _awarded(connection, scope, states, before=before)
    page = found[: min(count, PAGE_LIMIT)]
    return RegisterPage(
        awards=tuple(_given_awards(context, connection, page)),
        undecided=tuple(undecided_in(context, connection, page)),
        after=page[-1].id if len(found) > len(page) else None,
    )


def awards_decided(
    context: Context, connection: Connection, scope: Scope, first: date, last: date
) -> Iterator[GivenAward]:
    """Yield every award within ``scope`` that was decided from ``first`` to ``last``, inclusive."""
    for kind, state in sorted(_all_awarded_states(context, connection)):
        wanted = ItemFilter(type=kind, state=state)
        before: ItemId | None = None
        while ids := item_ids(connection, scope, wanted, before=before, count=PAGE_LIMIT):
            before = ids[-1]
            found = list(items.items_by_id(connection, ids).values())
            for each in _given_awards(context, connection, found):
                if first.isoformat() <= each.decided_on <= last.isoformat():
                    yield each
    yield from as_imported(
        context, connection, past_awards.past_awards_decided(connection, scope, first, last)
    )


def awards_to(
    context: Context,
    connection: Connection,
    scope: Scope,
    nominees: Sequence[Nominee],
    *,
    but: Item,
) -> list[tuple[GivenAward, ...]]:
    """Return what each of ``nominees`` was given, oldest first.

    A name written so or without diacritics, a person by whichever of their addresses. However many
    they are, the database is asked once for what is recorded, and once for what was imported.
    """
    texts = texts_naming(context.directory(connection, context.clock()), nominees)
    if not texts:
        return [() for _ in nominees]
    definition = context.rulebooks.of(connection, but.definition_hash).definition
    ids = [
        each
        for kind, state in sorted(outcome_states(definition))
        for each in all_ids(
            connection,
            scope,
            ItemFilter(type=kind, state=state, any_text=texts),
            most=_MOST_READ,
        )
        if each != but.id
    ]
    found = items.items_by_id(connection, ids)
    wanted = {each.key for each in nominees if each.is_somebody}
    given: dict[NomineeKey, list[GivenAward]] = defaultdict(list)
    for each in _given_awards(context, connection, [found[identity] for identity in ids], wanted):
        given[each.nominee.key].append(each)
    known = [known_as(*key) for key in wanted]
    imported = [
        each
        for each in past_awards.past_awards_to(connection, known)
        if scope.is_everything or (each.department and scope.covers(each.department))
    ]
    for each in as_imported(context, connection, imported):
        given[each.nominee.key].append(each)
    return [
        tuple(sorted(given.get(each.key, ()), key=lambda one: one.decided_on)) for each in nominees
    ]


def nominations_of(
    context: Context, connection: Connection, person: Person
) -> Iterator[tuple[Item, GivenAward | None]]:
    """Yield every nomination of ``person`` that was handed in, with what it brought, newest first.

    Whoever asks must be allowed to: no item is held back here.
    """
    everything = Scope(is_everything=True, department=None)
    directory = context.directory(connection, context.clock())
    addresses = tuple(map(searchable, directory.addresses_of(person.id)))
    for kind, book in context.rulebooks.newest(connection).items():
        if book.definition.nominates is None or not addresses:
            continue
        wanted = ItemFilter(type=kind, any_text=addresses)
        ids = all_ids(connection, everything, wanted, most=_MOST_READ)
        found = items.items_by_id(connection, ids)
        contents = context.contents.of(connection, list(found.values()))
        for item in (found[each] for each in ids):
            own = context.rulebooks.of(connection, item.definition_hash)
            rows = [
                each.row
                for each in nominees_of(own.definition, contents[item.id])
                if nominee_of(own.definition, directory, item, each.content).person == person.id
            ]
            if rows and own.stages[item.state] is not Stage.DRAFTING:
                given = {each.row: each for each in awards_of(context, connection, item)}
                yield from ((item, given.get(row)) for row in rows)


def _awarded(
    connection: Connection,
    scope: Scope,
    states: AbstractSet[tuple[str, str]],
    *,
    before: int | None = None,
) -> list[Item]:
    """Return the items that were awarded, the newest first below ``before``, one beyond a page."""
    ids = [
        identity
        for kind, state in sorted(states)
        for identity in item_ids(
            connection,
            scope,
            ItemFilter(type=kind, state=state),
            before=before,
            count=PAGE_LIMIT + 1,
        )
    ]
    newest = sorted(ids, reverse=True)[: PAGE_LIMIT + 1]
    found = items.items_by_id(connection, newest)
    return [found[each] for each in newest]


def awards_of(context: Context, connection: Connection, item: Item) -> list[GivenAward]:
    """Return what the nominees of an item were given, withdrawn or not, in the order of its list.

    Nothing where none was recorded.
    """
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    if (item.type, item.state) not in outcome_states(definition):
        return []
    return list(_given_awards(context, connection, [item]))


def _all_awarded_states(context: Context, connection: Connection) -> frozenset[tuple[str, str]]:
    """Return the states in which items of any process version say which award was given."""
    return frozenset(
        state
        for book in context.rulebooks.all(connection)
        for state in outcome_states(book.definition)
    )


def _given_awards(
    context: Context,
    connection: Connection,
    found: Sequence[Item],
    wanted: AbstractSet[NomineeKey] | None = None,
) -> Iterator[GivenAward]:
    """Yield what the nominees of items were given; ``wanted``: the keys of these nominees alone."""
    contents = context.contents.of(connection, found)
    directory = context.directory(connection, context.clock())
    chains = history.entries_by_subject(connection, [each.subject for each in found])
    for item in found:
        definition = context.rulebooks.of(connection, item.definition_hash).definition
        entries = chains[item.subject]
        is_awarded = (item.type, item.state) in awarded_states(definition)
        for row in _known_rows(definition, contents[item.id], entries):
            if row.row == ONE and not is_awarded:
                continue
            given = _award_in(context, definition, row, entries)
            if given is None:
                continue
            nominee = nominee_of(definition, directory, item, row.content)
            if wanted is None or nominee.key in wanted:
                receiver = _Receiver(row=row, nominee=nominee)
                yield _as_given(context, connection, item, receiver, given)


def _known_rows(
    definition: Definition, content: Content, entries: Sequence[StoredEntry]
) -> list[Row]:
    """Return whom an item names; of a list that was erased the rows that its entries tell of."""
    known = nominees_of(definition, content)
    gone = sorted(results_told(entries).keys() - {each.row for each in known})
    return [*known, *(Row(row=row, content=content, name="", kind="") for row in gone)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the entries of an item say: the award, and the entry that withdrew it."""

    award: payloads.AwardGiven
    withdrawn: StoredEntry | None
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Receiver:
    """A row of an item, and whom it names."""

    row: Row
    nominee: Nominee


def _award_in(
    context: Context, definition: Definition, row: Row, entries: Sequence[StoredEntry]
) -> _Found | None:
    """Return the last award that the entries tell of; an older one told nothing but that."""
    found: _Found | None = None
    content = row.content
    for entry in entries:
        payload = entry.fact.payload
        if isinstance(payload, payloads.TransitionTaken):
            award = _award_for(row, payload)
            if award or payload.nominees:
                found = _Found(award=award, withdrawn=None) if award else None
        elif isinstance(payload, payloads.NomineeDecided) and payload.nominee.row == row.row:
            award = payload.nominee.award
            found = _Found(award=award, withdrawn=None, is_late=True) if award else found
        elif isinstance(payload, payloads.AwardWithdrawn) and payload.nominee == row.row:
            found = replace(found, withdrawn=entry) if found else None
        elif isinstance(payload, payloads.Undone):
            found = None
    if found is None and row.row == ONE and definition.nominates is not None:
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


def _award_for(row: Row, payload: payloads.TransitionTaken) -> payloads.AwardGiven | None:
    """Return which award a decision gave to a nominee."""
    if row.row == ONE:
        return payload.award
    return next((each.award for each in payload.nominees if each.row == row.row), None)


def _as_given(
    context: Context, connection: Connection, item: Item, receiver: _Receiver, found: _Found
) -> GivenAward:
    content = receiver.row.content
    said = context.rulebooks.of(connection, item.definition_hash).definition.nominates
    why = ""
    if found.withdrawn is not None:
        text = history.text_at(connection, item.subject, found.withdrawn.seq, "comment")
        why = text.text if text is not None else ""
    return GivenAward(
        item=item,
        row=receiver.row.row,
        nominee=receiver.nominee,
        kind=_text(content, said.kind if said else None),
        award_id=found.award.award,
        called=award_called(context, found.award.award),
        authority_id=found.award.authority,
        authority=authority_called(context, found.award.authority),
        department=item.department,
        # A title is of a year; a form that is recorded here is of the item's movement.
        commendation="regular" if context.awards.is_title(found.award.award) else "themed",
        number=found.award.number,
        decided_on=found.award.decided_on,
        first_day=_text(content, said.first_day if said else None),
        last_day=_text(content, said.last_day if said else None),
        is_withdrawn=found.withdrawn is not None,
        withdrawn_why=why,
        is_late=found.is_late,
        said={name: _text(content, name) for name in (said.counted_by if said else ())},
    )


def _text(content: Content, field: str | None) -> str:
    given = content.fields.get(field) if field else None
    return given if isinstance(given, str) else ""


def reported_of(connection: Connection, item: Item) -> payloads.DecisionReported | None:
    """Return the decision on awards that an item's dossier reported last, or None."""
    facts = [entry.fact.payload for entry in history.entries_of(connection, item.subject)]
    told = [each.reports for each in facts if isinstance(each, payloads.Decision) and each.reports]
    return told[-1] if told else None
