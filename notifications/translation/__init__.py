"""Translate what the product says into the language of whoever reads it.

Owns the catalogues beside this file (GNU gettext) and the language that is spoken here and now.
Sentences are written in English where they are needed; Vietnamese, the default, comes from the
catalogue. What is recorded is never translated: history, documents and people's own words.

Whoever serves somebody says so once, with ``speaking``; it holds for that request, letter or
command alone (PEP 567).
"""

import gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

from workflow.definition import FileProblem, Label
from workflow.errors import Reason, ThiduaError
from workflow.messages import Message
from workflow.shapes import Misshapen

SOURCE_LANGUAGE: Final = "en"
"""The language of the sentences in the code."""

DEFAULT_LANGUAGE: Final = "vi"
"""The language of the agency, of its documents, and of whoever has chosen none."""

LANGUAGES: Final[Mapping[str, str]] = {"vi": "Tiếng Việt", "en": "English"}
"""The languages that the product speaks, by code (ISO 639-1), each in its own name."""

CATALOGUES: Final = Path(__file__).parent
DOMAIN: Final = "thidua"

_spoken: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


def language() -> str:
    """Return the code of the language that is spoken here and now."""
    return _spoken.get()


def speak(code: str) -> None:
    """Speak ``code`` from here on, as far as this context reaches; an unknown code is ignored."""
    if code in LANGUAGES:
        _spoken.set(code)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak ``code`` while the block runs."""
    before = _spoken.set(code if code in LANGUAGES else language())
    try:
        yield
    finally:
        _spoken.reset(before)


def translate(sentence: object, plural: str = "", /, **values: object) -> str:
    """Return a sentence in the language spoken here, its places filled with ``values``.

    ``sentence``: an English template (the call marks it for the catalogue), or what the core said:
    a Message, a Reason, an error, a Label; anything else is its own text. A place called ``count``
    takes an integer and decides between the template and ``plural``.
    """
    match sentence:
        case str():
            found = translated(sentence, plural, values.get("count"))
        case Message():
            values = dict(sentence.values)
            found = translated(sentence.template, sentence.plural, values.get("count"))
        case Reason() | ThiduaError() | FileProblem():
            return translate(sentence.message)
        case Misshapen():
            text = translate(sentence.message)
            return text[:-1] if text.endswith("..") else text  # what it holds may be a sentence
        case Label():
            return sentence.vi if language() == DEFAULT_LANGUAGE else sentence.en
        case _:
            return str(sentence)
    return (
        found.format(**{name: in_words(value) for name, value in values.items()})
        if values
        else found
    )


def within_sentence(words: object) -> str:
    """Return words in the reader's language as they stand within a sentence."""
    text = translate(words)
    return text[:1].lower() + text[1:]


_SAID = (Message, Reason, ThiduaError, FileProblem, Misshapen, Label)
_MARKS = str.maketrans(".,", ",.")


class Number(float):
    """A number that is written with the marks of the language spoken here."""

    def __format__(self, spec: str, /) -> str:
        """Return the number as ``spec`` says."""
        text = super().__format__(spec)
        return text.translate(_MARKS) if language() == DEFAULT_LANGUAGE else text


def counted(count: int, most: int) -> str:
    """Return a count that is not counted to its end: of more than ``most`` that there are more."""
    return str(count) if count <= most else f"{Number(most):,.0f}+"


def in_words(value: object) -> object:
    """Return a value of a sentence as it is filled in: what can be translated, translated."""
    if isinstance(value, str):  # as most of what a page fills in is
        return value
    if isinstance(value, float):
        return Number(value)
    return translate(value) if isinstance(value, _SAID) else value


def translated(template: str, plural: str = "", count: object = None) -> str:
    """Return a template in the language spoken here, its places still open."""
    catalogue = _catalogue(language())
    if plural and isinstance(count, int):
        return catalogue.ngettext(template, plural, count)
    return catalogue.gettext(template) if template else template


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, CATALOGUES, [code])
