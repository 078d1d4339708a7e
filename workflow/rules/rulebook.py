"""The rulebook: which transition leads from which state to which, and who holds an item there.

The sole user of the ``transitions`` library. One machine per definition version is built at load, and every move it
allows is asked of it once, with a throw-away position; a decision then only looks the answer up. It never changes.
"""

from collections.abc import Callable, Iterator

from transitions import Machine, MachineError

from workflow.definition import Actor, Definition, Stage, State, Transition, stages_of
from workflow.model import DepartmentId, Holder, Item, PersonId, Reassignment
from workflow.people import Directory
from workflow.rules.holders import groups_of, holders_of, with_moves

_HeldKey = tuple[str, PersonId, DepartmentId, tuple[PersonId, ...], tuple[Reassignment, ...]]
"""What holders depend on beside the directory: state, author, department, who is recused, who was put in whose place."""


class Position:
    """Where one item stands while a transition is tried; thrown away afterwards."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


class Rulebook:
    """The states and transitions of one definition version, ready to be asked."""

    def __init__(self, definition: Definition, definition_hash: str) -> None:
        self.definition = definition
        self.hash = definition_hash
        self.states: dict[str, State] = {state.id: state for state in definition.states}
        self.transition_ids = tuple(dict.fromkeys(each.id for each in definition.transitions))
        self.fields_taken = {each: _fields_taken(definition, each) for each in self.transition_ids}
        self._alternatives: dict[tuple[str, str], tuple[Transition, ...]] = {}
        for transition in definition.transitions:
            for state in transition.from_states:
                self._alternatives[state, transition.id] = (
                    *self._alternatives.get((state, transition.id), ()),
                    transition,
                )
        self._moves = dict(_moves(definition))
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
        # The last directory asked about and what it answered; one attribute, so that threads never see half of it.
        self._held: tuple[Directory | None, dict[_HeldKey, tuple[Holder, ...]]] = (None, {})

    def alternatives(self, state: str, transition_id: str) -> tuple[Transition, ...]:
        """Return the transitions that ``state`` has under this id, in the definition's order; conditions choose among them."""
        return self._alternatives.get((state, transition_id), ())

    def offers(self, state: str) -> list[Transition]:
        """Return what ``state`` may offer, in the definition's order."""
        return [
            each
            for transition_id in self.transition_ids
            for each in self.alternatives(state, transition_id)
        ]

    def is_handed_in(self, state: str) -> bool:
        """Return whether an item in ``state`` answers its department's deadline: where the definition says so, and once it was sent."""
        return self.states[state].meets_deadline or self.stages[state] is Stage.THROUGH

    def target(self, state: str, transition_id: str, to: str) -> str | None:
        """Return the state that ``transition_id`` reaches from ``state`` when ``to`` is chosen, or None if it may not."""
        return self._moves.get((state, transition_id, to))

    def holders(self, state: str, item: Item, directory: Directory) -> tuple[Holder, ...]:
        """Return the holders of ``item`` in ``state``; remembered for as long as the directory is the same value."""
        known = self._held
        if known[0] is not directory:
            known = self._held = (directory, {})
        moves = (
            tuple(each for each in item.reassigned if each.step == item.step)
            if item.reassigned and state == item.state
            else ()
        )
        key = (state, item.author, item.department, item.recused, moves)
        found = known[1].get(key)
        if found is None:
            by_rule = holders_of(
                self.states[state],
                kind=self.definition.id,
                author=item.author,
                department=item.department,
                directory=directory,
                recused=item.recused,
            )
            found = known[1][key] = with_moves(
                by_rule, moves, directory, barred={item.author, *item.recused}
            )
        return found

    def groups(self, item: Item, directory: Directory) -> tuple[tuple[PersonId, ...], ...]:
        """Return the seats that each rule finds where ``item`` is."""
        return groups_of(
            self.states[item.state],
            author=item.author,
            department=item.department,
            directory=directory,
            recused=item.recused,
        )


def _fields_taken(definition: Definition, transition_id: str) -> frozenset[str]:
    """Return which optional fields of a request the transition takes, in any state that offers it."""
    taken: set[str] = set()
    for each in definition.transitions:
        if each.id == transition_id:
            taken |= {"number", "issued_on", "channel"} if each.numbered else set()
            taken |= {"pin", "totp"} if each.second_factor else set()
            taken |= {"to"} if len(each.to) > 1 else set()
            taken |= (
                {"mend"}
                if each.by is Actor.HOLDER
                and any(state.id in each.to and state.editable for state in definition.states)
                else set()
            )
    return frozenset(taken)


def _moves(definition: Definition) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Yield every move that the machine makes: from state, transition and chosen destination to the state reached."""
    machine = _machine(definition)
    for each in definition.transitions:
        for source in each.from_states:
            for to in each.to:
                position = Position(source)
                try:
                    has_moved = machine.events[each.id].trigger(position, to)
                except MachineError:  # pragma: no cover - the loader has checked every id
                    continue
                if has_moved:
                    yield (source, each.id, to), position.state


def _machine(definition: Definition) -> Machine:
    # Guards are judged before the machine moves, because a refusal must name every reason; the machine itself only
    # picks among the destinations of one id. Its conditions are callables: a dotted string would be imported.
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
                "conditions": [_chosen(destination)],
            }
            for each in definition.transitions
            for source in each.from_states
            for destination in each.to
        ],
    )


def _chosen(destination: str) -> Callable[[str], bool]:
    def is_chosen(to: str) -> bool:
        return to == destination

    return is_chosen
