"""Read YAML into the definition language, and say every problem at once with its place.

Owns the way from text to a checked value. It reads no files: the caller passes text and the name to
show. It must never evaluate anything a file says.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from workflow import canonical
from workflow.definition.agency import (
    CalendarCorrections,
    Campaign,
    DeadlineFile,
    LaunchWords,
    Organization,
)
from workflow.definition.document_words import DocumentWords
from workflow.definition.file_values import day_faults, label_faults, made, text_faults
from workflow.definition.gathering import gathering_problems
from workflow.definition.language import Definition
from workflow.definition.nominating import nomination_problems
from workflow.definition.references import naming_problems
from workflow.definition.sources import FileProblem, Path, Source, Vocabulary
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy, verbatim
from workflow.model import Json
from workflow.shapes import fault_of

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDefinition:
    """A definition, the canonical text it came from, and that text's SHA-256 (hex)."""

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
    problems = [
        *naming_problems(source, definition, vocabulary),
        *nomination_problems(source, definition),
        *gathering_problems(source, definition),
        *_unfit(source, label_faults(_plain(source.tree))),
    ]
    if problems:
        raise InvalidInputError(*problems)
    canonical_text = canonical.encode(_plain(source.tree)).decode()
    return LoadedDefinition(
        definition=definition,
        hash=canonical.digest(_plain(source.tree)),
        text=canonical_text,
        source=source,
    )


def restore_definition(text: str) -> Definition:
    """Return the definition whose canonical text was stored, after it had been checked."""
    return Definition.model_validate_json(text)


def read_part(text: str, name: str, model: type[_Model]) -> tuple[Source, _Model]:
    """Return what a file of the agency's own says, and where each part of it stands.

    Raises InvalidInputError.
    """
    source = _parse(text, name)
    return source, _parse_source(source, model)


def load_campaign(text: str, name: str) -> Campaign:
    """Return the campaign in ``text``. Raises InvalidInputError."""
    return _parse_source(_parse(text, name), Campaign)


def load_launch_words(text: str, name: str) -> LaunchWords:
    """Return what launched plans say, from ``text``. Raises InvalidInputError."""
    return _parse_source(_parse(text, name), LaunchWords)


def load_document_words(text: str, name: str) -> DocumentWords:
    """Return the words of official documents, from ``text``. Raises InvalidInputError."""
    return _parse_source(_parse(text, name), DocumentWords)


def read_campaign(body: Mapping[str, object]) -> Campaign:
    """Return the campaign that a body of JSON describes.

    Raises InvalidInputError, as the others.
    """
    return _parse_source(Source(name="campaign", tree=body), Campaign)


def load_organization(text: str, name: str) -> Organization:
    """Return the organization in ``text``. Raises InvalidInputError."""
    return _parse_source(_parse(text, name), Organization)


def load_deadline(text: str, name: str) -> DeadlineFile:
    """Return the deadline in ``text``. Raises InvalidInputError."""
    return _parse_source(_parse(text, name), DeadlineFile)


def load_corrections(text: str, name: str) -> CalendarCorrections:
    """Return the calendar corrections in ``text``. Raises InvalidInputError."""
    return _parse_source(_parse(text, name), CalendarCorrections)


_MOST_CHARACTERS = 256 * 1024
_MOST_MARKS = 16_000
"""Commas, colons, brackets, braces and line ends of a file; the largest shipped one has a tenth.
Bounds the time of reading."""
_MOST_DEPTH = 40


def _parse(text: str, name: str) -> Source:
    """Return the tree of a file that is small, flat and readable enough.

    Raises InvalidInputError.
    """
    if len(text) > _MOST_CHARACTERS or sum(text.count(mark) for mark in ",:[]{}\n") > _MOST_MARKS:
        raise _unreadable(
            name,
            lazy("the file is too large for a process"),
            lazy("take something out; the shipped files have less than 30 KB"),
        )
    if _flow_depth(text) > _MOST_DEPTH:
        raise _unreadable(
            name,
            lazy("the YAML nests more than {depth} levels of brackets", depth=_MOST_DEPTH),
            lazy("write it flatter, as in the shipped files"),
        )
    tree = _tree(text, name)
    if not isinstance(tree, dict):
        raise _unreadable(
            name,
            lazy("the file has no YAML of the form key: value"),
            lazy("see the shipped files"),
        )
    source = Source(name=name, tree=tree)
    _refuse_tangles(source)
    return source


