"""Steps of a definition added, moved and taken away in its text; comments and order stay.

Owns what goes along with a step: the ways in and out of it, returns, guarantees, scenarios. What
the new text is worth is judged by loading and checking it.
"""

from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from workflow.definition.parts import Label, identifier_from
from workflow.definition.scenario_steps import (
    OF_A_DEPARTMENT,
    play_in_turn,
    play_through,
    play_without,
)
from workflow.definition.usual_changes import as_read, in_one_line, opened, written
from workflow.model import Position

_Node = CommentedMap
_NO_STEP_BEHIND = ("sends", "result", "by_recipient")
"""Words of a transition with which an item is no longer the agency's alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What may be done to a step: another put behind it, itself moved or taken away."""

    adds: bool = False
    rises: bool = False
    sinks: bool = False
    goes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """A step as a form describes it: its names, who holds it, for how many working days.

    ``current``: what is awaited there; ``label``: what history says of its beginning; ``act``,
    ``outcome``, ``verb``: how it is handed on, and what a mail asks for where no neighbour says.
    """

    current: Label
    label: Label
    act: Label
    outcome: Label
    verb: Label
    positions: tuple[Position, ...]
    working_days: int | None


def rooms(text: str) -> dict[str, Room]:
    """Return what may be done to each step of a text that can be loaded, by the step's id."""
    document = as_read(text)
    rises = {each for each in _steps(document) if _swapped(document, each) is not None}
    sinks = {_swapped(document, each) for each in rises}
    return {
        each: Room(
            adds=_may_follow(document, each),
            rises=each in rises,
            sinks=each in sinks,
            goes=_may_follow(document, each) and each != document["initial"],
        )
        for each in _steps(document)
    }


def with_step(
    text: str, after: str, step: NewStep, guards: Collection[str], newer_than: int
) -> tuple[str, str]:
    """Return ``text`` with a step behind the step ``after``, and its id.

    It takes over where ``after`` led to, and hands on by a transition of its own, which a mail
    offers, with those ``guards`` of its neighbour's. After it, as from its neighbours, an item can
    be returned and be given up.
    """
    document = opened(text)
    ways = _ways_on(document, after)
    behind = ways[0]["to"][0]
    new = identifier_from(step.current.vi, [each["id"] for each in document["states"]])
    act = identifier_from(
        f"approve {step.current.vi}", [each["id"] for each in document["transitions"]]
    )
    document["states"].insert(_place(document, after) + 1, _state(document, new, behind, step))
    by_neighbour: list[_Node] = [
        *(each for each in ways if "by" not in each),
        *_ways_on(document, behind),
    ]
    model = next(iter(by_neighbour), _Node())
    onward = _onward(act, (new, behind), step, model, guards)
    for way in ways:
        _alone(document, way, after)["to"] = in_one_line([new])
    if _state_of(document, behind).get("final") and any("tells_author" in each for each in ways):
        onward["tells_author"] = True
    _insert_transitions(document, ways[-1], [onward, *_way_back(document, new, after, behind)])
    _open_ends(document, new, after, behind)
    _promise(document, new, after, act, {each["id"] for each in by_neighbour})
    play_through(document, (after, behind), (new, act), step.positions)
    return written(document, newer_than), new


def without_step(text: str, gone: str, newer_than: int) -> str:
    """Return ``text`` without a step: what led to it leads to the step behind it."""
    document = opened(text)
    ways = _ways_on(document, gone)
    behind = ways[0]["to"][0]
    play_without(document, gone, behind, {each["id"] for each in ways})
    for each in list(document["transitions"]):
        if gone in each["from"]:
            _shrink(document, each, "from", gone)
    for each in list(document["transitions"]):
        if gone in each["to"] and each.get("is_return") is None and behind not in each["to"]:
            each["to"] = in_one_line([behind if to == gone else to for to in each["to"]])
        elif gone in each["to"]:
            _shrink(document, each, "to", gone)
    document["states"].remove(_state_of(document, gone))
    _promise_less(document, gone)
    return written(document, newer_than)


def with_earlier_step(text: str, moved: str, newer_than: int) -> str:
    """Return ``text`` with a step before the one that it followed."""
    document = opened(text)
    before = _swapped(document, moved) or ""
    behind = _ways_on(document, moved)[0]["to"][0]
    ways_in = [way for first in _before(document, before) for way in _ways_on(document, first)]
    ways = (ways_in, _ways_on(document, before), _ways_on(document, moved))
    ids = [{each["id"] for each in some} for some in ways]
    play_in_turn(document, (before, moved, behind), ids)
    for some, to in zip(ways, (moved, behind, before), strict=True):
        for way in some:
            way["to"] = in_one_line([to])
    _turn_returns(document, before, moved)
    states = document["states"]
    place = _place(document, before)
    states[place], states[place + 1] = states[place + 1], states[place]
    return written(document, newer_than)


