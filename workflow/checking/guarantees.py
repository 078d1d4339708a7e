"""Prove what a definition promises about itself, from its graph alone.

A passage holds if, with the state taken out of the graph, the initial state no longer leads to the
goal. The author is kept from a transition if it is the holder's and every state that offers it
finds its holders by rules, which never find the author; where the author holds the state, the guard
``not_the_author`` must stand there.
"""

from collections.abc import Iterator

from workflow.checking.graph import Edge, edges
from workflow.definition import Actor, Definition, FileProblem, Source, Transition
from workflow.messages import lazy

_GUARD = "not_the_author"


def guarantee_problems(definition: Definition, source: Source) -> Iterator[FileProblem]:
    """Yield every guarantee that does not hold, with a way or a transition that breaks it."""
    yield from _broken_passages(definition, source)
    yield from _open_to_the_author(definition, source)


def _broken_passages(definition: Definition, source: Source) -> Iterator[FileProblem]:
    moves = edges(definition)
    for index, passage in enumerate(definition.guarantees.passages):
        for place, through in enumerate(passage.through):
            way = _way_around(definition.initial, passage.to, through, moves)
            if way:
                yield source.problem(
                    ("guarantees", "passages", index, "through", place),
                    lazy(
                        "a guarantee does not hold: an item can reach '{to}' without "
                        "passing '{through}' ({names})",
                        to=passage.to,
                        through=through,
                        names=" → ".join(way),
                    ),
                    lazy("remove or mend the transition that opens this way"),
                )


def _way_around(start: str, goal: str, avoided: str, moves: set[Edge]) -> list[str]:
    """Return a shortest way from ``start`` to ``goal`` that never enters ``avoided``.

    Empty if there is none.
    """
    if avoided == start:
        return []
    ways = {start: [start]}
    waiting = [start]
    for state in waiting:
        if state == goal:
            return ways[state]
        for to in sorted(
            to for source, to in moves if source == state and to != avoided and to not in ways
        ):
            ways[to] = [*ways[state], to]
            waiting.append(to)
    return []


def _open_to_the_author(definition: Definition, source: Source) -> Iterator[FileProblem]:
    own = {state.id for state in definition.states if state.held_by_author}
    for index, name in enumerate(definition.guarantees.never_the_author):
        for place, each in enumerate(definition.transitions):
            if each.id == name and not _keeps_author_out(each, own):
                yield source.problem(
                    ("guarantees", "never_the_author", index),
                    lazy(
                        "a guarantee does not hold: the author can take '{name}' "
                        "themselves (transition entry {place})",
                        name=name,
                        place=place + 1,
                    ),
                    lazy("add the guard '{guard}' to that transition", guard=_GUARD),
                )


def _keeps_author_out(transition: Transition, held_by_author: set[str]) -> bool:
    if any(use.name == _GUARD for use in transition.guards):
        return True
    return transition.by is Actor.CLOCK or (
        transition.by is Actor.HOLDER and not held_by_author.intersection(transition.from_states)
    )
