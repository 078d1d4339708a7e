"""What comes from outside, made into values once: text, days and instants, numbers, addresses, ids.

Every door (interface, pages, links, command line, files) makes its values here and nowhere else.
Pure; it must never cut a value short, guess at one, or let through what a column, a mail's header
or a sheet could not hold.

A character is a code point of the text in NFC, so that a Vietnamese letter counts once however it
was typed.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time
from typing import Any, Final

from workflow.canonical import is_storable
from workflow.messages import Message, lazy

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2199
EARLIEST_YEAR_TOLD: Final = 1900
"""Of a day that an item tells of, like a birthday; what is planned or recorded lies within the two
above."""
LARGEST_ID: Final = 2**63 - 1
LARGEST_COUNTER: Final = 2**31 - 1
LARGEST_NUMBER: Final = 2**53 - 1
"""The largest whole number that every program reads from JSON as it was written (RFC 8785)."""

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    r"[\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""What neither is seen nor joins letters: marks of direction, spaces of no width, soft hyphens,
tags. (U+200C and U+200D do join.)"""
_BLANK_SIGNS = frozenset(map(chr, (0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0x1D159)))
"""Letters and symbols by Unicode's classes that show nothing: the fillers of Hangul, the empty
pattern of Braille, the place of a picture that was not copied, the note that is not drawn."""
DAMAGED: Final = "\ufffd"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_DIGITS = re.compile(r"[0-9]+")
_SPACES = "[ \u00a0\u2009\u202f]"
_ALIKE = str.maketrans(
    "аеорсухіјѕһӏԁԛԝвкмнтгєαβεικνορτυχϲϳγωηlı|01ɑɡøꞵ",
    "aeopcyxijshidqwbkmhtreabeikvoptuxcjywniiioiagob",
)
"""Letters and digits that look like a Latin one, folded to it: Cyrillic, Greek, and 0, 1 and l."""
_ALIKE_CAPITALS = str.maketrans("ΗΝΥΜΖ", "HNYMZ")
"""Greek capitals that look Latin while their small letters do not."""
_DECIMAL_POINT: Final = {"en"}
"""Languages that write 1,500.5; the others write 1.500,5."""


def tidy(text: str) -> str:
    """Return ``text`` as it is kept.

    NFC, one kind of line end, without direction marks and other unseen characters.
    """
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)))


def tidied(value: Any) -> Any:  # noqa: ANN401 - whatever JSON or a form holds
    """Return ``value`` with every text in it tidied, keys included."""
    match value:
        case str():
            return tidy(value)
        case list() | tuple():
            return [tidied(each) for each in value]
        case dict():
            return {tidied(name): tidied(each) for name, each in value.items()}
        case _:
            return value


def replaced(text: str) -> str:
    """Return ``text`` tidied, with U+FFFD for what cannot be kept.

    It is refused as damaged, and can meanwhile be shown and looked up.
    """
    clean = tidy(text)
    return (
        clean
        if is_storable(clean)
        else "".join(each if is_storable(each) else DAMAGED for each in clean)
    )


def line(text: str) -> str:
    """Return ``text`` tidied for a place of one line: without outer space, a tab as a space.

    ``line_fault`` judges it.
    """
    return tidy(text).strip().replace("\t", " ")


def cell(text: str) -> str:
    """Return ``text`` tidied for a cell of a table.

    Many lines, a tab as a space, for tabs part cells in sheets.
    """
    return lines(text).replace("\t", " ")


def lines(text: str) -> str:
    """Return ``text`` tidied for a place of many lines, without outer space.

    ``lines_fault`` judges it.
    """
    return tidy(text).strip()


def is_filled(text: str) -> bool:
    """Return whether a reader sees anything in ``text``: at least one letter or digit."""
    return any(unicodedata.category(each)[0] in "LN" and each not in _BLANK_SIGNS for each in text)


def line_fault(text: str, most: int, *, may_be_empty: bool = False) -> Message | None:
    """Return what is wrong with a text of one line, as the end of a sentence about it, or None."""
    clean = line(text)
    if "\n" in clean:
        return lazy("must stand on one line. Remove the line break.")
    return _fault(clean, most, may_be_empty=may_be_empty)


def lines_fault(text: str, most: int, *, may_be_empty: bool = False) -> Message | None:
    """Return what is wrong with a text of lines, as the end of a sentence about it, or None."""
    return _fault(lines(text), most, may_be_empty=may_be_empty)


