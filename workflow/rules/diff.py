"""What differs between two contents of an item, field by field, in words checked at a glance.

Pure. Texts are compared word by word; everything else is shown whole, before and after.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from workflow.definition import Definition, FieldType, ItemField, Label, columns_of
from workflow.messages import InWords, Message, lazy
from workflow.model import Content, Json, StoredFile
from workflow.rules.nominees import rows_in

_WORDS = re.compile(r"\s+|[^\s]+")
_TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.RICH_TEXT})
_COMPARED = 4000
"""Words of a text that are compared one by one; a longer one is shown whole, before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text: ``same`` in both, ``added``, or ``removed``."""

    what: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that differs (or the title, or the files), by its label."""

    label: Label | Message
    pieces: tuple[Piece, ...]


def differences(
    definition: Definition,
    before: Content,
    after: Content,
    names: Mapping[str, str | Message],
    words: InWords = str,
) -> list[Difference]:
    """Return what differs: title, then fields in the definition's order, then files.

    ``names``: people and departments by id; ``words`` says labels in the reader's language.
    """
    files = {each.sha256: each.name for each in (*before.files, *after.files)}
    found = [Difference(label=lazy("Title"), pieces=_by_word(before.title, after.title))]
    for field in definition.fields:
        old, new = (
            _value_in_words(definition, field, content, {**names, **files}, words)
            for content in (before, after)
        )
        compare = _by_word if field.type in _TEXTS else _replaced_whole
        found.append(Difference(label=field.label, pieces=compare(old, new)))
    found.append(
        Difference(
            label=lazy("Attachments"),
            pieces=_replaced_whole(_files(before.files), _files(after.files)),
        )
    )
    return [each for each in found if any(piece.what != "same" for piece in each.pieces)]


def _value_in_words(
    definition: Definition,
    field: ItemField,
    content: Content,
    names: Mapping[str, str | Message],
    words: InWords,
) -> str:
    """Return what a field says; of a list of nominees, a line each."""
    value = content.fields.get(field.id)
    if field.type is not FieldType.NOMINEES:
        return in_words(field, value, names, words)
    lines = [
        [in_words(each, row.get(each.id), names, words) for each in columns_of(definition, field)]
        for row in rows_in(value)
    ]
    return "\n".join(
        f"{number}. " + " | ".join(filter(None, cells)) for number, cells in enumerate(lines, 1)
    )


def in_words(
    field: ItemField, value: Json, names: Mapping[str, str | Message], words: InWords
) -> str:
    """Return the value of a field as plain text; ``names``: of people, departments and files."""
    labels = {each.id: words(each.label) for each in field.choices}
    match value:
        case None | "" | []:
            return ""
        case bool():
            return words(lazy("Yes") if value else lazy("No"))
        case list() if field.type is FieldType.TABLE:
            return "\n".join(
                " | ".join(str(row.get(each.id, "")) for each in field.columns)
                for row in value
                if isinstance(row, dict)
            )
        case list():
            return "; ".join(labels.get(str(each), str(each)) for each in value)
        case int():
            return f"{value:,}".replace(",", ".")
        case _ if field.type is FieldType.DATE:
            return "/".join(reversed(str(value).split("-")))
        case _:
            text = str(value)
            name = names.get(text) or text
            return labels.get(text) or (name if isinstance(name, str) else words(name))


def _files(files: Sequence[StoredFile]) -> str:
    return "\n".join(f"{each.name} ({each.sha256[:12]})" for each in files)


def _replaced_whole(old: str, new: str) -> tuple[Piece, ...]:
    if old == new:
        return ()
    return tuple(
        Piece(what=what, text=text) for what, text in (("removed", old), ("added", new)) if text
    )


def _by_word(old: str, new: str) -> tuple[Piece, ...]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if [each for each in before if not each.isspace()] == [
        each for each in after if not each.isspace()
    ]:
        return ()  # spaces alone are no change that anybody sees
    if len(before) + len(after) > _COMPARED:
        return _replaced_whole(old, new)
    pieces: list[Piece] = []
    for kind, start, end, other, last in SequenceMatcher(
        a=before, b=after, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            pieces.append(Piece(what="same", text="".join(before[start:end])))
        else:
            pieces += _replaced_whole("".join(before[start:end]), "".join(after[other:last]))
    return tuple(pieces)
