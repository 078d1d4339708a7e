"""What is wrong with the shape of something given, said in the reader's language instead of the parsing library's.

Pure. Owns the sentences for the kinds of error that pydantic names (https://docs.pydantic.dev/latest/errors/validation_errors);
a kind that has none here gets a general sentence, never English from the library.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflow.speech import Phrase, phrase, say

_WHOLE = phrase("cần là số nguyên")
_DAY = phrase("cần là ngày có thật, viết dạng 2022-06-15")
_INSTANT = phrase("cần là thời điểm có thật kèm múi giờ, ví dụ 2022-06-15T17:00:00+07:00")
_TEXT = phrase("cần là chữ")
_LIST = phrase("cần là danh sách")
_OBJECT = phrase("cần là nhóm khóa và giá trị")
_NUMBER = phrase("cần là số")
_YES_NO = phrase("cần là true hoặc false")
_CHOICE = phrase("chỉ nhận một trong các giá trị: {expected}")

SENTENCES: Final[Mapping[str, Phrase]] = {
    "missing": phrase("còn thiếu, hãy bổ sung"),
    "extra_forbidden": phrase("không có trong giao diện này, hãy bỏ đi hoặc sửa tên"),
    "json_invalid": phrase("không phải JSON đọc được"),
    "json_type": phrase("không phải JSON đọc được"),
    "string_type": _TEXT,
    "string_sub_type": _TEXT,
    "string_unicode": phrase("có ký tự hỏng, hãy gõ lại"),
    "string_too_long": phrase("dài quá {max_length} ký tự, hãy viết ngắn lại"),
    "string_too_short": phrase("cần ít nhất {min_length} ký tự"),
    "string_pattern_mismatch": phrase("viết sai dạng, cần theo mẫu {pattern}"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": phrase("là số quá lớn"),
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than_equal": phrase("phải từ {ge} trở lên"),
    "greater_than": phrase("phải lớn hơn {gt}"),
    "less_than_equal": phrase("không được quá {le}"),
    "less_than": phrase("phải nhỏ hơn {lt}"),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "too_long": phrase("có quá {max_length} phần tử"),
    "too_short": phrase("cần ít nhất {min_length} phần tử"),
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
    "timezone_aware": phrase("cần có múi giờ, ví dụ 2022-06-15T17:00:00+07:00"),
    "recursion_loop": phrase("lồng quá sâu"),
    "none_required": phrase("phải để trống"),
}
_UNKNOWN = phrase("có giá trị không đúng dạng")


@dataclass(frozen=True, slots=True)
class Misshapen:
    """One place and what is wrong there, said when it is read."""

    where: str
    what: object

    def __str__(self) -> str:
        return say("{where}: {what}.", where=self.where or say("nội dung"), what=str(self.what).rstrip("."))


def fault_of(error: Mapping[str, Any]) -> object:
    """Return what one error of the library says, in words of ours."""
    context = error.get("ctx") or {}
    if error["type"] in {"value_error", "assertion_error"}:
        return context.get("error", _UNKNOWN)
    known = SENTENCES.get(error["type"], _UNKNOWN)
    values = {**context, "expected": str(context.get("expected", "")).replace(" or ", ", ")}
    return Phrase(known.template, tuple(values.items()))


def misshapen(errors: Iterable[Mapping[str, Any]], *, skipped: frozenset[str] = frozenset()) -> Iterator[Misshapen]:
    """Yield one sentence for each place; ``skipped`` are parts of a place that a reader does not know."""
    said: set[str] = set()
    for each in errors:
        where = ".".join(str(part) for part in each["loc"] if part not in skipped)
        if each["type"] == "json_invalid":
            where = ""  # the position in the text names no field
        if where not in said:
            said.add(where)
            yield Misshapen(where, fault_of(each))