def _fault(clean: str, most: int, *, may_be_empty: bool) -> Message | None:
    if not is_storable(clean) or DAMAGED in clean:
        return lazy("has control characters or damaged ones. Delete them and send it again.")
    if len(clean) > most:
        return lazy(
            "has {count} character, {most} at most. Shorten it.",
            "has {count} characters, {most} at most. Shorten it.",
            count=len(clean),
            most=most,
        )
    if not (_is_visible(clean) or not clean if may_be_empty else is_filled(clean)):
        return lazy("must have at least one letter or digit that can be seen. Write it out.")
    return None


def _is_visible(text: str) -> bool:
    """Return whether anything at all shows, be it a dash.

    What nobody must fill in may say just that.
    """
    return any(
        unicodedata.category(each)[0] not in "CMZ" and each not in _BLANK_SIGNS for each in text
    )


def day(text: str, *, since: int = FIRST_YEAR) -> date | None:
    """Return the day written as YYYY-MM-DD (ISO 8601) from the year ``since`` to 2199, or None."""
    if not _DAY.fullmatch(text):
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if since <= found.year <= LAST_YEAR else None


def is_known_instant(moment: datetime) -> bool:
    """Return whether an instant lies, in UTC, within the years that the product knows.

    Nothing is reckoned with it before.
    """
    try:
        return FIRST_YEAR <= moment.astimezone(UTC).year <= LAST_YEAR
    except OverflowError:
        return False


def instant(text: str) -> datetime | None:
    """Return the aware instant that an ISO 8601 text names, from 2000 to 2199, or None."""
    try:
        found = datetime.fromisoformat(text) if text.isascii() else None
    except ValueError:
        return None
    return (
        found
        if found is not None and found.tzinfo is not None and is_known_instant(found)
        else None
    )


def local_instant(text_of_day: str, text_of_time: str) -> datetime | None:
    """Return the naive instant of a day and a time HH:MM as forms send them, or None."""
    on = day(text_of_day)
    if on is None or not _TIME.fullmatch(text_of_time):
        return None
    try:
        return datetime.combine(on, time.fromisoformat(text_of_time))
    except ValueError:
        return None


def whole_number(text: str, language: str, *, most: int = LARGEST_NUMBER) -> int | None:
    """Return the whole number from 0 to ``most`` that a reader of ``language`` typed, or None.

    Thousands are parted by spaces or by the language's own mark, and then everywhere; no sign, no
    exponent, digits 0 to 9.
    """
    mark = "," if language in _DECIMAL_POINT else r"\."
    plain = text.strip()
    for parting in (mark, _SPACES):
        if re.fullmatch(rf"[1-9][0-9]{{0,2}}(?:{parting}[0-9]{{3}})+", plain):
            plain = re.sub(parting, "", plain)
    return counter(plain, most=most)


def counter(text: str, *, most: int = LARGEST_COUNTER) -> int | None:
    """Return the number from 0 to ``most`` that ``text`` writes with digits alone, or None."""
    if not _DIGITS.fullmatch(text) or len(text.lstrip("0")) > len(str(most)):
        return None
    number = int(text.lstrip("0") or "0")
    return number if number <= most else None


def searchable(*parts: str) -> str:
    """Return text folded for search: lower case, without diacritics, đ as d."""
    decomposed = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFC", " ".join(parts)).casefold()
    )
    return (
        "".join(each for each in decomposed if not unicodedata.combining(each))
        .replace("đ", "d")
        .replace("ð", "d")
    )


def alike(text: str) -> str:
    """Return text folded so that names which look the same are equal; only to compare.

    As ``searchable``, and letters of other scripts that look Latin are that letter, what is not
    seen is gone, and whatever parts words is one space.
    """
    plain = searchable(unicodedata.normalize("NFKC", text).translate(_ALIKE_CAPITALS)).translate(
        _ALIKE
    )
    kept = (_visible(each) for each in plain)
    return " ".join("".join(kept).split())


def _visible(character: str) -> str:
    """Return what a reader sees of a folded character: a letter or digit, a space, or nothing."""
    category = unicodedata.category(character)
    if character in _BLANK_SIGNS or (category[0] in "MC" and character not in "\t\n\r"):
        return ""
    if category == "Lm":
        return ""
    return character if category[0] in "LN" else " "
