"""Read YAML into the definition language, and say every problem at once with its place.

Owns the way from text to a checked value. It reads no files: the caller passes text and the name to show. It must never
evaluate anything a file says.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from workflow import canonical
from workflow.definition.language import Actor, CalendarCorrections, Campaign, DeadlineFile, Definition, GuardUse, Organization
from workflow.errors import InvalidInputError
from workflow.model import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSignature:
    """What a guard takes: the names of its parameters, all needed, and which of them name fields of the definition."""

    parameters: frozenset[str] = frozenset()
    naming_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a definition may name: guards with their signatures; ``fault`` says what is wrong with an expression and what to do, or None."""

    guards: Mapping[str, GuardSignature]
    fault: Callable[[str, Definition], tuple[str, str] | None]


Path = tuple[str | int, ...]
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in a file: where (1-based line and column), what, and what to do."""

    file: str
    line: int
    column: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        """Return one line: place, problem, remedy."""
        return f"{self.file}:{self.line}:{self.column}: {self.problem} → {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file that a definition was read from; knows the place of each of its parts."""

    name: str
    tree: Any = None

    def problem(self, path: Path, problem: str, remedy: str) -> Problem:
        """Return a problem at ``path`` (keys and indexes from the top), or at its nearest ancestor in the file."""
        line, column = _place(self.tree, path)
        return Problem(file=self.name, line=line, column=column, problem=problem, remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDefinition:
    """A definition with its identity: the canonical text it came from and that text's SHA-256 (hex)."""

    definition: Definition
    hash: str
    text: str
    source: Source = field(compare=False, repr=False)


def load_definition(text: str, name: str, vocabulary: Vocabulary) -> LoadedDefinition:
    """Return the definition in ``text``; ``name`` is shown in messages.

    Raises InvalidInputError with one Problem per thing wrong.
    """
    source = _parse(text, name)
    definition = _validate(source, Definition)
    problems = [*_reference_problems(source, definition), *_guard_problems(source, definition, vocabulary.guards)]
    problems += [] if problems else _expression_problems(source, definition, vocabulary)
    if problems:
        raise InvalidInputError(*problems)
    canonical_text = canonical.encode(_plain(source.tree)).decode()
    return LoadedDefinition(definition=definition, hash=canonical.digest(_plain(source.tree)), text=canonical_text, source=source)


def restore_definition(text: str) -> Definition:
    """Return the definition whose canonical text was stored; it was checked before it was stored."""
    return Definition.model_validate_json(text)


def load_campaign(text: str, name: str) -> Campaign:
    """Return the campaign in ``text``. Raises InvalidInputError."""
    return _validate(_parse(text, name), Campaign)


def read_campaign(body: Mapping[str, Any]) -> Campaign:
    """Return the campaign that a body of JSON describes. Raises InvalidInputError with one Problem per thing wrong."""
    return _validate(Source(name="campaign", tree=body), Campaign)


def load_organization(text: str, name: str) -> Organization:
    """Return the organization in ``text``. Raises InvalidInputError."""
    return _validate(_parse(text, name), Organization)


def load_deadline(text: str, name: str) -> DeadlineFile:
    """Return the deadline in ``text``. Raises InvalidInputError."""
    return _validate(_parse(text, name), DeadlineFile)


def load_corrections(text: str, name: str) -> CalendarCorrections:
    """Return the calendar corrections in ``text``. Raises InvalidInputError."""
    return _validate(_parse(text, name), CalendarCorrections)


_MOST_CHARACTERS = 256 * 1024
_MOST_MARKS = 16_000
"""Commas, colons, brackets, braces and line ends of a file; the largest shipped one has a tenth. Bounds the time of reading."""
_MOST_DEPTH = 40


def _parse(text: str, name: str) -> Source:
    if len(text) > _MOST_CHARACTERS or sum(text.count(mark) for mark in ",:[]{}\n") > _MOST_MARKS:
        raise InvalidInputError(
            Problem(file=name, line=1, column=1, problem="tệp quá lớn đối với một quy trình", remedy="tách bớt nội dung; tệp mẫu có dưới 30 KB")
        )
    if _flow_depth(text) > _MOST_DEPTH:
        raise InvalidInputError(
            Problem(file=name, line=1, column=1, problem=f"YAML lồng quá {_MOST_DEPTH} tầng ngoặc", remedy="viết phẳng hơn, xem tệp mẫu")
        )
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = f"YAML không đọc được: {exc.problem or exc.context}"
        raise InvalidInputError(
            Problem(file=name, line=line, column=column, problem=what, remedy="sửa dấu thụt dòng, dấu hai chấm hoặc dấu nháy ở dòng này")
        ) from exc
    except YAMLError as exc:
        raise InvalidInputError(Problem(file=name, line=1, column=1, problem=str(exc), remedy="lưu tệp bằng UTF-8")) from exc
    except (RecursionError, ValueError) as exc:
        raise InvalidInputError(
            Problem(file=name, line=1, column=1, problem="YAML lồng quá sâu hoặc có giá trị không đọc được", remedy="viết phẳng hơn, xem tệp mẫu")
        ) from exc
    if not isinstance(tree, dict):
        raise InvalidInputError(Problem(file=name, line=1, column=1, problem="tệp không có nội dung YAML dạng khóa: giá trị", remedy="xem tệp mẫu"))
    source = Source(name=name, tree=tree)
    _refuse_tangles(source)
    return source


def _flow_depth(text: str) -> int:
    """Return how deep brackets and braces nest, quotes not looked at; the parser itself takes seconds for thousands."""
    depth = deepest = 0
    for each in re.finditer(r"[\[\]{}]", text):
        depth = depth + 1 if each.group() in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def _refuse_tangles(source: Source) -> None:
    """Refuse aliases (a few lines of them unfold into gigabytes) and nesting that no definition needs. Raises InvalidInputError."""
    met: set[int] = set()
    waiting: list[tuple[Path, Any]] = [((), source.tree)]
    for path, node in waiting:
        if not isinstance(node, dict | list):
            continue
        if id(node) in met:
            raise InvalidInputError(source.problem(path, "tệp dùng bí danh YAML (& và *)", "chép lại nội dung tại chỗ thay cho bí danh"))
        if len(path) > _MOST_DEPTH:
            raise InvalidInputError(source.problem(path, f"YAML lồng quá {_MOST_DEPTH} tầng", "viết phẳng hơn, xem tệp mẫu"))
        met.add(id(node))
        waiting += [((*path, key), value) for key, value in (node.items() if isinstance(node, dict) else enumerate(node))]


def _validate(source: Source, model: type[_Model]) -> _Model:
    try:
        return model.model_validate(_plain(source.tree))
    except ValidationError as exc:
        raise InvalidInputError(*(_translate(source, dict(error)) for error in exc.errors())) from exc


_REMEDIES: Mapping[str, tuple[str, str]] = {
    "missing": ("thiếu khóa '{key}'", "thêm '{key}:' vào mục này"),
    "extra_forbidden": ("khóa '{key}' không có trong ngôn ngữ định nghĩa", "xóa khóa này hoặc sửa lỗi gõ"),
    "enum": ("giá trị {given!r} không được phép", "dùng một trong: {expected}"),
    "literal_error": ("giá trị {given!r} không được phép", "dùng một trong: {expected}"),
    "string_pattern_mismatch": ("giá trị {given!r} sai dạng", "viết theo mẫu {pattern}"),
}


def _translate(source: Source, error: dict[str, Any]) -> Problem:
    path: Path = error["loc"]
    values = {"key": path[-1] if path else "", "given": error.get("input"), **error.get("ctx", {})}
    problem, remedy = _REMEDIES.get(error["type"], ("", ""))
    if not problem:
        message = str(error["msg"]).removeprefix("Value error, ")
        return source.problem(path, message, f"sửa giá trị của '{values['key']}'")
    return source.problem(path, problem.format_map(_Lenient(values)), remedy.format_map(_Lenient(values)))


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return key


def _place(tree: object, path: Path) -> tuple[int, int]:
    """Return the 1-based line and column of ``path`` in the tree, or of its nearest ancestor that exists."""
    line, column, node = 1, 1, tree
    for step in path:
        mark = getattr(node, "lc", None)
        found = mark.data.get(step) if mark is not None and mark.data else None
        if found is None:
            break
        line, column = found[0] + 1, found[1] + 1
        try:
            node = node[step]  # type: ignore[index]  # a node with marks is a mapping or a sequence
        except (KeyError, IndexError, TypeError):
            break
    return line, column


def _plain(node: object) -> Json:
    """Return the tree as plain canonical values; dates become ISO text."""
    match node:
        case dict():
            return {str(key): _plain(value) for key, value in node.items()}
        case list():
            return [_plain(value) for value in node]
        case bool() | None:
            return node
        case int():
            return int(node)
        case date():
            return node.isoformat()
        case str():
            return canonical.text(str(node))
        case _:
            return str(node)


def _reference_problems(source: Source, definition: Definition) -> Iterator[Problem]:
    """Yield every id that names nothing, and every id given twice."""
    for key, parts in _identified(definition):
        yield from _duplicate_problems(source, key, parts)
    states = {each.id for each in definition.states}
    groups = {each.id for each in definition.groups}
    known = f"dùng một trong: {', '.join(each.id for each in definition.states)}"
    if definition.initial not in states:
        yield source.problem(("initial",), f"trạng thái đầu '{definition.initial}' không có trong 'states'", known)
    for index, each in enumerate(definition.fields):
        if each.group not in groups:
            yield source.problem(("fields", index, "group"), f"nhóm '{each.group}' không có trong 'groups'", f"dùng một trong: {', '.join(groups)}")
    for index, transition in enumerate(definition.transitions):
        for key, names in (("from", transition.from_states), ("to", transition.to)):
            for place, name in enumerate(names):
                if name not in states:
                    path = ("transitions", index, key, place)
                    yield source.problem(path, f"bước chuyển '{transition.id}' dùng trạng thái '{name}' không có trong 'states'", known)
    yield from _sign_off_problems(source, definition)
    yield from _timer_problems(source, definition)
    yield from _assurance_problems(source, definition)


def _sign_off_problems(source: Source, definition: Definition) -> Iterator[Problem]:
    """Yield every sign-off in a state without rules for its holders, and every answer that is no plain way out of its state."""
    for index, state in enumerate(definition.states):
        if state.sign_off is None:
            continue
        if state.final or state.held_by_author or not state.holders:
            yield source.problem(("states", index, "sign_off"), f"trạng thái '{state.id}' không có 'holders' để cùng cho ý kiến", "thêm 'holders'")
        for key, name in (("approve", state.sign_off.approve), ("reject", state.sign_off.reject)):
            ways = [each for each in definition.transitions if each.id == name and state.id in each.from_states]
            if len(ways) != 1 or len(ways[0].to) != 1 or ways[0].when or ways[0].numbered or ways[0].by is not Actor.HOLDER:
                yield source.problem(
                    ("states", index, "sign_off", key),
                    f"'{name}' không phải là một bước chuyển đơn của người giữ hồ sơ từ '{state.id}'",
                    "dùng một bước chuyển có đúng một 'to', không có 'when', không cấp số",
                )


def _timer_problems(source: Source, definition: Definition) -> Iterator[Problem]:
    """Yield every timer whose transition is not the clock's from that state, and every two timers of one day."""
    for index, state in enumerate(definition.states):
        for place, timer in enumerate(state.timers):
            path: Path = ("states", index, "timers", place)
            ways = [each for each in definition.transitions if each.id == timer.take and state.id in each.from_states]
            if timer.take is not None and (len(ways) != 1 or ways[0].by is not Actor.CLOCK or len(ways[0].to) != 1):
                yield source.problem(path, f"'{timer.take}' không phải là bước chuyển của đồng hồ từ '{state.id}'", "ghi 'by: clock' và một 'to'")
            if timer.days in [each.days for each in state.timers[:place]]:
                yield source.problem(path, f"hai hẹn giờ cùng {timer.days} ngày", "gộp thành một, hoặc đổi số ngày")
    timed = {(state.id, timer.take) for state in definition.states for timer in state.timers}
    for index, each in enumerate(definition.transitions):
        if each.by is Actor.CLOCK and any((state, each.id) not in timed for state in each.from_states):
            yield source.problem(("transitions", index), f"không hẹn giờ nào thực hiện '{each.id}'", "thêm 'timers' vào các trạng thái trong 'from'")


def _assurance_problems(source: Source, definition: Definition) -> Iterator[Problem]:
    """Yield every state and transition that guarantees and scenarios name and the definition does not have."""
    states = {each.id for each in definition.states}
    transitions = {each.id for each in definition.transitions}
    for path, name, known in _assured(definition, states, transitions):
        if name not in known:
            kind = "trạng thái" if known is states else "bước chuyển"
            yield source.problem(path, f"{kind} '{name}' không có trong quy trình", f"dùng một trong: {', '.join(sorted(known))}")


def _assured(definition: Definition, states: set[str], transitions: set[str]) -> Iterator[tuple[Path, str, set[str]]]:
    for index, passage in enumerate(definition.guarantees.passages):
        yield ("guarantees", "passages", index, "to"), passage.to, states
        for place, each in enumerate(passage.through):
            yield ("guarantees", "passages", index, "through", place), each, states
    for index, each in enumerate(definition.guarantees.never_the_author):
        yield ("guarantees", "never_the_author", index), each, transitions
    for index, pair in enumerate(definition.guarantees.different_people):
        for place, each in enumerate(pair):
            yield ("guarantees", "different_people", index, place), each, transitions
    for index, scenario in enumerate(definition.scenarios):
        for place, step in enumerate(scenario.steps):
            yield ("scenarios", index, "steps", place, "do"), step.do, transitions
            for key, name in (("to", step.to), ("then", step.then)):
                if name is not None:
                    yield ("scenarios", index, "steps", place, key), name, states


def _identified(definition: Definition) -> Sequence[tuple[str, Sequence[str]]]:
    return (
        ("states", [each.id for each in definition.states]),
        ("fields", [each.id for each in definition.fields]),
        ("groups", [each.id for each in definition.groups]),
    )


def _duplicate_problems(source: Source, key: str, ids: Sequence[str]) -> Iterator[Problem]:
    for index, each in enumerate(ids):
        if each in ids[:index]:
            yield source.problem((key, index, "id"), f"mã '{each}' đã dùng ở một mục trước trong '{key}'", "đặt mã khác")


def _guard_problems(source: Source, definition: Definition, guards: Mapping[str, GuardSignature]) -> Iterator[Problem]:
    for index, transition in enumerate(definition.transitions):
        for place, use in enumerate(transition.guards):
            path: Path = ("transitions", index, "guards", place, "name")
            if use.name not in guards:
                yield source.problem(path, f"điều kiện '{use.name}' không tồn tại", f"dùng một trong: {', '.join(sorted(guards))}")
            else:
                yield from _parameter_problems(source, path, use, guards[use.name], {field.id for field in definition.fields})


def _expression_problems(source: Source, definition: Definition, vocabulary: Vocabulary) -> Iterator[Problem]:
    for index, transition in enumerate(definition.transitions):
        written: list[tuple[Path, str]] = [(("when",), transition.when)] if transition.when else []
        written += [(("requires", place, "expression"), each.expression) for place, each in enumerate(transition.requires)]
        for path, expression in written:
            fault = vocabulary.fault(expression, definition)
            if fault is not None:
                yield source.problem(("transitions", index, *path), *fault)


def _parameter_problems(source: Source, path: Path, use: GuardUse, signature: GuardSignature, fields: set[str]) -> Iterator[Problem]:
    allowed = ", ".join(sorted(signature.parameters)) or "không có tham số nào"
    if unknown := set(use.parameters) - signature.parameters:
        yield source.problem(path, f"điều kiện '{use.name}' không nhận tham số {', '.join(sorted(unknown))}", f"tham số được nhận: {allowed}")
    if missing := signature.parameters - set(use.parameters):
        yield source.problem(path, f"điều kiện '{use.name}' thiếu tham số {', '.join(sorted(missing))}", f"tham số cần có: {allowed}")
    for name in sorted(signature.naming_fields & set(use.parameters)):
        if use.parameters[name] not in fields:
            what = f"điều kiện '{use.name}' nhắc tới trường '{use.parameters[name]}' không có trong 'fields'"
            yield source.problem(path, what, f"dùng một trong: {', '.join(sorted(fields))}")
