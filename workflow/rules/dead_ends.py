"""Whether the people who work here can decide an item to its end, seen before it is handed in.

Owns the search for a way through: who holds each later step, and whom the process keeps apart by
what they have done before. Pure. It stops nobody for what time mends: where a step would have
nobody whoever had written the item, the agency lacks somebody, and the Office is told when an item
comes there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from workflow.definition import Actor, State, Transition
from workflow.errors import Reason, reason
from workflow.model import Holder, Item, PersonId
from workflow.rules.reasons import closed_reasons, content_reasons, offered
from workflow.rules.rulebook import Rulebook
from workflow.rules.sign_off import Act, Past, seat_of, settled
from workflow.rules.situation import Situation

_NOBODY = PersonId(0)
_Acts = frozenset[Act]


def incomplete_reasons(
    rulebook: Rulebook, transition: Transition, situation: Situation, past: Past
) -> Iterator[Reason]:
    """Yield every reason why ``transition``, though permitted, would be refused in ``situation``.

    What the content lacks; and where it hands the item in, that it could not be decided to its end.
    """
    yield from content_reasons(transition, situation)
    if transition.hands_in and (state := dead_end(rulebook, transition, situation, past)):
        yield reason(
            "dead_end",
            "Nobody would be left to decide at the step “{state}”: whoever could is the author, is "
            "named in the item, or has to decide at another step of it. Let somebody else draft "
            "it, or ask the Office to record a delegation for that step.",
            state=state.label_now,
        )


def dead_end(
    rulebook: Rulebook, transition: Transition, situation: Situation, past: Past
) -> State | None:
    """Return the step at which the item could not go on once ``transition`` is taken.

    None where somebody could decide at every step to the end, and where even a stranger's item
    would find nobody.
    """
    # With a consolidated report it comes to the same people.
    alone = replace(situation, item=replace(situation.item, gathered_in=None))
    search = _Search(rulebook=rulebook, situation=alone)
    if any(search.leads_on(to, past.acts) for to in transition.to):
        return None
    if not any(search.is_staffed(to) for to in transition.to):
        return None
    return search.stuck_at


def able(
    rulebook: Rulebook, state: str, holders: Sequence[Holder], acts: AbstractSet[Act]
) -> tuple[Holder, ...]:
    """Return who of ``holders`` may take an item on from ``state``, whatever they did before."""
    apart = rulebook.apart_on(state)
    if not any(apart):
        return tuple(holders)
    return tuple(
        each for each in holders if not _is_kept_from(apart, _transitions_taken(acts, each.person))
    )


def _is_kept_from(apart: Sequence[frozenset[str]], taken: frozenset[str]) -> bool:
    """Return whether each way on is kept apart from something ``taken``."""
    return all(not kept.isdisjoint(taken) for kept in apart)


def _transitions_taken(acts: AbstractSet[Act], person: PersonId) -> frozenset[str]:
    return frozenset(transition for who, _, transition in acts if who == person)


@dataclass(slots=True, kw_only=True)
class _Search:
    """One search for a way through; ``stuck_at``: the furthest step that nobody could take."""

    rulebook: Rulebook
    situation: Situation
    stuck_at: State | None = None
    _failed: set[tuple[str, _Acts]] = field(default_factory=set)
    _steps: Counter[PersonId] | None = None
    """How many steps each person holds."""

    def leads_on(self, state: str, acts: _Acts) -> bool:
        """Return whether an item in ``state`` could be decided to its end after ``acts``."""
        here = self._situation_in(state)
        ways = self._ways(here)
        if self.rulebook.states[state].final or not ways:
            return True
        if (state, acts) in self._failed:
            return False
        has_takers = False
        for way, to in ways:
            for then in self._acts_after(way, here, acts):
                has_takers = True
                if self.leads_on(to, then):
                    return True
        if not has_takers:
            self._note(state)
        self._failed.add((state, acts))
        return False

    def is_staffed(self, state: str) -> bool:
        """Return whether every step from ``state`` on finds somebody for a stranger's item."""
        here = self._situation_in(state)
        ways = self._ways(here)
        if self.rulebook.states[state].final or not ways:
            return True
        stranger = replace(here.item, author=_NOBODY, concerned=(), recused=())
        held = self.rulebook.holders(state, stranger, here.directory)
        return any(self.is_staffed(to) for way, to in ways if held or way.by is not Actor.HOLDER)

    def _situation_in(self, state: str) -> Situation:
        item = self.situation.item
        moved: Item = replace(item, state=state, step=item.step + 1, reassigned=())
        return replace(self.situation, item=moved, actor=None)

    def _ways(self, here: Situation) -> list[tuple[Transition, str]]:
        open_ways = [offered(self.rulebook, here, each) for each in self.rulebook.transition_ids]
        found = [each for each in open_ways if each is not None]
        return self.rulebook.ways_on(here.item.state, found)

    def _acts_after(self, way: Transition, here: Situation, acts: _Acts) -> Iterator[_Acts]:
        """Yield what would have been done on the item if ``way`` were taken, by each who may."""
        if way.by is not Actor.HOLDER:
            yield acts
            return
        state = self.rulebook.states[here.item.state]
        holders = self.rulebook.holders(state.id, here.item, here.directory)
        free = [each for each in holders if self._may_take(way, here, each, acts)]
        done = {
            each: frozenset(
                {(each.person, seat_of(each), way.id)} if self._is_asked_twice(each) else ()
            )
            for each in free
        }
        if state.sign_off is None or way.id != state.sign_off.approve:
            yield from dict.fromkeys(acts | each for each in done.values())
            return
        answers = {seat_of(each): way.id for each in free}
        groups = self.rulebook.groups(here.item, here.directory)
        if settled(state.sign_off, groups, answers) == way.id:
            yield acts.union(*done.values())

    def _is_asked_twice(self, holder: Holder) -> bool:
        """Return whether they hold several steps of the item.

        What others do keeps nobody from a later step, so it need not be told apart.
        """
        if self._steps is None:
            held = [
                self.rulebook.holders(
                    state.id, self._situation_in(state.id).item, self.situation.directory
                )
                for state in self.rulebook.states.values()
            ]
            self._steps = Counter(each.person for holders in held for each in holders)
        return self._steps[holder.person] > 1

    def _may_take(self, way: Transition, here: Situation, holder: Holder, acts: _Acts) -> bool:
        past = Past(
            taken=_transitions_taken(acts, holder.person),
            seats=frozenset(seat for who, seat, _ in acts if who == holder.person),
        )
        actor = here.directory.active(holder.person)
        return actor is not None and not closed_reasons(
            self.rulebook, way, replace(here, actor=actor), past
        )

    def _note(self, state: str) -> None:
        known = self.stuck_at
        if known is None or self.rulebook.is_before(known.id, state):
            self.stuck_at = self.rulebook.states[state]
