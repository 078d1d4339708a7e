"""What a search is for, and where a text says it: whole words or beginnings of words.

Owns which words a query has, and how well a text fits it. Pure; texts are compared folded, and the
order of what is found alone knows of diacritics.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Final

from workflow.values import searchable

LETTERS: Final = "a-z0-9"
"""What a folded word is made of, as a range of letters; whatever else stands there parts words."""
_SHORT: Final = 2
"""Letters; among other words, one as short is not the beginning of another."""
_EDGES: Final = re.compile(rf"^[^{LETTERS}]+|[^{LETTERS}]+$")


class Fit(IntEnum):
    """How well a text fits a search, the best first."""

    PHRASE = 0
    WORDS = 1
    NOT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWord:
    """A word that is looked for, folded; ``is_whole``: it is not the beginning of another."""

    letters: str
    is_whole: bool

    @property
    def pattern(self) -> str:
        """Return the regular expression of the word in a folded text."""
        end = rf"(?![{LETTERS}])" if self.is_whole else ""
        return rf"(?<![{LETTERS}]){re.escape(self.letters)}{end}"


def words_of(folded: str) -> tuple[SearchWord, ...]:
    """Return the words of a folded query, each once, without the signs around them.

    Of a query of signs alone, these.
    """
    bare = dict.fromkeys(filter(None, (_EDGES.sub("", each) for each in folded.split())))
    found = list(bare or dict.fromkeys(folded.split()))
    return tuple(
        SearchWord(letters=each, is_whole=len(found) > 1 and len(each) <= _SHORT) for each in found
    )


@dataclass(frozen=True)
class Sought:
    """A query as it was typed, against which texts are held."""

    query: str

    @cached_property
    def words(self) -> tuple[SearchWord, ...]:
        """Return the words that it is for."""
        return words_of(searchable(self.query))

    def fit(self, folded: str) -> Fit:
        """Return how well a folded text fits."""
        if self._phrase.search(folded):
            return Fit.PHRASE
        return Fit.NOT if self.lacking(folded) else Fit.WORDS

    def lacking(self, folded: str) -> int:
        """Return how many of the words a folded text does not have."""
        return sum(not each.search(folded) for each in self._each)

    def is_exact(self, text: str) -> bool:
        """Return whether a text has each word as it was typed, diacritics and all."""
        said = unicodedata.normalize("NFC", text).casefold()
        return all(each in said for each in self._typed)

    @property
    def has_diacritics(self) -> bool:
        """Return whether any word was typed with diacritics."""
        return bool(self._typed)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Return where ``text``, in NFC, says what is looked for: the phrase, else its words."""
        folded = _letter_by_letter(text)
        found = [*self._phrase.finditer(folded)]
        if not found and self.words:
            found = [*re.finditer("|".join(each.pattern for each in self.words), folded)]
        return [each.span() for each in found]

    @cached_property
    def _each(self) -> list[re.Pattern[str]]:
        return [re.compile(each.pattern) for each in self.words]

    @cached_property
    def _phrase(self) -> re.Pattern[str]:
        between = rf"[^{LETTERS}]+"
        said = between.join(re.escape(each.letters) for each in self.words)
        last = self.words[-1:]
        end = rf"(?![{LETTERS}])" if last and last[0].is_whole else ""
        return re.compile(rf"(?<![{LETTERS}]){said}{end}" if said else r"(?!)")

    @cached_property
    def _typed(self) -> list[str]:
        said = unicodedata.normalize("NFC", self.query).casefold()
        return [each for each in re.findall(r"\w+", said) if searchable(each) != each]


def _letter_by_letter(text: str) -> str:
    """Return ``text`` folded so that each letter keeps its place."""
    return "".join(map(_bare, text))


@lru_cache(maxsize=2048)
def _bare(letter: str) -> str:
    folded = searchable(letter)
    return folded if len(folded) == 1 else "\0"
