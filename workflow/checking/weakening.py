"""What a version of a process promises less than the one before it: named before it is published.

Pure. It compares the two as written and proves nothing: a promise that is gone is named even where
today's steps would keep it.
"""

from collections.abc import Iterator

from workflow.definition import Actor, Definition, State, Transition
from workflow.messages import Message, lazy
from workflow.model import Position
from workflow.rules.guards import GUARDS

_Edge = tuple[str, str]


def weakenings(before: Definition, after: Definition) -> list[Message]:
    """Return in words every guarantee of ``before`` that ``after`` gives no more."""
    found = [
        *_factors(before, after),
        *_passages(before, after),
        *_people_apart(before, after),
        *_asked_of_people(before, after),
        *_sign_offs(before, after),
        *_deciders(before, after),
    ]
    return list(dict.fromkeys(found))


def _edges(transition: Transition) -> set[_Edge]:
    return {(source, to) for source in transition.from_states for to in transition.to}


def _factors(before: Definition, after: Definition) -> Iterator[Message]:
    """Name each step without a factor where there was one.

    A step is known by its id, by the states that it joins, or as the one that signs.
    """
    proven = [each for each in before.transitions if each.second_factor]
    edges = {edge for each in proven for edge in _edges(each)}
    ids, signs = {each.id for each in proven}, any(each.signs for each in proven)
    for each in after.transitions:
        same = each.id in ids or edges & _edges(each) or (signs and each.signs)
        if same and not each.second_factor and not _had_none(before, each):
            yield lazy("“{label}” no longer asks for a PIN or authenticator code", label=each.label)


def _had_none(before: Definition, transition: Transition) -> bool:
    """Return whether this very step was there without a factor already."""
    return any(
        each.id == transition.id
        and not each.second_factor
        and _edges(transition) <= _edges(each)
        and (each.signs or not transition.signs)
        for each in before.transitions
    )


def _passages(before: Definition, after: Definition) -> Iterator[Message]:
    promised, kept = (
        {
            (passage.to, through)
            for passage in definition.guarantees.passages
            for through in passage.through
        }
        for definition in (before, after)
    )
    labels = {state.id: state.label for state in before.states}
    for to, through in sorted(promised - kept):
        yield lazy(
            "an item may reach “{to}” without passing “{through}”",
            to=labels.get(to, to),
            through=labels.get(through, through),
        )


def _people_apart(before: Definition, after: Definition) -> Iterator[Message]:
    labels = {each.id: each.label for each in before.transitions}
    now = set(after.guarantees.never_the_author)
    for name in before.guarantees.never_the_author:
        if name not in now:
            yield lazy(
                "nothing keeps the author from “{label}” any more", label=labels.get(name, name)
            )
    apart = {frozenset(pair) for pair in after.guarantees.different_people}
    for first, second in before.guarantees.different_people:
        if frozenset((first, second)) not in apart:
            yield lazy(
                "one person may take both “{first}” and “{second}”",
                first=labels.get(first, first),
                second=labels.get(second, second),
            )


def _asked_of_people(before: Definition, after: Definition) -> Iterator[Message]:
    """Name each step that lost a guard about people, a confirmation or its reason."""
    known = {(each.id, edge): each for each in before.transitions for edge in _edges(each)}
    for each in after.transitions:
        for edge in sorted(_edges(each)):
            old = known.get((each.id, edge))
            if old is None:
                continue
            for guard in _guards(old) - _guards(each):
                yield lazy(
                    "“{label}” no longer asks that “{guard}” holds", label=each.label, guard=guard
                )
            if old.needs_comment and not each.needs_comment:
                yield lazy("“{label}” no longer asks for a reason", label=each.label)
            if set(old.confirms) - set(each.confirms):
                yield lazy(
                    "“{label}” no longer asks to confirm that there is no state secret",
                    label=each.label,
                )
            if old.by is Actor.HOLDER and each.by is not Actor.HOLDER:
                yield lazy("“{label}” is no longer decided by who holds the item", label=each.label)


def _guards(transition: Transition) -> set[str]:
    return {each.name for each in transition.guards if GUARDS[each.name].is_about_person}


def _sign_offs(before: Definition, after: Definition) -> Iterator[Message]:
    now = {state.id: state.sign_off for state in after.states}
    for state in before.states:
        if state.sign_off is not None and now.get(state.id) != state.sign_off:
            yield lazy("at “{label}” other people or fewer have to agree", label=state.label)


def _deciders(before: Definition, after: Definition) -> Iterator[Message]:
    """Name each step that positions may take now which could not before.

    A step that is new is named where another is gone, in whose place it may stand.
    """
    known = {state.id: _positions(state) for state in before.states}
    is_complete = known.keys() <= {state.id for state in after.states}
    for state in after.states:
        if state.id not in known:
            if state.final or is_complete:
                continue
            yield lazy(
                "in the new step “{label}” these decide: {positions}",
                label=state.label_now,
                positions=", ".join(dict.fromkeys(_named(state))),
            )
        elif more := sorted(_positions(state) - known.get(state.id, set())):
            yield lazy(
                "at “{label}” further positions may decide: {positions}",
                label=state.label,
                positions=", ".join(more),
            )


def _named(state: State) -> Iterator[str]:
    for rule in state.holders:
        yield from (each.value for each in (*rule.positions, *(rule.stand_in or ())))


def _positions(state: State) -> set[str]:
    return {
        position.value
        for rule in state.holders
        for position in Position
        if position in rule.positions or rule.lets_stand_in(position)
    }
