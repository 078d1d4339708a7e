"""Graph checks of one definition.

One function each, all offenders named with their place in the file.
"""

from collections.abc import Callable, Collection, Iterator

from workflow.definition import Actor, Definition, FileProblem, Source
from workflow.messages import lazy

Edge = tuple[str, str]
"""From one state to another."""


def graph_problems(definition: Definition, source: Source) -> Iterator[FileProblem]:
    """Yield every problem of the graph of states."""
    for check in _CHECKS:
        yield from check(definition, source)


def edges(definition: Definition) -> set[Edge]:
    """Return every move between states, by a transition or an edit that voids approvals."""
    moves = {
        (state, to)
        for each in definition.transitions
        for state in each.from_states
        for to in each.to
    }
    return moves | {
        (state.id, state.edit_voids.to) for state in definition.states if state.edit_voids
    }


def reached(start: Collection[str], moves: Collection[Edge]) -> set[str]:
    """Return the states that ``start`` leads to by ``moves``, itself among them."""
    found = set(start)
    grows = True
    while grows:
        new = {to for state, to in moves if state in found} - found
        grows = bool(new)
        found |= new
    return found


def reachable_states(definition: Definition) -> set[str]:
    """Return the states that an item can come to."""
    return reached({definition.initial}, edges(definition))


def _unreachable(definition: Definition, source: Source) -> Iterator[FileProblem]:
    found = reachable_states(definition)
    for index, state in enumerate(definition.states):
        if state.id not in found:
            yield source.problem(
                ("states", index),
                lazy("no way leads to the state '{id}'", id=state.id),
                lazy("add a transition to it or remove the state"),
            )


def _dead_ends(definition: Definition, source: Source) -> Iterator[FileProblem]:
    left = {state for each in definition.transitions for state in each.from_states}
    for index, state in enumerate(definition.states):
        if state.final and state.id in left:
            yield source.problem(
                ("states", index),
                lazy("the final state '{id}' still has transitions out of it", id=state.id),
                lazy("remove 'final: true' or remove the transitions"),
            )
        if not state.final and state.id not in left:
            yield source.problem(
                ("states", index),
                lazy("the state '{id}' has no transition out of it", id=state.id),
                lazy("add a transition or write 'final: true'"),
            )


def _endless(definition: Definition, source: Source) -> Iterator[FileProblem]:
    """Name the states that only lead around: none of their ways comes to a final state."""
    final = {state.id for state in definition.states if state.final}
    if not final:
        yield source.problem(
            ("states",),
            lazy("the process has no final state"),
            lazy("write 'final: true' for at least one state"),
        )
        return
    ending = reached(final, [(to, state) for state, to in edges(definition)])
    left = {state for each in definition.transitions for state in each.from_states}
    for index, state in enumerate(definition.states):
        if state.id not in ending and state.id in left:
            yield source.problem(
                ("states", index),
                lazy(
                    "from the state '{id}' an item goes round in circles and never "
                    "reaches a final state",
                    id=state.id,
                ),
                lazy("add a transition that leads to a state with 'final: true'"),
            )


def _unheld(definition: Definition, source: Source) -> Iterator[FileProblem]:
    for index, state in enumerate(definition.states):
        if not state.final and not state.held_by_author and not state.holders:
            yield source.problem(
                ("states", index),
                lazy("the state '{id}' has no holder", id=state.id),
                lazy("add 'holders' or 'held_by_author: true'"),
            )


def _untakeable(definition: Definition, source: Source) -> Iterator[FileProblem]:
    """Name the transitions that no holder can take, or that start where no item ever comes."""
    found = reachable_states(definition)
    held = {state.id for state in definition.states if state.held_by_author or state.holders}
    for index, each in enumerate(definition.transitions):
        if not any(
            state in found and (each.by is not Actor.HOLDER or state in held)
            for state in each.from_states
        ):
            yield source.problem(
                ("transitions", index),
                lazy("nobody can take the transition '{id}'", id=each.id),
                lazy("mend 'from', add holders to that state, or remove the transition"),
            )


def _shadowed(definition: Definition, source: Source) -> Iterator[FileProblem]:
    """Name the transitions that an unconditional one of the same id always comes before."""
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(definition.transitions):
        for state in each.from_states:
            if (each.id, state) in seen:
                yield source.problem(
                    ("transitions", index),
                    lazy(
                        "the transition '{id}' from '{state}' never has its turn: an "
                        "entry before it has no condition 'when'",
                        id=each.id,
                        state=state,
                    ),
                    lazy(
                        "join the 'to' of both entries, add 'when' to the earlier one, "
                        "or change their order"
                    ),
                )
            if each.when is None:
                seen.add((each.id, state))


_CHECKS: tuple[Callable[[Definition, Source], Iterator[FileProblem]], ...] = (
    _unreachable,
    _dead_ends,
    _endless,
    _unheld,
    _untakeable,
    _shadowed,
)