def _tree(text: str, name: str) -> object:
    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        raise _unreadable(
            name,
            lazy("the YAML cannot be read: {why}", why=exc.problem or exc.context),
            lazy("mend the indentation, colon or quotation mark on this line"),
            at=(mark.line + 1, mark.column + 1) if mark else (1, 1),
        ) from exc
    except YAMLError as exc:
        raise _unreadable(name, verbatim(exc), lazy("save the file as UTF-8")) from exc
    except (RecursionError, ValueError) as exc:
        raise _unreadable(
            name,
            lazy("the YAML nests too deep or has a value that cannot be read"),
            lazy("write it flatter, as in the shipped files"),
        ) from exc


def _unreadable(
    name: str, problem: Message, remedy: Message, *, at: tuple[int, int] = (1, 1)
) -> InvalidInputError:
    """Return the refusal of a whole file, at a line and column of it."""
    line, column = at
    return InvalidInputError(
        FileProblem(file=name, line=line, column=column, problem=problem, remedy=remedy)
    )


def _flow_depth(text: str) -> int:
    """Return how deep brackets and braces nest, quotes not looked at.

    The parser itself takes seconds for thousands.
    """
    depth = deepest = 0
    for each in re.finditer(r"[\[\]{}]", text):
        depth = depth + 1 if each.group() in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def _refuse_tangles(source: Source) -> None:
    """Refuse aliases and nesting that no definition needs. Raises InvalidInputError.

    A few lines of aliases unfold into gigabytes.
    """
    met: set[int] = set()
    waiting: list[tuple[Path, object]] = [((), source.tree)]
    for path, node in waiting:
        if not isinstance(node, dict | list):
            continue
        if id(node) in met:
            raise InvalidInputError(
                source.problem(
                    path,
                    lazy("the file uses YAML aliases (& and *)"),
                    lazy("repeat the content in place of the alias"),
                )
            )
        if len(path) > _MOST_DEPTH:
            raise InvalidInputError(
                source.problem(
                    path,
                    lazy("the YAML nests more than {depth} levels", depth=_MOST_DEPTH),
                    lazy("write it flatter, as in the shipped files"),
                )
            )
        met.add(id(node))
        waiting += [
            ((*path, key), value)
            for key, value in (node.items() if isinstance(node, dict) else enumerate(node))
        ]


def _parse_source(source: Source, model: type[_Model]) -> _Model:
    """Return what a file of the agency's own says, made into values.

    Raises InvalidInputError with one Problem per thing wrong.
    """
    tree = made(_plain(source.tree))
    found = _validate(source, model, tree)
    problems = [*_unfit(source, text_faults(tree)), *_unfit(source, day_faults(found))]
    if problems:
        raise InvalidInputError(*problems)
    return found


def _unfit(source: Source, faults: Iterable[tuple[Path, Message]]) -> Iterator[FileProblem]:
    for path, wrong in faults:
        yield source.problem(
            path, wrong, lazy("mend the value of '{key}'", key=path[-1] if path else "")
        )


def _validate(source: Source, model: type[_Model], tree: Json = None) -> _Model:
    try:
        return model.model_validate(_plain(source.tree) if tree is None else tree)
    except ValidationError as exc:
        raise InvalidInputError(*(_translate(source, error) for error in exc.errors())) from exc


_REMEDIES: Mapping[str, tuple[Message, Message]] = {
    "missing": (lazy("the key '{key}' is missing"), lazy("add '{key}:' here")),
    "extra_forbidden": (
        lazy("the key '{key}' is not part of the language of definitions"),
        lazy("delete the key or mend its spelling"),
    ),
    "enum": (lazy("the value {given!r} is not allowed"), lazy("use one of: {expected}")),
    "literal_error": (lazy("the value {given!r} is not allowed"), lazy("use one of: {expected}")),
    "union_tag_invalid": (
        lazy("the value {tag!r} is not allowed"),
        lazy("use one of: {expected_tags}"),
    ),
    "union_tag_not_found": (
        lazy("the key {discriminator} is missing"),
        lazy("add {discriminator} here"),
    ),
    "string_pattern_mismatch": (
        lazy("the value {given!r} has the wrong form"),
        lazy("write it as {pattern}"),
    ),
}


def _translate(source: Source, error: ErrorDetails) -> FileProblem:
    path: Path = error["loc"]
    values = {"key": path[-1] if path else "", "given": error.get("input"), **error.get("ctx", {})}
    if error["type"] not in _REMEDIES:
        return source.problem(
            path, fault_of(error), lazy("mend the value of '{key}'", key=values["key"])
        )
    problem, remedy = _REMEDIES[error["type"]]
    given = tuple((str(name), value) for name, value in values.items())
    return source.problem(path, Message(problem.template, given), Message(remedy.template, given))


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
