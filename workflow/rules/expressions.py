"""Expressions: conditions that a definition writes in CEL, the Common Expression Language.

Owns what an expression may name and how it is judged. The language has no loops, no assignments and
no way to the program; macros and indexes are refused besides, so an evaluation is as short as its
text. Nothing here runs Python.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from workflow.definition import Definition, FieldType
from workflow.messages import Message, lazy

_FUNCTIONS = frozenset({"size", "contains", "startsWith", "endsWith", "matches", "int", "string"})
_OPERATORS = frozenset(
    {
        "!_",
        "-_",
        "@in",
        "_!=_",
        "_%_",
        "_&&_",
        "_*_",
        "_+_",
        "_-_",
        "_/_",
        "_<=_",
        "_<_",
        "_==_",
        "_>=_",
        "_>_",
        "_?_:_",
        "_||_",
    }
)
_MACROS = re.compile(r"\.\s*(all|exists|exists_one|map|filter)\s*\(")
_QUOTED = re.compile(r"""[rR]?("(\\.|[^"\\])*"|'(\\.|[^'\\])*')""")
_FIELD = re.compile(r"\bfields\s*\.\s*(\w+)")
_FIELDS = re.compile(r"\bfields\b")
_MEMBERS: Mapping[str, frozenset[str]] = {
    "actor": frozenset({"position", "department"}),
    "author": frozenset({"position", "department"}),
    "campaign": frozenset({"id", "content"}),
}
_MEMBER = re.compile(r"\b(actor|author|campaign)\s*\.\s*(\w+)")
VARIABLES = ("fields", "files", "department", "actor", "author", "campaign")
"""The content's fields by id, names of files, the item's department, position and department of who
acts and who wrote, the id of the campaign and the ids of its plan's content."""

_SAMPLES: Mapping[FieldType, Any] = {
    FieldType.TEXT: "",
    FieldType.LONG_TEXT: "",
    FieldType.RICH_TEXT: "",
    FieldType.INTEGER: 1,
    FieldType.MONEY: 1,
    FieldType.DATE: "2022-01-01",
    FieldType.CHOICE: "",
    FieldType.CHOICES: [],
    FieldType.BOOLEAN: True,
    FieldType.TABLE: [],
    FieldType.NOMINEES: [],
    FieldType.PERSON: "",
    FieldType.DEPARTMENT: "",
    FieldType.FILE: "",
}


def holds(expression: str, values: Mapping[str, Any]) -> bool:
    """Return whether a checked expression is true of ``values``.

    What cannot be compared (an empty field) is not true.
    """
    names, fields = _names(expression)
    needed = {name: values[name] for name in names}
    if fields is not None and "fields" in needed:
        needed["fields"] = {each: values["fields"][each] for each in fields}
    return _holds(expression, orjson.dumps(needed))


@lru_cache(maxsize=4096)
def _holds(expression: str, values: bytes) -> bool:
    """Return the same of values that stand as JSON: the same few come again and again."""
    try:
        return _program(expression)(orjson.loads(values)) is True
    except (TypeError, KeyError, ValueError, ArithmeticError, RuntimeError):
        return False


@lru_cache(maxsize=512)
def _names(expression: str) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """Return the variables that an expression names, and the fields; None: it may ask for all."""
    bare = _QUOTED.sub("''", expression)
    fields = _FIELD.findall(bare)
    is_whole = len(fields) != len(_FIELDS.findall(bare))
    return tuple(sorted(_compiled(expression).variables())), None if is_whole else tuple(fields)


def fields_named(expression: str) -> frozenset[str]:
    """Return the ids of the fields that an expression names."""
    return frozenset(_FIELD.findall(_QUOTED.sub("''", expression)))


def asks_beyond_fields(expression: str) -> bool:
    """Return whether an expression names anything but fields: who wrote the item, its campaign."""
    return not set(_names(expression)[0]) <= {"fields"}


def fault_of(expression: str, definition: Definition) -> tuple[Message, Message] | None:
    """Return what is wrong with ``expression`` in ``definition`` and what to do, or None."""
    if _MACROS.search(expression):
        return lazy("the expression uses a loop (all, exists, map, filter)"), lazy(
            "compare the fields directly, or use size(…)"
        )
    try:
        program = _compiled(expression)
    except ValueError as exc:
        return lazy(
            "the CEL expression cannot be read: {why}", why=str(exc).splitlines()[0][-160:]
        ), lazy("mend the expression, for example: fields.award == 'giay_khen'")
    return _unknown(expression, program, definition) or _not_a_condition(program, definition)


def _unknown(
    expression: str,
    program: Any,  # noqa: ANN401 - the library's untyped program
    definition: Definition,
) -> tuple[Message, Message] | None:
    if names := sorted(set(program.variables()) - set(VARIABLES)):
        return lazy("the expression uses unknown names: {names}", names=", ".join(names)), lazy(
            "use one of: {names}", names=", ".join(VARIABLES)
        )
    if names := sorted(set(program.functions()) - _FUNCTIONS - _OPERATORS):
        return lazy(
            "the expression uses functions or operators that are not allowed: {names}",
            names=", ".join(names),
        ), lazy("use comparisons and: {names}", names=", ".join(sorted(_FUNCTIONS)))
    bare = _QUOTED.sub("''", expression)
    known = {each.id for each in definition.fields}
    if names := sorted(set(_FIELD.findall(bare)) - known):
        return lazy(
            "the expression names fields that are not among 'fields': {names}",
            names=", ".join(names),
        ), lazy("use one of: {names}", names=", ".join(sorted(known)))
    if names := sorted(
        f"{owner}.{member}"
        for owner, member in _MEMBER.findall(bare)
        if member not in _MEMBERS[owner]
    ):
        return lazy("the expression uses unknown names: {names}", names=", ".join(names)), lazy(
            "actor and author have: position, department; campaign has: id, content"
        )
    return None


def _not_a_condition(
    program: Any,  # noqa: ANN401 - the library's untyped program
    definition: Definition,
) -> tuple[Message, Message] | None:
    """Try it on filled fields: it must answer yes or no."""
    remedy = lazy(
        "compare values of one type, for example: fields.amount > 1000000; a date is "
        "written 'YYYY-MM-DD'"
    )
    someone = {"position": "staff", "department": "phong"}
    fields = {each.id: _SAMPLES[each.type] for each in definition.fields}
    try:
        answer = program.execute(
            {
                "fields": fields,
                "files": [],
                "department": "phong",
                "actor": someone,
                "author": someone,
                "campaign": {"id": "", "content": [""]},
            }
        )
    except (TypeError, KeyError, ValueError, ArithmeticError, RuntimeError) as exc:
        return lazy(
            "the expression cannot be evaluated: {why}", why=str(exc).split(":")[0][:120]
        ), remedy
    return (
        None
        if isinstance(answer, bool)
        else (lazy("the expression is neither true nor false"), remedy)
    )


@lru_cache(maxsize=512)
def _program(expression: str) -> Callable[[Mapping[str, Any]], Any]:
    execute: Callable[[Mapping[str, Any]], Any] = _compiled(expression).execute
    return execute


def _compiled(expression: str) -> Any:  # noqa: ANN401 - the library's untyped program
    import cel  # noqa: PLC0415 - 70 ms, for definitions that have expressions

    return cel.compile(expression)
