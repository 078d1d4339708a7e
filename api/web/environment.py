"""The templates of pages: how they are read, escaped and translated.

Owns the use of Jinja. Autoescape and StrictUndefined are on. Loaded with the first page, not with
the server: see ``rendering``.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from api.program_name import program
from api.web.dates import day_text, typed_day
from api.web.excerpts import with_marks
from api.web.rich_text import commonmark, rich
from api.web.row_titles import row_title, shortened
from notifications.translation import (
    LANGUAGES,
    counted,
    in_words,
    language,
    translate,
    translated,
    within_sentence,
)

_TEMPLATES = Path(__file__).parent / "templates"
_BLOCKS = (
    "article|aside|body|br|caption|d[dlt]|details|div|fieldset|figure|footer|form|h[1-6]|"
    "head|header|html|legend|li|link|main|meta|nav|[ou]l|option|p|section|summary|"
    "t(?:able|body|d|h|head|r)|use"
)
"""The elements that begin and end a line by themselves, or show no text."""
_AROUND_BLOCKS = re.compile(rf"""(?:\n\s*)?(</?(?:{_BLOCKS})\b(?:"[^"]*"|[^"<>])*>)(?:\s*\n\s*)?""")
_INDENT = re.compile(r"\n\s+")
_CODE = re.compile(r"[A-ZĐ]{2,5}-[0-9]{4}-[0-9]{4,}|[0-9]+(?:/[0-9]{4})?/[A-ZĐ]+-[A-ZĐa-z]+")
_ON_ONE_LINE = Markup('<span class="once">{}</span>')
"""The code of an item, the number of a document, and how it stands where no line may end within."""


@lru_cache(maxsize=1)
def templates() -> jinja2.Environment:
    """Return the templates of pages, and what they may use beside their page's values."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "capitalize": _capitalized,
        "commonmark": commonmark,
        "counted": counted,
        "rich": rich,
        "in_words": in_words,
        "day_text": day_text,
        "typed_day": typed_day,
        "with_whole_codes": _with_whole_codes,
        "row_title": row_title,
        "shortened": shortened,
        "with_marks": with_marks,
        "within_sentence": within_sentence,
    }
    environment.filters["join"] = _joining_words(environment.filters["join"])
    environment.finalize = _finalized
    environment.globals |= {
        "translate": _translated,
        "language": language,
        "languages": LANGUAGES,
        "program": program,
    }
    return environment


def _capitalized(words: str) -> str:
    """Return words with a capital at their beginning; names within them keep theirs."""
    return words[:1].upper() + words[1:]


def _source(name: str) -> tuple[str, str, None]:
    """Return a template and its path, without the line ends and indents that no page shows.

    They are for who reads the template; sent, they would be a third of each page.
    """
    path = _TEMPLATES / name
    text = _AROUND_BLOCKS.sub(r"\1", path.read_text("utf-8"))
    return _INDENT.sub("\n", text), str(path), None


def _translated(template: object, plural: str = "", /, **values: object) -> Markup:
    """Translate a sentence in a page: what is filled in is escaped, unless it is markup itself."""
    if not isinstance(template, str):
        return escape(translate(template))
    found = escape(translated(template, plural, values.get("count")))
    return (
        found.format(**{name: in_words(value) for name, value in values.items()})
        if values
        else found
    )


def _with_whole_codes(text: object) -> Markup:
    """Return a text in which no line ends within the code of an item."""
    shown = escape(in_words(text))
    for code in set(_CODE.findall(shown)):
        shown = shown.replace(code, _ON_ONE_LINE.format(code))
    return shown


def _joining_words(join: Callable[..., str]) -> Callable[..., str]:
    """Return Jinja's filter ``join``, which says each piece in the reader's language first.

    What is joined is text already when it is finalized, and ``str`` of a Message is its English.
    """

    @wraps(join)
    def joined(context: object, pieces: Iterable[object], *arguments: object) -> str:
        return join(context, map(in_words, pieces), *arguments)

    return joined


def _finalized(value: object) -> object:
    """Return what a template shows of ``value``: what the core said, in the reader's language."""
    return in_words(value)
