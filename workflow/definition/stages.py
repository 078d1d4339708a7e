"""What the states of a definition mean: how far along each is, how it is shown, whom it waits for.

Pure. What the definition says of a state holds; the rest is read from its own graph. A state is
judged within its own definition version only: the same id may mean another thing in another kind
of item, and a newer version may call it otherwise.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum

from workflow.definition.language import Definition, Stage, State, Tone, Transition
from workflow.messages import Message, lazy, listed
from workflow.model import DIRECTORATE, OFFICE, Position


class ObligationStage(StrEnum):
    """How far an item is with what its department owes by a deadline."""

    DRAFTING = "drafting"
    AWAITING_APPROVAL = "awaiting_approval"
    """Submitted, and not approved by whoever answers for it: not handed in."""
    HANDED_IN = "handed_in"
    GIVEN_UP = "given_up"


_TONES: Mapping[Stage, Tone] = {
    Stage.DRAFTING: Tone.PLAIN,
    Stage.ON_THE_WAY: Tone.WAITING,
    Stage.THROUGH: Tone.DONE,
    Stage.GIVEN_UP: Tone.RETURNED,
}


def stages_of(definition: Definition) -> Mapping[str, Stage]:
    """Return the stage of every state: through is what is reached by sending, and in no other way.

    An item that ends without being sent is given up, unless its state says otherwise.
    """
    sent = _reached_only_by(definition, lambda each: each.sends)
    return {
        each.id: each.stage or _stage(each, is_sent=each.id in sent) for each in definition.states
    }


def _stage(state: State, *, is_sent: bool) -> Stage:
    if is_sent:
        return Stage.THROUGH
    if state.final:
        return Stage.GIVEN_UP
    return Stage.DRAFTING if state.held_by_author else Stage.ON_THE_WAY


def tones_of(definition: Definition) -> Mapping[str, Tone]:
    """Return how each state is shown: as it says, else as its stage.

    What was sent and has not ended still waits.
    """
    stages = stages_of(definition)
    return {
        each.id: each.tone
        or (
            Tone.WAITING
            if stages[each.id] is Stage.THROUGH and not each.final
            else _TONES[stages[each.id]]
        )
        for each in definition.states
    }


def granted_states(definition: Definition) -> frozenset[str]:
    """Return the states in which the board granted what was sent to it.

    Those in which an item ends well after it was sent, where it may also end without success.
    """
    stages, tones = stages_of(definition), tones_of(definition)
    ends = [
        each.id for each in definition.states if each.final and stages[each.id] is Stage.THROUGH
    ]
    well = frozenset(each for each in ends if tones[each] is Tone.DONE)
    return well if len(well) < len(ends) else frozenset()


def signed_states(definition: Definition) -> frozenset[str]:
    """Return the states in which an item bears a signature: no way leads there around signing."""
    return _reached_only_by(definition, lambda each: each.signs)


def _reached_only_by(
    definition: Definition, is_such: Callable[[Transition], bool]
) -> frozenset[str]:
    """Return the states to which every way from the initial one takes such a transition."""
    reached = {definition.initial}
    waiting = [definition.initial]
    for state in waiting:
        for each in definition.transitions:
            if state in each.from_states and not is_such(each):
                waiting += [to for to in each.to if to not in reached]
                reached.update(each.to)
    return frozenset(each.id for each in definition.states if each.id not in reached)


class Weight(StrEnum):
    """How much a way on counts beside the others that are open."""

    MAIN = "main"
    """The one way forward."""
    OTHER = "other"
    GIVING_UP = "giving_up"


def weights_of(
    definition: Definition, state: str, offered: Sequence[Transition]
) -> Mapping[str, Weight]:
    """Return the weight of each transition ``offered`` in ``state``, by its id.

    Forward is what leads to later states only, in the definition's order. Where several do, as
    with two outcomes, none is the main one: the order of a list decides nothing.
    """
    stages = stages_of(definition)
    places = {each.id: place for place, each in enumerate(definition.states)}
    given_up = {each.id for each in offered if any(stages[to] is Stage.GIVEN_UP for to in each.to)}
    forward = {
        each.id
        for each in offered
        if each.id not in given_up and all(places[to] > places[state] for to in each.to)
    }
    return {
        each.id: Weight.GIVING_UP
        if each.id in given_up
        else Weight.MAIN
        if forward == {each.id}
        else Weight.OTHER
        for each in offered
    }


_DESKS: tuple[tuple[frozenset[Position], Message], ...] = (
    (frozenset({Position.STAFF}), lazy("the staff")),
    (frozenset({Position.HEAD, Position.DEPUTY}), lazy("the heads of the department")),
    (OFFICE, lazy("the Office")),
    (frozenset({Position.CLERK}), lazy("the clerk")),
    (DIRECTORATE, lazy("the Directorate")),
    (frozenset({Position.AUDITOR}), lazy("the auditor")),
    (frozenset({Position.ADMIN}), lazy("administrators")),
)


def awaited_in(state: State, holders: Collection[Position] = ()) -> Message:
    """Return whom an item waits for in ``state``: time is told under their name.

    ``holders``: the positions of those for whom it did wait there.
    """
    if state.final:
        return Message("{label}", (("label", state.label),))
    if state.held_by_author:
        return lazy("Waiting for the author")
    return lazy("Waiting for {who}", who=desk_of(state, holders))


def desk_of(state: State, holders: Collection[Position] = ()) -> Message:
    """Return on whose desk an item lies in ``state``.

    "Approved by the department" lies with the Office. Where the state names nobody, its holders
    are named: those of the item, in the positions ``holders``, else whom its rules find; a rule for
    some departments only is left out where a general one stands.
    """
    if state.final:
        return lazy("End")
    if state.held_by_author:
        return lazy("the author")
    if state.awaited:
        return Message("{label}", (("label", state.awaited),))
    general = [
        each for each in state.holders if not each.departments and not each.where_concerned
    ] or list(state.holders)
    positions = set(holders) or {position for each in general for position in each.positions}
    return listed([name for members, name in _DESKS if positions & members], ", ")
