"""Where an item says what was searched for: the words around it, marked, and their field.

Only texts that find an item are quoted: those that everybody who sees it may read.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markupsafe import Markup, escape

from api.web.row_titles import row_title
from notifications.translation import translate
from workflow.definition import FieldType, Label
from workflow.messages import Message, lazy
from workflow.queries.items import ItemView
from workflow.rules import fields_and_rows
from workflow.search_words import Fit, Sought
from workflow.values import searchable

_BEFORE: Final = 32
_AFTER: Final = 120
"""Letters that are quoted before and after what is marked."""
_MARKED: Final = Markup("<mark>{}</mark>")
_CODE: Final = lazy("Item code")
_TITLE: Final = lazy("Title")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The words of a field that were found, as markup, and what the field is called."""

    label: Message | Label | str
    words: Markup


def with_marks(text: object, sought: str) -> Markup:
    """Return a text in which the words sought are marked, with and without diacritics."""
    letters = unicodedata.normalize("NFC", str(text))
    return _marked(letters, Sought(sought).places(letters)) if sought else escape(letters)


def excerpt(view: ItemView, sought: Sought) -> Excerpt | None:
    """Return where an item says what was searched for; None where its row's name says it all."""
    named = row_title(view)
    said = (searchable(str(each)) for each in (named.full_name, named.full_deed, named.award))
    if any(sought.fit(each) is not Fit.NOT for each in said):
        return None
    best: tuple[int, str | Message | Label, str] | None = None
    for label, text in _texts(view):
        folded = searchable(text)
        fit = sought.fit(folded)
        lacking = 0 if fit is Fit.PHRASE else 1 + sought.lacking(folded)
        if lacking <= len(sought.words) and (best is None or lacking < best[0]):
            best = (lacking, label, text)
    return Excerpt(best[1], _quoted(best[2], sought)) if best else None


def _texts(view: ItemView) -> Iterator[tuple[str | Message | Label, str]]:
    """Yield each text that finds an item, with its label; title and whom it is for come first."""
    yield _TITLE, view.content.title
    yield _CODE, view.item.code
    said, definition = view.definition.nominates, view.definition
    first = said.nominee if said else ()
    fields = sorted(definition.fields, key=lambda field: field.id not in first)
    for values in fields_and_rows(definition, view.content.fields):
        for field in fields:
            value = values.get(field.id)
            if not isinstance(value, str) or field.seen_by:
                continue
            if field.type in {FieldType.PERSON, FieldType.DEPARTMENT, FieldType.CHOICE}:
                named = {each.id: translate(each.label) for each in field.choices}
                value = named.get(value) or f"{translate(view.names.get(value, value))} ({value})"
            yield field.label, value


def _quoted(text: str, sought: Sought) -> Markup:
    """Return what stands around the first place, with an ellipsis where more does."""
    letters = " ".join(unicodedata.normalize("NFC", text).split())
    places = sought.places(letters)
    start = max(places[0][0] - _BEFORE, 0) if places else 0
    end = (places[0][1] if places else 0) + _AFTER
    if start:
        start = letters.find(" ", start, places[0][0]) + 1 or places[0][0]
    if end < len(letters):
        end = max(letters.rfind(" ", 0, end), places[0][1] if places else 0)
    within = [(a - start, b - start) for a, b in places if a >= start and b <= end]
    marked = _marked(letters[start:end], within)
    return Markup("{}{}{}").format("…" if start else "", marked, "…" if end < len(letters) else "")


def _marked(letters: str, places: list[tuple[int, int]]) -> Markup:
    cuts = [0, *(each for place in places for each in place), len(letters)]
    pieces = (letters[a:b] for a, b in pairwise(cuts))
    return Markup().join(
        _MARKED.format(each) if place % 2 else escape(each) for place, each in enumerate(pieces)
    )
