"""How far along its way a state is, read from the definition's own graph.

Pure. A state is judged within its own definition version only: the same id may mean another thing in another kind of item,
and a newer version may call it otherwise.
"""

from collections.abc import Mapping
from enum import StrEnum

from workflow.definition.language import Definition, State
from workflow.model import DIRECTORATE, OFFICE, Position
from workflow.speech import Phrase, listed, phrase


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


_DESKS: tuple[tuple[frozenset[Position], Phrase], ...] = (
    (frozenset({Position.STAFF}), phrase("chuyên viên")),
    (frozenset({Position.HEAD, Position.DEPUTY}), phrase("lãnh đạo phòng")),
    (OFFICE, phrase("Văn phòng Sở")),
    (frozenset({Position.CLERK}), phrase("văn thư")),
    (DIRECTORATE, phrase("Ban Giám đốc")),
    (frozenset({Position.AUDITOR}), phrase("người kiểm tra")),
    (frozenset({Position.ADMIN}), phrase("quản trị viên")),
)


def awaited_in(definition: Definition, state: State) -> Phrase:
    """Return whom an item waits for in ``state``: time is told under their name, not under what was done before it began.

    "Approved by the department" takes the Office's time. A rule for some departments only is left out where a general one stands.
    """
    if state.final:
        return Phrase("{label}", (("label", state.label),))
    if state.held_by_author:
        return phrase("Chờ người soạn")
    if stages_of(definition)[state.id] is Stage.THROUGH:
        return phrase("Chờ Ban TĐKT")
    general = [each for each in state.holders if not each.departments] or list(state.holders)
    positions = {position for each in general for position in each.positions}
    desks = [name for members, name in _DESKS if positions & members]
    return phrase("Chờ {who}", who=listed(desks, ", "))