def _steps(document: _Node) -> list[str]:
    """Return the steps in which an item waits, in their order."""
    return [each["id"] for each in document["states"] if not each.get("final")]


def _place(document: _Node, state: str) -> int:
    return [each["id"] for each in document["states"]].index(state)


def _state_of(document: _Node, state: str) -> _Node:
    found: _Node = document["states"][_place(document, state)]
    return found


def _ways_on(document: _Node, state: str) -> list[_Node]:
    """Return the transitions by which an item goes on from ``state``, all to one other.

    That is a later step, or an end that counts as done. Empty where several could be meant.
    """
    places = {each["id"]: place for place, each in enumerate(document["states"])}
    ends = {each["id"] for each in document["states"] if each.get("final")}
    done = {each["id"] for each in document["states"] if each.get("stage") == "through"}
    found = [
        each
        for each in document["transitions"]
        if state in each["from"]
        and each.get("by") != "clock"
        and len(each["to"]) == 1
        and places[each["to"][0]] > places[state]
        and (each["to"][0] not in ends or each["to"][0] in done)
    ]
    return found if len({each["to"][0] for each in found}) == 1 else []


def _before(document: _Node, state: str) -> list[str]:
    """Return the steps whose way on leads to ``state``."""
    return [
        each
        for each in _steps(document)
        if any(way["to"] == [state] for way in _ways_on(document, each))
    ]


def _may_follow(document: _Node, state: str) -> bool:
    """Return whether a step may stand behind ``state``: till then the item is the agency's."""
    ways = _ways_on(document, state)
    return bool(ways) and not any(word in way for way in ways for word in _NO_STEP_BEHIND)


def _swapped(document: _Node, state: str) -> str | None:
    """Return the step with which ``state`` would change places to come earlier; None where none.

    Both have one way on of their own, which leaves the item with the agency, and whoever drafts it
    comes first for good.
    """
    firsts = _before(document, state)
    if len(firsts) != 1 or _place(document, firsts[0]) + 1 != _place(document, state):
        return None
    first = firsts[0]
    is_open = all(
        _may_follow(document, each)
        and all(way["from"] == [each] for way in _ways_on(document, each))
        for each in (first, state)
    )
    is_entered = [
        way["from"] == [each]
        for each in _before(document, first)
        for way in _ways_on(document, each)
    ]
    is_begin = _state_of(document, first).get("held_by_author")
    return first if is_open and is_entered and all(is_entered) and not is_begin else None


def _alone(document: _Node, way: _Node, state: str) -> _Node:
    """Return ``way`` as it leads out of ``state`` only; from others another keeps it."""
    if way["from"] == [state]:
        return way
    own = deepcopy(way)
    own["from"] = in_one_line([state])
    _shrink(document, way, "from", state)
    _insert_transitions(document, way, [own])
    return own


def _shrink(document: _Node, way: _Node, key: str, state: str) -> None:
    """Take ``state`` out of a transition, and the transition away that is left with none."""
    left = [each for each in way[key] if each != state]
    if left:
        way[key] = in_one_line(left)
    else:
        document["transitions"].remove(way)


def _insert_transitions(document: _Node, behind: _Node, ways: Sequence[_Node]) -> None:
    transitions = document["transitions"]
    place = next(at for at, each in enumerate(transitions) if each is behind)
    for number, each in enumerate(ways, place + 1):
        transitions.insert(number, each)


def _label(label: Label) -> _Node:
    said = CommentedMap(vi=label.vi, en=label.en)
    said.fa.set_flow_style()
    return said


def _state(document: _Node, new: str, behind: str, step: NewStep) -> _Node:
    """Return a state as it stands in the text; its deadline is met where that of the next was."""
    found = CommentedMap(id=new, label=_label(step.label), current=_label(step.current))
    if step.working_days is not None:
        found["working_days"] = step.working_days
    if _state_of(document, behind).get("meets_deadline"):
        found["meets_deadline"] = True
    found["holders"] = CommentedSeq(_holders(step.positions))
    return found


def _holders(positions: Sequence[Position]) -> Iterator[_Node]:
    """Yield the lines: those of the item's department first, then whoever stands for the agency."""
    own = [each.value for each in positions if each in OF_A_DEPARTMENT]
    others = [each.value for each in positions if each not in OF_A_DEPARTMENT]
    for names, where in ((own, {"within": "department"}), (others, {})):
        if names:
            line = CommentedMap(positions=in_one_line(names), **where)
            line.fa.set_flow_style()
            yield line


