"""What an item's own history says about the next decision.

Who has answered in this step, who has taken which transition.

Owns the reading of entries for the rules. Only decisions that can depend on it read anything.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from sqlalchemy import Connection

from workflow import rules
from workflow.errors import Reason, reason
from workflow.history import EntryType
from workflow.history.agency_payloads import DefinitionPublished
from workflow.history.payloads import SignedOff, Undone
from workflow.model import Holder, Item, ItemId, PersonId
from workflow.people import Directory
from workflow.rules import NOTHING, Past, Rulebook, waiting
from workflow.rules.sign_off import Act
from workflow.store import history, item_decisions, rounds
from workflow.store.history import StoredEntry
from workflow.store.item_decisions import StoredDecision

_ENDS_A_ROUND = frozenset(
    {
        EntryType.EDITED,
        EntryType.TRANSITION,
        EntryType.MIGRATED,
        EntryType.UNDONE,
    }
)
"""After one of these, answers given before count no longer: another content, another step, or other
rules."""

_JUDGED_BY = frozenset({EntryType.SIGNED_OFF, EntryType.TRANSITION, EntryType.UNDONE})


def past_of(
    connection: Connection,
    item: Item,
    rulebook: Rulebook,
    actor: PersonId | None,
    directory: Directory,
) -> Past:
    """Return what a decision of ``actor`` on ``item`` is judged by."""
    has_pairs = actor is not None and bool(rulebook.definition.guarantees.different_people)
    passed = rounds.passed_items(connection, [item] if rulebook.asks_council else [])
    if (
        not has_pairs
        and rulebook.states[item.state].sign_off is None
        and not _stands_in(item, rulebook, actor, directory)
    ):
        return Past(council_passed=True) if passed else NOTHING
    past = _past(item_decisions.decisions_of(connection, item.id), actor)
    return replace(past, council_passed=bool(passed))


def _stands_in(
    item: Item, rulebook: Rulebook, actor: PersonId | None, directory: Directory
) -> bool:
    """Return whether ``actor`` holds ``item`` for somebody else."""
    if not directory.in_force:
        return False
    return any(
        each.person == actor and each.on_behalf_of is not None
        for each in rulebook.holders(item.state, item, directory)
    )


def pasts(
    connection: Connection,
    asked: Sequence[tuple[Item, Rulebook, PersonId | None, str]],
    directory: Directory,
) -> dict[ItemId, Past]:
    """Return the past that each decision can depend on, by item id.

    A decision is asked about as (item, its rules, who acts, transition).

    Who has ever decided on an item is always asked where its transition is kept apart from another,
    or where who acts stands in: positions, rules and who was away may all have been different then,
    so today's tell nothing.
    """
    apart = [
        (item, actor)
        for item, rulebook, actor, transition in asked
        if rulebook.apart.get(transition) or _stands_in(item, rulebook, actor, directory)
    ]
    acted = history.deciders_of(connection, [item.subject for item, _ in apart])
    needed = {item.id for item, actor in apart if actor in acted.get(item.id, ())}
    needed |= {
        item.id
        for item, rulebook, actor, transition in asked
        if _meets_again(item, rulebook, transition, directory, acted.get(item.id, set()) | {actor})
    }
    needed |= {
        item.id
        for item, rulebook, _, _ in asked
        if rulebook.states[item.state].sign_off is not None
    }
    passed = rounds.passed_items(
        connection,
        [
            item
            for item, rulebook, _, transition in asked
            if rulebook.ways(item.state, transition).meets_council
        ],
    )
    found = {item.id: Past(council_passed=True) for item, _, _, _ in asked if item.id in passed}
    for item, _, actor, _ in asked:
        if item.id in needed:
            past = _past(item_decisions.decisions_of(connection, item.id), actor)
            found[item.id] = replace(past, council_passed=item.id in passed)
    return found


def _meets_again(
    item: Item,
    rulebook: Rulebook,
    transition: str,
    directory: Directory,
    acted: AbstractSet[PersonId | None],
) -> bool:
    """Return whether the item may come to somebody who has decided on it already.

    Then it is asked what they did, and whether the process keeps it apart from what they would do.
    A draft that came back is asked too: who decided on it before may have to do so again.
    """
    ways = rulebook.ways(item.state, transition)
    if ways.hands_in:
        return item.step > 1 and bool(rulebook.definition.guarantees.different_people)
    return bool(rulebook.apart.get(transition)) and any(
        holder.person in acted for to in ways.to for holder in rulebook.holders(to, item, directory)
    )


def still_asked(
    connection: Connection, item: Item, rulebook: Rulebook, directory: Directory
) -> tuple[Holder, ...]:
    """Return the holders that ``item`` should have now.

    By the rules of its state, less those who have answered in it.
    """
    sign_off = rulebook.states[item.state].sign_off
    holders = rulebook.holders(item.state, item, directory)
    if sign_off is None:
        return holders
    return waiting(
        sign_off,
        rulebook.groups(item, directory),
        holders,
        past_of(connection, item, rulebook, None, directory),
    )


def able(
    connection: Connection, item: Item, rulebook: Rulebook, holders: Sequence[Holder]
) -> tuple[Holder, ...]:
    """Return who of ``holders`` may take ``item`` on, whatever they have done on it before."""
    acted = history.deciders_of(connection, [item.subject]).get(item.id, set())
    if all(each.person not in acted for each in holders):
        return tuple(holders)
    past = _past(item_decisions.decisions_of(connection, item.id), None)
    return rules.able(rulebook, item.state, holders, past.acts)


def acted_elsewhere(connection: Connection, item: Item) -> frozenset[PersonId]:
    """Return who has decided on ``item`` at another step than its present one, by whatever right.

    For whom they did so does not matter: it is people who are kept apart. What was undone counts
    not.
    """
    return frozenset(
        each.actor
        for each in _standing(history.entries_of(connection, item.subject))
        if each.actor is not None and each.fact.from_state != item.state
    )


def kept_apart(
    connection: Connection, item: Item, target: Rulebook, mover: PersonId | None
) -> tuple[PersonId, ...]:
    """Return who decides on ``item`` no more once it follows ``target``.

    Whoever asks for it (``mover``), and who proposed that version of the process: nobody makes the
    rules for an item that runs and then decides on it, whatever position they have by then.
    """
    found = {mover, _proposer_of(connection, target)} - {None, item.author, *item.recused}
    return tuple(sorted(each for each in found if each is not None))


def _proposer_of(connection: Connection, book: Rulebook) -> PersonId | None:
    """Return who proposed a version of a process, or published it alone; None: the server."""
    for entry in history.entries_of(connection, f"definition:{book.definition.id}"):
        payload = entry.fact.payload
        if entry.fact.definition_hash == book.hash and isinstance(payload, DefinitionPublished):
            return payload.proposed_by if payload.proposed_by is not None else entry.actor
    return None


def separation_lost(
    connection: Connection, item: Item, rulebook: Rulebook, target: Rulebook
) -> list[Reason]:
    """Return which steps of ``item`` the rules of ``target`` keep apart no more, though begun.

    Where somebody has taken the one on this item, they would be free to take the other.
    """
    kept = {frozenset(pair) for pair in target.definition.guarantees.different_people}
    lost = [
        pair
        for pair in rulebook.definition.guarantees.different_people
        if frozenset(pair) not in kept
    ]
    if not lost:
        return []
    entries = history.entries_of(connection, item.subject)
    taken = {each.fact.transition for each in _standing(entries)}
    labels = {each.id: each.label for each in rulebook.definition.transitions}
    return [
        reason(
            "different_people",
            "One of “{first}” and “{second}” has been taken on this item already, and the new "
            "process lets one person take both. Let it end under its own process.",
            first=labels[first],
            second=labels[second],
        )
        for first, second in lost
        if taken & {first, second}
    ]


def _standing(entries: Sequence[StoredEntry]) -> list[StoredEntry]:
    """Return the decisions among ``entries`` that nobody took back."""
    standing: dict[int, StoredEntry] = {}
    for entry in entries:
        if entry.type in _JUDGED_BY:
            payload = entry.fact.payload
            if isinstance(payload, Undone):
                standing.pop(payload.undoes, None)
            else:
                standing[entry.seq] = entry
    return list(standing.values())


def _past(decisions: Sequence[StoredDecision], actor: PersonId | None) -> Past:
    answers: dict[PersonId, str] = {}
    answered = 0
    acts: dict[int, Act] = {}
    for each in decisions:
        if each.type in _ENDS_A_ROUND:
            answers, answered = {}, 0
        if each.type not in _JUDGED_BY:
            continue
        payload, transition = each.payload, each.transition or ""
        if isinstance(payload, SignedOff) and payload.seat is not None:
            answers[payload.seat] = transition
            answered += 1
        if isinstance(payload, Undone):
            acts.pop(payload.undoes, None)
        elif each.actor is not None:
            seat = each.on_behalf_of if each.on_behalf_of is not None else each.actor
            acts[each.seq] = (each.actor, seat, transition)
    mine = [(transition, seat) for who, seat, transition in acts.values() if who == actor]
    return Past(
        answers=answers,
        answered=answered,
        taken=frozenset(transition for transition, _ in mine),
        seats=frozenset(seat for _, seat in mine),
        acts=frozenset(acts.values()),
    )
