"""Who may take which transition in each state of a definition, whoever the item is of."""

from dataclasses import dataclass

from workflow.definition import Actor
from workflow.model import Position
from workflow.rules import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """What one position may do in one state; ``position`` may also be the author or the clock."""

    state: str
    position: str
    transitions: list[str]


def permission_matrix(rulebook: Rulebook) -> list[MatrixRow]:
    """Return, for each state, which transitions each position may take; nobody without any."""
    return [
        MatrixRow(state=state, position=position, transitions=transitions)
        for state in rulebook.states
        for position, transitions in _positions(rulebook, state)
        if transitions
    ]


def _positions(rulebook: Rulebook, state: str) -> list[tuple[str, list[str]]]:
    def offered(by: Actor) -> list[str]:
        return list(dict.fromkeys(each.id for each in rulebook.offers(state) if each.by is by))

    holders, by_holder = rulebook.states[state], offered(Actor.HOLDER)
    positions = {position for rule in holders.holders for position in rule.positions}
    by_author = offered(Actor.AUTHOR) + (by_holder if holders.held_by_author else [])
    return [
        (Actor.CLOCK.value, offered(Actor.CLOCK)),
        (Actor.AUTHOR.value, by_author),
        *(
            (position.value, by_author if holders.held_by_author else by_holder)
            for position in Position
            if position in positions
        ),
    ]
