"""Checks of what steps mean: what the product must know of a process stands in its definition.

One function each; every offender is named with its place in the file. Ids mean nothing here.
"""

from collections.abc import Callable, Iterator, Mapping

from workflow.definition import Actor, Definition, FileProblem, Source, Stage, Transition, stages_of
from workflow.messages import Message, lazy


def meaning_problems(definition: Definition, source: Source) -> Iterator[FileProblem]:
    """Yield everything that the definition leaves unsaid, or says of a step that cannot be so."""
    for check in _CHECKS:
        yield from check(definition, source)


def _nothing_hands_in(definition: Definition, source: Source) -> Iterator[FileProblem]:
    if not any(each.hands_in for each in definition.transitions):
        yield source.problem(
            ("transitions",),
            lazy("no transition hands an item in"),
            lazy("write 'hands_in: true' at the transition by which the author submits it"),
        )


def _nothing_is_through(definition: Definition, source: Source) -> Iterator[FileProblem]:
    if Stage.THROUGH not in stages_of(definition).values():
        yield source.problem(
            ("states",),
            lazy("no state counts as done: nothing is sent, and no state says so"),
            lazy("write 'stage: through' at the state in which an item has come to a good end"),
        )


def _sent_unsigned(definition: Definition, source: Source) -> Iterator[FileProblem]:
    if any(each.signs for each in definition.transitions):
        return
    for index, each in enumerate(definition.transitions):
        if each.sends:
            yield source.problem(
                ("transitions", index, "sends"),
                lazy("'{id}' sends what nobody has signed", id=each.id),
                lazy("write 'signs: true' at the transition by which it is signed"),
            )


def _wrong_stages(definition: Definition, source: Source) -> Iterator[FileProblem]:
    for index, state in enumerate(definition.states):
        wrong = {Stage.DRAFTING, Stage.ON_THE_WAY} if state.final else {Stage.GIVEN_UP}
        if state.stage in wrong:
            yield source.problem(
                ("states", index, "stage"),
                lazy(
                    "the state '{id}' cannot be at the stage '{stage}'",
                    id=state.id,
                    stage=state.stage,
                ),
                lazy("a final state is 'through' or 'given_up', any other is not 'given_up'"),
            )


def _unsaid_returns(definition: Definition, source: Source) -> Iterator[FileProblem]:
    """Yield each step of a holder that leads back and leaves open whether that is a return."""
    depths = _depths(definition)
    for index, each in enumerate(definition.transitions):
        leads_back = _leads_back(each, depths)
        if leads_back and each.by is Actor.HOLDER and each.is_return is None:
            yield source.problem(
                ("transitions", index),
                lazy("'{id}' leads back, and does not say whether it is a return", id=each.id),
                lazy("write 'is_return: true', or 'is_return: false' where it does not count"),
            )
        if each.is_return and (each.by is not Actor.HOLDER or not leads_back):
            yield source.problem(
                ("transitions", index, "is_return"),
                lazy("'{id}' is no return: no holder takes the item back by it", id=each.id),
                lazy("remove 'is_return', or mend 'by', 'from' and 'to'"),
            )


def _depths(definition: Definition) -> Mapping[str, int]:
    """Return how many steps each state that is no end is from the initial one at least."""
    final = {state.id for state in definition.states if state.final}
    depths = {definition.initial: 0}
    for state in (waiting := [definition.initial]):
        for each in definition.transitions:
            if state in each.from_states:
                new = [to for to in each.to if to not in depths and to not in final]
                depths.update(dict.fromkeys(new, depths[state] + 1))
                waiting += new
    return depths


def _leads_back(transition: Transition, depths: Mapping[str, int]) -> bool:
    return any(
        depths[to] < depths[source]
        for source in transition.from_states
        for to in transition.to
        if source in depths and to in depths
    )


def _wrong_takers(definition: Definition, source: Source) -> Iterator[FileProblem]:
    own = {state.id for state in definition.states if state.held_by_author}
    for index, each in enumerate(definition.transitions):
        wrong: list[tuple[str, Message]] = []
        if each.hands_in and not (each.by is Actor.AUTHOR and own.issuperset(each.from_states)):
            wrong.append(("hands_in", lazy("the author, from a state with 'held_by_author'")))
        if each.signs and each.by is not Actor.HOLDER:
            wrong.append(("signs", lazy("a holder")))
        if each.confirms and each.by is Actor.CLOCK:
            wrong.append(("confirms", lazy("a person")))
        for key, who in wrong:
            yield source.problem(
                ("transitions", index, key),
                lazy("'{key}' of '{id}' does not fit who takes it", key=key, id=each.id),
                lazy("it belongs to what is taken by {who}: remove it or mend 'by'", who=who),
            )


def _differing(definition: Definition, source: Source) -> Iterator[FileProblem]:
    """Yield each transition that means something else than the one before it of the same id."""
    first: dict[str, Transition] = {}
    for index, each in enumerate(definition.transitions):
        if _means(each) != _means(first.setdefault(each.id, each)):
            yield source.problem(
                ("transitions", index),
                lazy("'{id}' means something else here than above", id=each.id),
                lazy("give all of one id the same 'hands_in', 'is_return', 'signs' and 'confirms'"),
            )


def _means(transition: Transition) -> tuple[object, ...]:
    each = transition
    return each.hands_in, bool(each.is_return), each.signs, frozenset(each.confirms)


_CHECKS: tuple[Callable[[Definition, Source], Iterator[FileProblem]], ...] = (
    _nothing_hands_in,
    _nothing_is_through,
    _sent_unsigned,
    _wrong_stages,
    _unsaid_returns,
    _wrong_takers,
    _differing,
)
