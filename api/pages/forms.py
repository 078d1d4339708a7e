"""Forms made from a definition: from content to what is typed, and back.

A table is typed as lines with columns parted by ``|``, which also takes rows pasted from a sheet (tabs).
"""

import re
import secrets
from typing import Any

from starlette.datastructures import FormData

from workflow.definition import Definition, FieldType, ItemField
from workflow.errors import InvalidRefusal, reason
from workflow.model import Content, Json

_KEY = re.compile(r"[0-9a-f]{32}")


def read_fields(definition: Definition, form: FormData) -> dict[str, Json]:
    """Return the fields of a form; an emptied field is None. Raises InvalidRefusal for a number that is none."""
    return {field.id: _read(field, form) for field in definition.fields}


def entered(definition: Definition, form: FormData) -> dict[str, Any]:
    """Return everything typed, so that a refused form comes back whole."""
    typed: dict[str, Any] = {name: str(form.get(name, "")) for name in ("title", "campaign", "version", "key")}
    for field in definition.fields:
        name = f"f-{field.id}"
        typed[name] = [str(each) for each in form.getlist(name)] if field.type is FieldType.CHOICES else str(form.get(name, ""))
    return typed


def from_content(definition: Definition, content: Content) -> dict[str, Any]:
    """Return present content as it would be typed."""
    typed: dict[str, Any] = {"title": content.title}
    for field in definition.fields:
        value = content.fields.get(field.id)
        typed[f"f-{field.id}"] = _table_text(field, value) if field.type is FieldType.TABLE else value
    return typed


def form_key(form: FormData) -> str:
    """Return the command id of a form: the key it was shown with, so that sending it twice does it once."""
    given = str(form.get("key") or "")
    return f"page:{given if _KEY.fullmatch(given) else secrets.token_hex(16)}"


def form_version(form: FormData) -> int | None:
    """Return the version that a form was shown with, or None."""
    given = str(form.get("version", ""))
    return int(given) if given.isdecimal() and len(given) < 10 else None  # noqa: PLR2004 - a 32-bit counter


def _read(field: ItemField, form: FormData) -> Json:
    name = f"f-{field.id}"
    if field.type is FieldType.CHOICES:
        return [str(each) for each in form.getlist(name)]
    if field.type is FieldType.BOOLEAN:
        return form.get(name) == "true"
    text = str(form.get(name) or "").replace("\r\n", "\n").strip()
    if not text:
        return None
    if field.type is FieldType.TABLE:
        return _table(field, text)
    if field.type in {FieldType.INTEGER, FieldType.MONEY}:
        return _number(field, text)
    return text


def _number(field: ItemField, text: str) -> int:
    plain = text.replace(".", "").replace(" ", "").replace("\u00a0", "")
    if not plain.isdecimal():
        raise InvalidRefusal(reason("field", "Trường “{label}” cần là một số nguyên, ví dụ 1.500.000.", label=field.label))
    return int(plain)


def _table(field: ItemField, text: str) -> list[Json]:
    rows: list[Json] = []
    for line in text.split("\n"):
        if line.strip():
            cells = [cell.strip() for cell in line.split("\t" if "\t" in line else "|")]
            if len(cells) > len(field.columns):
                raise InvalidRefusal(
                    reason(
                        "field",
                        "Trường “{label}”: dòng “{line}” có nhiều cột hơn {count}.",
                        label=str(field.label),
                        line=line[:60],
                        count=len(field.columns),
                    )
                )
            rows.append({column.id: cell for column, cell in zip(field.columns, cells, strict=False) if cell})
    return rows


def _table_text(field: ItemField, value: Json) -> str:
    if not isinstance(value, list):
        return ""
    return "\n".join(" | ".join(str(row.get(column.id, "")) for column in field.columns) for row in value if isinstance(row, dict))
