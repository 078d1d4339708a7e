"""How far along its way a state is, read from the definition's own graph.

Pure. A state is judged within its own definition version only: the same id may mean another thing in another kind of item,
and a newer version may call it otherwise.
"""

from collections.abc import Mapping
from enum import StrEnum

from workflow.definition.language import Definition, State
from workflow.messages import Message, lazy, listed
from workflow.model import DIRECTORATE, OFFICE, Position


class Stage(StrEnum):
    """How far an item is: with its author, on its way, through (sent to the board, or after), or given up."""

    DRAFTING = "drafting"
    ON_THE_WAY = "on_the_way"
    THROUGH = "through"
    GIVEN_UP = "given_up"


def stages_of(definition: Definition) -> Mapping[str, Stage]:
    """Return the stage of every state: through is what an item reaches by being sent, and in no other way."""
    before = _reached_without_sending(definition)
    found: dict[str, Stage] = {}
    for state in definition.states:
        if state.id not in before:
            found[state.id] = Stage.THROUGH
        elif state.final:
            found[state.id] = Stage.GIVEN_UP
        else:
            found[state.id] = Stage.DRAFTING if state.held_by_author else Stage.ON_THE_WAY
    return found


def _reached_without_sending(definition: Definition) -> set[str]:
    reached = {definition.initial}
    waiting = [definition.initial]
    for state in waiting:
        for each in definition.transitions:
            if state in each.from_states and not each.sends:
                waiting += [to for to in each.to if to not in reached]
                reached.update(each.to)
    return reached


_DESKS: tuple[tuple[frozenset[Position], Message], ...] = (
    (frozenset({Position.STAFF}), lazy("the staff")),
    (frozenset({Position.HEAD, Position.DEPUTY}), lazy("the heads of the department")),
    (OFFICE, lazy("The Office")),
    (frozenset({Position.CLERK}), lazy("the clerk")),
    (DIRECTORATE, lazy("Directorate")),
    (frozenset({Position.AUDITOR}), lazy("the auditor")),
    (frozenset({Position.ADMIN}), lazy("administrators")),
)


def awaited_in(definition: Definition, state: State) -> Message:
    """Return whom an item waits for in ``state``: time is told under their name, not under what was done before it began.

    "Approved by the department" takes the Office's time. A rule for some departments only is left out where a general one stands.
    """
    if state.final:
        return Message("{label}", (("label", state.label),))
    if state.held_by_author:
        return lazy("Waiting for the author")
    if stages_of(definition)[state.id] is Stage.THROUGH:
        return lazy("Waiting for the board")
    general = [each for each in state.holders if not each.departments] or list(state.holders)
    positions = {position for each in general for position in each.positions}
    desks = [name for members, name in _DESKS if positions & members]
    return lazy("Waiting for {who}", who=listed(desks, ", "))
