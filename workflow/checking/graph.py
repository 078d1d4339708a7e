"""Graph checks: states nobody reaches, dead ends, states nobody holds. One function each, all offenders named."""

from collections.abc import Iterator

from workflow.definition import Definition, Problem


def graph_problems(definition: Definition, file: str) -> Iterator[Problem]:
    """Yield every problem of the graph of states."""
    yield from _unreachable(definition, file)
    yield from _dead_ends(definition, file)
    yield from _unheld(definition, file)
    yield from _shadowed(definition, file)


def _problem(file: str, problem: str, remedy: str) -> Problem:
    return Problem(file=file, line=1, column=1, problem=problem, remedy=remedy)


def _unreachable(definition: Definition, file: str) -> Iterator[Problem]:
    reached = {definition.initial}
    grows = True
    while grows:
        found = {to for each in definition.transitions if reached & set(each.from_states) for to in each.to}
        grows = not found <= reached
        reached |= found
    for state in definition.states:
        if state.id not in reached:
            yield _problem(file, f"không có đường nào tới trạng thái '{state.id}'", "thêm bước chuyển tới đó hoặc bỏ trạng thái")


def _dead_ends(definition: Definition, file: str) -> Iterator[Problem]:
    left = {state for each in definition.transitions for state in each.from_states}
    for state in definition.states:
        if state.final and state.id in left:
            yield _problem(file, f"trạng thái cuối '{state.id}' vẫn có bước chuyển đi", "bỏ 'final: true' hoặc bỏ bước chuyển")
        if not state.final and state.id not in left:
            yield _problem(file, f"trạng thái '{state.id}' không có bước chuyển đi", "thêm bước chuyển hoặc ghi 'final: true'")


def _unheld(definition: Definition, file: str) -> Iterator[Problem]:
    for state in definition.states:
        if not state.final and not state.held_by_author and not state.holders:
            yield _problem(file, f"trạng thái '{state.id}' không có ai giữ hồ sơ", "thêm 'holders' hoặc 'held_by_author: true'")


def _shadowed(definition: Definition, file: str) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for each in definition.transitions:
        for state in each.from_states:
            if (each.id, state) in seen:
                yield _problem(file, f"bước chuyển '{each.id}' từ '{state}' khai báo hai lần", "gộp 'to' của hai mục")
            seen.add((each.id, state))
