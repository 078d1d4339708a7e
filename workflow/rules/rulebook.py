"""The rulebook: which transition leads from which state to which, and who holds an item there.

The sole user of the ``transitions`` library. One machine per definition version is built at load,
with the definition's conditions attached to its transitions; each move is one trigger of it, with
a throw-away position. It knows no item and never changes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from transitions import Machine

from workflow.definition import (
    Actor,
    Definition,
    GuardUse,
    ObligationStage,
    Requirement,
    Stage,
    State,
    Transition,
    signed_states,
    stages_of,
    tones_of,
)
from workflow.model import Holder, Item, PersonId
from workflow.people import Directory
from workflow.rules.council import council_guards
from workflow.rules.guards import GUARDS, applies, unmet
from workflow.rules.holders import groups_of, holders_of, with_moves
from workflow.rules.situation import Situation
from workflow.rules.ways import NO_WAYS, Ways, ways_of

_HeldKey = tuple[object, ...]
"""What holders depend on beside the directory: state, whose the item is, who was put in whose
place. Bare values: a decision asks four times, and a dataclass hashed each time took 4 µs of it."""


class MachineModel:
    """Where one item stands while the machine moves it; thrown away afterwards."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


class Rulebook:
    """The states and transitions of one definition version, ready to be asked."""

    def __init__(self, definition: Definition, definition_hash: str) -> None:
        self.definition = definition
        self.hash = definition_hash
        self.states: dict[str, State] = {state.id: state for state in definition.states}
        self._places = {state: place for place, state in enumerate(self.states)}
        self.transition_ids = tuple(dict.fromkeys(each.id for each in definition.transitions))
        self.fields_taken = {each: _fields_taken(definition, each) for each in self.transition_ids}
        self.council_states = frozenset(
            each for each in self.states if council_guards(definition, each)
        )
        self.asks_council = bool(self.council_states)
        alternatives = _alternatives(definition)
        self._ways = {
            (state, each): ways_of(definition, state, found, self.council_states)
            for (state, each), found in alternatives.items()
        }
        self._meanings = {each.id: each for each in reversed(definition.transitions)}
        self._offers = {state: tuple(self._offered(state)) for state in self.states}
        self._triggers = _machine(definition, alternatives).events
        self.apart: dict[str, frozenset[str]] = {
            each: frozenset(
                other
                for pair in definition.guarantees.different_people
                for other in pair
                if each in pair and other != each
            )
            for each in self.transition_ids
        }
        self.stages = stages_of(definition)
        self.tones = tones_of(definition)
        self.signed_states = signed_states(definition)
        self._apart_on = {state: tuple(self._kept_apart(state)) for state in self.states}
        # The last directory asked about and what it answered; one attribute, so that threads never
        # see half of it.
        self._held: tuple[Directory | None, dict[_HeldKey, tuple[Holder, ...]]] = (None, {})

    def alternatives(self, state: str, transition_id: str) -> tuple[Transition, ...]:
        """Return the transitions that ``state`` has under this id, in the definition's order.

        Conditions choose among them.
        """
        return self.ways(state, transition_id).transitions

    def ways(self, state: str, transition_id: str) -> Ways:
        """Return what those transitions ask of a decision; ``NO_WAYS`` where there are none."""
        return self._ways.get((state, transition_id), NO_WAYS)

    def taken(self, from_state: str, transition_id: str) -> Transition | None:
        """Return the transition as it leads out of ``from_state``, else the first of its id."""
        return next(iter(self.alternatives(from_state, transition_id)), self.meaning(transition_id))

    def meaning(self, transition_id: str) -> Transition | None:
        """Return the first transition of this id; what it means, all that share the id mean."""
        return self._meanings.get(transition_id)

    def offers(self, state: str) -> tuple[Transition, ...]:
        """Return what ``state`` may offer, in the definition's order."""
        return self._offers[state]

    def ways_on(self, state: str, offers: Sequence[Transition]) -> list[tuple[Transition, str]]:
        """Return what among ``offers`` leads further from ``state``, and where to.

        What gives the item up counts only where nothing else leads further, and never by the
        author.
        """
        found = [(each, to) for each in offers for to in each.to if self.is_before(state, to)]
        hopeful = [(each, to) for each, to in found if self.stages[to] is not Stage.GIVEN_UP]
        return hopeful or [(each, to) for each, to in found if each.by is Actor.HOLDER]

    def apart_on(self, state: str) -> tuple[frozenset[str], ...]:
        """Return, for each way on that a holder in ``state`` has, what is kept apart from it."""
        return self._apart_on[state]

    def _offered(self, state: str) -> Iterator[Transition]:
        for transition_id in self.transition_ids:
            yield from self.alternatives(state, transition_id)

    def _kept_apart(self, state: str) -> Iterator[frozenset[str]]:
        for way, _ in self.ways_on(state, self.offers(state)):
            if way.by is Actor.HOLDER:
                yield self.apart[way.id]

    def sending(self, state: str) -> Transition | None:
        """Return the transition by which an item leaves ``state`` with a number, or None."""
        return next((each for each in self.offers(state) if each.numbered and each.sends), None)

    def is_before(self, state: str, other: str) -> bool:
        """Return whether ``state`` comes before ``other``: the definition names them in order."""
        return self._places[state] < self._places[other]

    def is_handed_in(self, state: str) -> bool:
        """Return whether an item in ``state`` answers its department's deadline.

        Where the definition says so, and once it was sent.
        """
        return self.states[state].meets_deadline or self.stages[state] is Stage.THROUGH

    def obligation_stage(self, state: str) -> ObligationStage:
        """Return how far an item in ``state`` is with what its department owes."""
        if self.is_handed_in(state):
            return ObligationStage.HANDED_IN
        match self.stages[state]:
            case Stage.DRAFTING:
                return ObligationStage.DRAFTING
            case Stage.GIVEN_UP:
                return ObligationStage.GIVEN_UP
            case _:
                return ObligationStage.AWAITING_APPROVAL

    def target(
        self, state: str, transition_id: str, to: str, situation: Situation | None = None
    ) -> str | None:
        """Return the state that the machine reaches from ``state``, or None where it does not move.

        ``to``: the destination chosen. Without a situation the definition's conditions count as
        held: that is the graph alone.
        """
        if not self.alternatives(state, transition_id):
            return None
        position = MachineModel(state)
        has_moved = self._triggers[transition_id].trigger(position, to, situation)
        return position.state if has_moved else None

    def holders(self, state: str, item: Item, directory: Directory) -> tuple[Holder, ...]:
        """Return the holders of ``item`` in ``state``.

        Remembered for as long as the directory is the same value.
        """
        known = self._held
        if known[0] is not directory:
            known = self._held = (directory, {})
        moves = (
            tuple(each for each in item.reassigned if each.step == item.step)
            if item.reassigned and state == item.state
            else ()
        )
        key = (
            state,
            item.type,
            item.author,
            item.department,
            item.recused,
            item.concerned,
            moves,
        )
        found = known[1].get(key)
        if found is None:
            origin = item.origin
            by_rule = holders_of(self.states[state], origin, directory)
            groups = groups_of(self.states[state], origin, directory) if moves else ()
            asked = {each for group in groups for each in group} - directory.away
            found = known[1][key] = with_moves(by_rule, moves, asked)
        return found

    def groups(self, item: Item, directory: Directory) -> tuple[tuple[PersonId, ...], ...]:
        """Return the seats that each rule finds where ``item`` is."""
        return groups_of(self.states[item.state], item.origin, directory)

    def stands_for_author(self, item: Item, directory: Directory, person: PersonId) -> bool:
        """Return whether ``person`` may take what the author of ``item`` may take where it is.

        The author may, and in a state that they hold so may whom its rules find.
        """
        return person == item.author or (
            self.states[item.state].held_by_author
            and any(person in group for group in self.groups(item, directory))
        )


