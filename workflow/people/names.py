"""How Vietnamese names are put in order.

By given name, which stands last, in the order of the Vietnamese alphabet.
"""

import unicodedata
from typing import Final

_LETTERS: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES: Final = "\u0300\u0309\u0303\u0301\u0323"
"""Huyền, hỏi, ngã, sắc, nặng, in the order of dictionaries; no tone comes first."""

Rank = tuple[tuple[int, ...], tuple[int, ...]]


def by_given_name(name: str) -> tuple[Rank, tuple[Rank, ...]]:
    """Return what to sort a person's name by: the given name, then the names before it."""
    words = [_rank(word) for word in name.split()] or [((), ())]
    return words[-1], tuple(words[:-1])


def _rank(word: str) -> Rank:
    """Return the letters of a word by their places in the alphabet, then its tones.

    A tone decides only between equal letters.
    """
    letters, tones = [], []
    for character in unicodedata.normalize("NFC", word.casefold()):
        parts = unicodedata.normalize("NFD", character)
        tone = next((each for each in parts if each in _TONES), "")
        letter = unicodedata.normalize("NFC", parts.replace(tone, "")) if tone else character
        letters.append(
            _LETTERS.index(letter) if letter in _LETTERS else len(_LETTERS) + ord(letter[0])
        )
        tones.append(_TONES.index(tone) + 1 if tone else 0)
    return tuple(letters), tuple(tones)
