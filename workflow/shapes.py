"""What is wrong with the shape of something given, said in our words, not the library's.

Pure. Owns the sentences for the kinds of error that pydantic names
(https://docs.pydantic.dev/latest/errors/validation_errors); a kind that has none here gets a
general sentence, never English from the library.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflow.messages import Message, lazy, verbatim

_WHOLE = lazy("must be a whole number")
_DAY = lazy("must be a real day, written like 2022-06-15")
_INSTANT = lazy("must be a real instant with its offset, for example 2022-06-15T17:00:00+07:00")
_TEXT = lazy("must be text")
_LIST = lazy("must be a list")
_OBJECT = lazy("must be an object of keys and values")
_NUMBER = lazy("must be a number")
_YES_NO = lazy("must be true or false")
_CHOICE = lazy("must be one of: {expected}")

SENTENCES: Final[Mapping[str, Message]] = {
    "missing": lazy("is missing, please add it"),
    "extra_forbidden": lazy("is not taken here, remove it or correct its name"),
    "json_invalid": lazy("is no readable JSON"),
    "json_type": lazy("is no readable JSON"),
    "string_type": _TEXT,
    "string_sub_type": _TEXT,
    "string_unicode": lazy("holds a broken character, please type it again"),
    "string_too_long": lazy("is longer than {max_length} characters, please shorten it"),
    "string_too_short": lazy("needs at least {min_length} characters"),
    "string_pattern_mismatch": lazy("is not written as asked, it must match {pattern}"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": lazy("is too large a number"),
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than_equal": lazy("must be {ge} or more"),
    "greater_than": lazy("must be more than {gt}"),
    "less_than_equal": lazy("must be {le} or less"),
    "less_than": lazy("must be less than {lt}"),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "too_long": lazy("has more than {max_length} entries"),
    "too_short": lazy("needs at least {min_length} entries"),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "datetime_object_invalid": _INSTANT,
    "timezone_aware": lazy("needs its offset, for example 2022-06-15T17:00:00+07:00"),
    "recursion_loop": lazy("is nested too deeply"),
    "none_required": lazy("must be empty"),
}
_UNKNOWN = lazy("has a value of the wrong shape")


@dataclass(frozen=True, slots=True)
class Misshapen:
    """One place and what is wrong there, said when it is read."""

    where: str
    what: Message

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy("{where}: {what}.", where=self.where or lazy("content"), what=self.what)

    def __str__(self) -> str:
        return str(self.message)


def said(error: object) -> Message:
    """Return what an error says: the Message that ours were made of, the words of others."""
    first = error.args[0] if isinstance(error, Exception) and error.args else error
    return first if isinstance(first, Message) else verbatim(str(error).rstrip("."))


def fault_of(error: Mapping[str, Any]) -> Message:
    """Return what one error of the library says, in words of ours."""
    context = error.get("ctx") or {}
    if error["type"] in {"value_error", "assertion_error"}:
        return said(context["error"]) if "error" in context else _UNKNOWN
    known = SENTENCES.get(error["type"], _UNKNOWN)
    values = {**context, "expected": str(context.get("expected", "")).replace(" or ", ", ")}
    return Message(known.template, tuple(values.items()))


def misshapen(
    errors: Iterable[Mapping[str, Any]], *, skipped: frozenset[str] = frozenset()
) -> Iterator[Misshapen]:
    """Yield one sentence for each place.

    ``skipped`` are parts of a place that a reader does not know.
    """
    said: set[str] = set()
    for each in errors:
        where = ".".join(str(part) for part in each["loc"] if part not in skipped)
        if each["type"] == "json_invalid":
            where = ""  # the position in the text names no field
        if where not in said:
            said.add(where)
            yield Misshapen(where, fault_of(each))
