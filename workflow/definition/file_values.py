"""What an agency's own files say, made into values: text as kept, days within known years.

Owns which members of campaigns, organizations and deadlines stand on one line: they become names,
subjects and sender of mails. Definitions are judged elsewhere, for their text is hashed as it was
written. Pure.
"""

from collections.abc import Iterator
from datetime import date, datetime

from pydantic import BaseModel

from workflow import values
from workflow.messages import Message, lazy
from workflow.model import Json

Path = tuple[str | int, ...]
_ON_ONE_LINE = frozenset(
    {
        "name",
        "title",
        "number",
        "issuer",
        "owner",
        "who",
        "signed_by",
        "symbol",
        "superior",
        "place",
        "email",
        "notice",
        "vi",
        "en",
    }
)
_SEEN = frozenset({"name", "title", "symbol"})
_MOST_IN_LINE = 300
_MOST = 20_000
_MOST_OF = {"departments": 200, "symbol": 30}
"""Characters of what a column holds: the names of departments, a symbol within a notation."""
_TOLD = frozenset({"issued_on"})
"""Days of documents, which may be older than the product's years."""


def made(node: Json, key: str | int = "") -> Json:
    """Return a file's tree with its texts as they are kept."""
    match node:
        case dict():
            return {name: made(value, name) for name, value in node.items()}
        case list():
            return [made(value, key) for value in node]
        case str():
            return values.line(node) if key in _ON_ONE_LINE else values.lines(node)
        case _:
            return node


def text_faults(node: Json, path: Path = ()) -> Iterator[tuple[Path, Message]]:
    """Yield where a text of a tree does not fit, and why."""
    match node:
        case dict():
            for name, value in node.items():
                yield from text_faults(value, (*path, name))
        case list():
            for place, value in enumerate(node):
                yield from text_faults(value, (*path, place))
        case str():
            key = next((each for each in reversed(path) if isinstance(each, str)), "")
            most = _MOST_OF.get(
                key if key in _MOST_OF else str(path[0] if path else ""), _MOST_IN_LINE
            )
            wrong = (
                values.line_fault(node, most, may_be_empty=key not in _SEEN)
                if key in _ON_ONE_LINE
                else values.lines_fault(node, _MOST, may_be_empty=True)
            )
            if wrong is not None:
                yield path, wrong


def label_faults(definition: Json) -> Iterator[tuple[Path, Message]]:
    """Yield where a label does not fit, and why: labels stand in subjects and headings."""
    for path, wrong in text_faults(definition):
        if "label" in path:
            yield path, wrong


def day_faults(part: BaseModel, path: Path = ()) -> Iterator[tuple[Path, Message]]:
    """Yield where a day or an instant of a file lies outside the years that the product knows."""
    for name in type(part).model_fields:
        yield from _day_faults(getattr(part, name), (*path, name))


def _day_faults(value: object, path: Path) -> Iterator[tuple[Path, Message]]:
    match value:
        case BaseModel():
            yield from day_faults(value, path)
        case tuple():
            for place, each in enumerate(value):
                yield from _day_faults(each, (*path, place))
        case datetime() | date():
            first = values.EARLIEST_YEAR_TOLD if path[-1] in _TOLD else values.FIRST_YEAR
            if not first <= value.year <= values.LAST_YEAR:
                yield (
                    path,
                    lazy(
                        "must lie within the years {first} to {last}",
                        first=first,
                        last=values.LAST_YEAR,
                    ),
                )
