"""Scenarios of a definition follow its steps: one added is taken, one taken away is passed over.

Owns what becomes of examples when a form changes the way; where an example tells of what can no
longer happen, it ends before that. Whether what is left holds, the checks say.
"""

from collections.abc import Collection, Sequence

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from workflow.model import Position

_Node = CommentedMap
OF_A_DEPARTMENT = (Position.HEAD, Position.DEPUTY, Position.STAFF)


def play_through(
    document: _Node, ends: tuple[str, str], own: tuple[str, str], positions: Sequence[Position]
) -> None:
    """Have every example that goes from one of ``ends`` to the other take the step between them.

    ``own``: the step and the transition that hands it on; ``positions``: who holds it.
    """
    after, behind = ends
    new, act = own
    for scenario in document.get("scenarios", ()):
        state, steps = document["initial"], CommentedSeq()
        for step in scenario["steps"]:
            steps.append(step)
            before, state = state, step.get("then", state)
            if (before, step.get("then")) == (after, behind):
                taker = _taker(document, scenario, positions)
                step["then"] = new
                further = CommentedMap(do=act, by=taker, then=behind)
                if "due_on" in step:
                    further["due_on"] = step.pop("due_on")
                further.fa.set_flow_style()
                steps.append(further)
        scenario["steps"] = steps


def _taker(document: _Node, scenario: _Node, positions: Sequence[Position]) -> str:
    """Return who of ``positions`` holds the item of a scenario: nobody who wrote it or is named."""
    offices = {
        each
        for state in document["states"]
        for line in state.get("holders", ())
        for each in line.get("departments", ())
    }
    kept_out = {*scenario.get("concerned", ()), scenario.get("author", Position.STAFF.value)}
    own = [] if scenario["department"] in offices else OF_A_DEPARTMENT
    ordered = sorted(positions, key=lambda each: each not in OF_A_DEPARTMENT)
    able = [
        each.value
        for each in ordered
        if each.value not in kept_out and (each in own or each not in OF_A_DEPARTMENT)
    ]
    return next(iter(able), positions[0].value)


def play_without(document: _Node, gone: str, behind: str, ways: Collection[str]) -> None:
    """Have every example pass over a step that is no more; ``ways``: what handed it on."""
    returns = {each["id"] for each in document["transitions"] if each.get("is_return") is not None}
    for scenario in list(document.get("scenarios", ())):
        state, day, steps = document["initial"], None, CommentedSeq()
        for step in scenario["steps"]:
            then = step.get("then")
            if state == gone:
                day = step.get("on", day)
                if then == behind and step["do"] in ways:
                    state = behind
                    if day is None and "due_on" in step:
                        steps[-1]["due_on"] = step["due_on"]
                elif then is not None:
                    break
                continue
            if then == gone and step["do"] in returns:
                break
            if day is not None:
                step.setdefault("on", day)
                day = None
            state = then or state
            if then == gone:
                step["then"] = behind
                step.pop("due_on", None)
            steps.append(step)
        _keep(document, scenario, steps)


def play_in_turn(
    document: _Node, line: tuple[str, str, str], ways: Sequence[Collection[str]]
) -> None:
    """Have every example take the first two steps of ``line`` in the other order.

    ``ways``: the transitions that lead into the first, and on from the first and the second.
    """
    first, second, behind = line
    for scenario in list(document.get("scenarios", ())):
        steps, left = CommentedSeq(), list(scenario["steps"])
        while left:
            step = left.pop(0)
            steps.append(step)
            if step.get("then") == first and step["do"] in ways[0]:
                step["then"] = second
                step.pop("due_on", None)
                stays = [_stay(left, ways[1], second), _stay(left, ways[2], behind)]
                if not all(stays):
                    break
                stays[0][-1]["then"], stays[1][-1]["then"] = behind, first
                _exchange_days(stays[0][-1], stays[1][-1])
                steps.extend([*stays[1], *stays[0]])
            elif step.get("then") in {first, second}:
                break
        _keep(document, scenario, steps)


def _stay(left: list[_Node], ways: Collection[str], to: str) -> list[_Node]:
    """Take off ``left`` what happens in a step until one of ``ways`` leaves it; empty if not."""
    place = next((at for at, each in enumerate(left) if "then" in each), None)
    if place is None or left[place]["then"] != to or left[place]["do"] not in ways:
        return []
    found = left[: place + 1]
    del left[: place + 1]
    return found


def _exchange_days(one: _Node, other: _Node) -> None:
    days = one.pop("on", None), other.pop("on", None)
    for step, day in ((other, days[0]), (one, days[1])):
        step.pop("due_on", None)
        if day is not None:
            step["on"] = day


def _keep(document: _Node, scenario: _Node, steps: CommentedSeq) -> None:
    """Keep what is left of an example; none that is left without a step."""
    if steps:
        scenario["steps"] = steps
    else:
        document["scenarios"].remove(scenario)
