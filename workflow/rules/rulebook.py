"""The rulebook: which transition leads from which state to which.

The sole user of the ``transitions`` library. One machine per definition version, built at load and never changed; a
throw-away position is driven through it. It knows nothing of persons.
"""

from collections.abc import Callable
from typing import Any

from transitions import Machine, MachineError

from workflow.definition import Definition, State, Transition


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
        self._offered: dict[tuple[str, str], Transition] = {
            (state, transition.id): transition for transition in definition.transitions for state in transition.from_states
        }
        self._events: dict[str, Any] = _machine(definition).events

    def offered(self, state: str, transition_id: str) -> Transition | None:
        """Return the transition that ``state`` offers under this id, or None."""
        return self._offered.get((state, transition_id))

    def offers(self, state: str) -> list[Transition]:
        """Return what ``state`` offers, in the definition's order."""
        return [found for each in self.transition_ids if (found := self._offered.get((state, each)))]

    def target(self, state: str, transition_id: str, to: str) -> str | None:
        """Return the state that ``transition_id`` reaches from ``state`` when ``to`` is chosen, or None if it may not."""
        position = Position(state)
        try:
            has_moved = self._events[transition_id].trigger(position, to)
        except (MachineError, KeyError):
            return None
        return position.state if has_moved else None


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
            {"trigger": each.id, "source": source, "dest": destination, "conditions": [_chosen(destination)]}
            for each in definition.transitions
            for source in each.from_states
            for destination in each.to
        ],
    )


def _chosen(destination: str) -> Callable[[str], bool]:
    def is_chosen(to: str) -> bool:
        return to == destination

    return is_chosen
