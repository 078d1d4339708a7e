"""Every sentence of the product, said in the language of whoever reads it.

Owns the catalogues under ``workflow/locale`` (GNU gettext). Sentences are written in Vietnamese, where they are needed,
with ``str.format`` places for facts; the English ones come from the catalogue. What is recorded is never said: the
history, the documents and the stored words of people are what they are, in whatever language they were written.

Whoever serves somebody says so once, with ``speaking``; it holds for that request, letter or command alone (PEP 567).
"""

import gettext
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

SOURCE: Final = "vi"
LANGUAGES: Final[Mapping[str, str]] = {SOURCE: "Tiếng Việt", "en": "English"}
"""The languages that the product speaks, by their code (ISO 639-1), each in its own name; the source comes first."""

LOCALE = Path(__file__).parent / "locale"
DOMAIN: Final = "thidua"

_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


def language() -> str:
    """Return the code of the language that is spoken here and now."""
    return _spoken.get()


def speak(code: str) -> None:
    """Speak ``code`` from here on, as far as this context reaches; an unknown code leaves the language as it is."""
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


def say(template: str, **values: object) -> str:
    """Return a sentence in the language spoken here, its places filled with ``values``.

    A place called ``count`` takes an integer and decides the form of the words: Vietnamese has one form, English two.
    """
    found = translated(template, values.get("count"))
    return found.format(**values) if values else found


def translated(template: str, count: object = None) -> str:
    """Return a template in the language spoken here, its places still open; ``count`` decides between one and many."""
    code = _spoken.get()
    if code == SOURCE:
        return template
    return _catalogue(code).ngettext(template, template, count) if isinstance(count, int) else _catalogue(code).gettext(template)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that are said when they are read, not where they are written: ``str`` of it is in the language spoken then."""

    template: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return say(self.template, **dict(self.values))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def phrase(template: str, **values: object) -> Phrase:
    """Return a Phrase; for tables of words, and for facts of a refusal that is raised before it is known who reads it."""
    return Phrase(template, tuple(values.items()))


def listed(words: Iterable[object], separator: str = "; ") -> Phrase:
    """Return several words as one Phrase; each is said when the whole is read."""
    values = {f"word{place}": word for place, word in enumerate(words)}
    return Phrase(separator.join(f"{{{name}}}" for name in values), tuple(values.items()))


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [code])