def _onward(
    act: str, ends: tuple[str, str], step: NewStep, model: _Node, guards: Collection[str]
) -> _Node:
    found = CommentedMap(id=act, label=_label(step.act), outcome=_label(step.outcome))
    found["verb"] = deepcopy(model.get("verb")) or _label(step.verb)
    found["from"], found["to"] = in_one_line(ends[:1]), in_one_line(ends[1:])
    found["by_email"] = True
    if model.get("undo"):
        found["undo"] = True
    kept = [deepcopy(each) for each in model.get("guards", ()) if each["name"] in guards]
    if kept:
        found["guards"] = CommentedSeq(kept)
    return found


def _way_back(document: _Node, new: str, after: str, behind: str) -> list[_Node]:
    """Return how an item is returned from the new step: as from a neighbour, if one does that.

    From later steps it is returned to where it could be before: to give all of them a further way
    back would let everybody gain who could confirm the change.
    """
    returns = [each for each in document["transitions"] if each.get("is_return")]
    order = [each["id"] for each in document["states"]]
    found: list[_Node] = []
    for neighbour in (behind, after):
        model = next((each for each in returns if neighbour in each["from"]), None)
        if model is not None and not found:
            back = deepcopy(model)
            earlier = dict.fromkeys((*back["to"], after if neighbour == after else back["to"][0]))
            back["from"] = in_one_line([new])
            back["to"] = in_one_line([to for to in earlier if order.index(to) < order.index(new)])
            found.append(back)
    return found


def _turn_returns(document: _Node, before: str, moved: str) -> None:
    """Have items be returned from ``before`` to ``moved``, no longer the other way."""
    returns = [each for each in document["transitions"] if each.get("is_return")]
    for way in returns:
        if moved in way["from"] and before in way["to"]:
            left = [to for to in way["to"] if to != before] or [document["initial"]]
            _alone(document, way, moved)["to"] = in_one_line(left)
    back = next((each for each in returns if before in each["from"]), None)
    if back is not None:
        own = _alone(document, back, before)
        own["to"] = in_one_line([*own["to"], moved])


def _leave_from(way: _Node, beside: str, new: str) -> None:
    at = way["from"].index(beside) + 1
    way["from"] = in_one_line([*way["from"][:at], new, *way["from"][at:]])


def _open_ends(document: _Node, new: str, after: str, behind: str) -> None:
    """Let an item be given up at the new step as beside it, and withdrawn as behind its draft."""
    ends = {
        each["id"]
        for each in document["states"]
        if each.get("final") and each.get("stage") != "through"
    }
    is_first = bool(_state_of(document, after).get("held_by_author"))
    for way in document["transitions"]:
        by = way.get("by", "holder")
        gives_up = by == "holder" and ends.issuperset(way["to"]) and "result" not in way
        withdraws = is_first and by == "author" and behind in way["from"]
        beside = next((each for each in (after, behind) if each in way["from"]), None)
        if (
            beside
            and new not in way["from"]
            and (withdraws or (gives_up and way["to"] != [behind]))
        ):
            _leave_from(way, beside, new)


def _promise(document: _Node, new: str, after: str, act: str, beside: set[str]) -> None:
    """Have the guarantees name the new step where its neighbours are named and they hold of it."""
    given = document.get("guarantees") or {}
    for passage in given.get("passages", ()):
        through = passage["through"]
        is_between = after in through or after == document["initial"]
        if is_between and not _leads_around(document, new, passage["to"]):
            at = through.index(after) + 1 if after in through else 0
            passage["through"] = in_one_line([*through[:at], new, *through[at:]])
    if beside.intersection(given.get("never_the_author", ())):
        given["never_the_author"] = in_one_line([*given["never_the_author"], act])


def _leads_around(document: _Node, avoided: str, goal: str) -> bool:
    reached = [document["initial"]]
    for state in reached:
        for way in document["transitions"]:
            if state in way["from"]:
                reached += [to for to in way["to"] if to not in (*reached, avoided)]
    return goal in reached


def _promise_less(document: _Node, gone: str) -> None:
    """Take a step out of the guarantees, and with it the transitions that went with it."""
    given = document.get("guarantees") or {}
    left = {each["id"] for each in document["transitions"]}
    for passage in list(given.get("passages", ())):
        rest = [each for each in passage["through"] if each != gone]
        passage["through"] = in_one_line(rest)
        if not rest:
            given["passages"].remove(passage)
    if "never_the_author" in given:
        kept = [each for each in given["never_the_author"] if each in left]
        given["never_the_author"] = in_one_line(kept)
    for pair in list(given.get("different_people", ())):
        if not left.issuperset(pair):
            given["different_people"].remove(pair)