def _fields_taken(definition: Definition, transition_id: str) -> frozenset[str]:
    """Return which optional fields of a request the transition takes, in any of its states."""
    taken: set[str] = set()
    for each in definition.transitions:
        if each.id == transition_id:
            taken |= {"number", "issued_on", "channel"} if each.numbered else set()
            taken |= (
                {"award", "authority", "decision_number", "decided_on", "nominees"}
                if each.result == "given"
                else set()
            )
            taken |= (
                {"decision_number", "decided_on"} if each.sends and definition.nominates else set()
            )
            taken |= {"pin", "totp"} if each.second_factor else set()
            taken |= {"to"} if len(each.to) > 1 else set()
            taken |= (
                {"mend"}
                if each.by is Actor.HOLDER
                and any(state.id in each.to and state.editable for state in definition.states)
                else set()
            )
    return frozenset(taken)


_Condition = Callable[[str, Situation | None], bool]
"""Asked by the machine with the destination chosen and the situation; callables, since a dotted
string would be imported."""


def _alternatives(definition: Definition) -> dict[tuple[str, str], tuple[Transition, ...]]:
    """Return the transitions by state and id, in the definition's order."""
    found: dict[tuple[str, str], tuple[Transition, ...]] = {}
    for each in definition.transitions:
        for state in each.from_states:
            found[state, each.id] = (*found.get((state, each.id), ()), each)
    return found


def _machine(
    definition: Definition, alternatives: Mapping[tuple[str, str], Sequence[Transition]]
) -> Machine:
    return Machine(
        model=None,
        states=[state.id for state in definition.states],
        initial=definition.initial,
        auto_transitions=False,
        queued=False,
        transitions=[
            {
                "trigger": each.id,
                "source": source,
                "dest": destination,
                "conditions": [
                    _chosen(destination),
                    *_conditions(each, alternatives[source, each.id]),
                ],
            }
            for each in definition.transitions
            for source in each.from_states
            for destination in each.to
        ],
    )


def _chosen(destination: str) -> _Condition:
    return lambda to, _: to == destination


def _conditions(transition: Transition, alternatives: Sequence[Transition]) -> Iterator[_Condition]:
    """Yield that it is the first alternative that is there, and each guard and requirement."""
    if len(alternatives) > 1 or transition.when:
        yield (
            lambda _, situation: (
                situation is None
                or next((each for each in alternatives if applies(each, situation)), None)
                is transition
            )
        )
    for use in transition.guards:
        yield _guarded(use)
    for requirement in transition.requires:
        yield _required(requirement)


def _guarded(use: GuardUse) -> _Condition:
    check, parameters = GUARDS[use.name].check, use.parameters
    return lambda _, situation: situation is None or check(situation, **parameters) is None


def _required(requirement: Requirement) -> _Condition:
    return lambda _, situation: situation is None or unmet(requirement, situation) is None
