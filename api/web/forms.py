r"""Forms: how they are read, and those made from a definition, from content to typed and back.

Every page reads its form here, once: text comes out as ``workflow.values`` makes it. A field that
comes back as it was shown says nothing, so that saving a form untouched changes nothing. A table is
typed as lines with columns parted by ``|`` (a bar within a cell is ``\\|``, a line end within one
``⏎``), which also takes rows pasted from a sheet (tabs).
"""

import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import orjson
from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.sessions import Caller
from api.middleware import takes_anybodys
from api.problems import page_status
from api.web.dates import iso_day
from api.web.errors import ITEM_FIELD, reasons_in_words
from api.web.form_fields import day_in, text_in
from api.web.rendering import FormPage, fresh_key, render_page
from api.web.typed_rows import in_row, rows_typed
from api.web.typed_tables import table_as_typed, table_typed
from api.web.typed_titles import typed_title
from notifications.translation import language
from workflow import values
from workflow.command import Cause
from workflow.definition import Definition, FieldType, ItemField, columns_of
from workflow.errors import (
    InvalidInputError,
    InvalidRefusal,
    KeyReusedRefusal,
    Reason,
    Refusal,
    reason,
)
from workflow.model import Content, Json, Via
from workflow.rules import checked_fields, checked_title

FormPageT = TypeVar("FormPageT", bound=FormPage)
_KEY = re.compile(r"[0-9a-f]{32}")
SECRETS: Final = frozenset({"password", "again", "pin", "totp", "code", "second_code", "passkey"})
"""Fields whose letters are compared, not read: they are left as typed, and stand in no digest."""
_MOST_FIELDS: Final = 4000
"""Of a form: a list of two hundred nominees has so many."""
_MOST_OPEN_FIELDS: Final = 1000
"""Of a form that anybody may send."""
Typed = Mapping[str, Json]
"""What stands in a form's fields, by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """What a form is shown with: what was typed and, after a refusal, why and with which status."""

    typed: Typed = dataclasses.field(default_factory=dict)
    errors: Sequence[str] = ()
    status: int = 200
    key: str = dataclasses.field(default_factory=fresh_key)
    """The command id that it is sent with."""


async def read_form(request: Request) -> FormData:
    """Return a request's form with every text tidied.

    What no database could hold comes as U+FFFD, which is refused as damaged.
    """
    is_open = takes_anybodys(request.scope["path"])
    most = _MOST_OPEN_FIELDS if is_open else _MOST_FIELDS
    return tidied(await request.form(max_fields=most))


def tidied(form: FormData) -> FormData:
    """Return ``form`` as ``read_form`` does; for forms with files, whose reader closes them."""
    return FormData(
        [
            (name, _text(name, value) if isinstance(value, str) else value)
            for name, value in form.multi_items()
        ]
    )


def _text(name: str, given: str) -> str:
    return given if name in SECRETS and given.isprintable() else values.replaced(given)


def read_fields(
    definition: Definition, form: FormData, shown: Content | None = None
) -> dict[str, Json]:
    """Return the fields of a form; an emptied one is None.

    ``shown``: the content that the form was made from; a field that came back as it was shown is
    left out. Raises InvalidRefusal with every number, day and line that is none.
    """
    before = from_content(definition, shown) if shown is not None else None
    touched = [
        field
        for field in definition.fields
        if field.id not in definition.unwritten
        and (
            before is None
            or field.type is FieldType.NOMINEES
            or not _is_untouched(field, form, before[f"f-{field.id}"])
        )
    ]
    read: dict[str, Json] = {}
    problems: list[Reason] = []
    for field in touched:
        try:
            read[field.id] = (
                _rows_read(definition, field, form)
                if field.type is FieldType.NOMINEES
                else _read(field, f"f-{field.id}", form)
            )
        except InvalidRefusal as refusal:
            problems += refusal.reasons
    if problems:
        raise InvalidRefusal(*problems, *_content_problems(definition, form, read))
    return read


def _content_problems(
    definition: Definition, form: FormData, read: Mapping[str, Json]
) -> list[Reason]:
    """Return what else is wrong, so that all is said at once."""
    found: list[Reason] = []
    for judge in (
        lambda: checked_title(typed_title(definition, form, read)),
        lambda: checked_fields(definition, read),
    ):
        try:
            judge()
        except InvalidRefusal as refusal:
            found += refusal.reasons
    return found


def all_problems(
    definition: Definition, form: FormData, refusal: Refusal, shown: Content | None = None
) -> Refusal:
    """Return ``refusal`` with all that is wrong with what was typed; ``shown`` as above."""
    if not isinstance(refusal, InvalidRefusal):
        return refusal
    try:
        more = _content_problems(definition, form, read_fields(definition, form, shown))
    except InvalidRefusal as other:
        more = list(other.reasons)
    known = [(each.rule, each.message) for each in refusal.reasons]
    return InvalidRefusal(
        *refusal.reasons, *(each for each in more if (each.rule, each.message) not in known)
    )


def content_fields(definition: Definition) -> dict[str, str]:
    """Return the ids of the fields of an item's form, by what a reason calls them.

    They are in the order of the page.
    """
    fields = {
        f"f-{field.id}": f"f-{field.id}"
        for group in definition.groups
        for field in definition.fields
        if field.group == group.id
    }
    files = dict.fromkeys(("file-type", "file-size", "file-content"), "file")
    return {"campaign": "campaign", **fields, "title": "title", **files}


def read_title(definition: Definition, form: FormData, shown: Content) -> str | None:
    """Return the title as typed or suggested, or None where it came back as it was shown."""
    fields = read_fields(definition, form, shown)
    given = typed_title(definition, form, {**shown.fields, **fields})
    return None if values.line(given) == values.line(shown.title) else given


def entered(definition: Definition, form: FormData) -> dict[str, Json]:
    """Return everything typed, so that a refused form comes back whole."""
    typed: dict[str, Json] = {
        name: text_in(form, name) for name in ("title", "campaign", "version", "key")
    }
    for field in definition.fields:
        name = f"f-{field.id}"
        match field.type:
            case FieldType.CHOICES:
                typed[name] = [str(each) for each in form.getlist(name)]
            case FieldType.BOOLEAN:
                typed[name] = _truth(form, name)
            case FieldType.NOMINEES:
                typed[name] = [dict(row) for row in rows_typed(definition, field, form)]
            case _:
                typed[name] = text_in(form, name)
    return typed


def from_content(definition: Definition, content: Content) -> Typed:
    """Return present content as it would be typed."""
    typed: dict[str, Json] = {"title": content.title}
    for field in definition.fields:
        value = content.fields.get(field.id)
        typed[f"f-{field.id}"] = (
            table_as_typed(field, value) if field.type is FieldType.TABLE else value
        )
    return typed


def texts_in(form: FormData) -> dict[str, str]:
    """Return what was typed into each field, so that a refused form comes back whole."""
    return {name: value for name, value in form.items() if isinstance(value, str)}


def form_key(form: FormData) -> str:
    """Return the command id of a form: its key, so that sending it twice does it once."""
    given = text_in(form, "key")
    return f"page:{given if _KEY.fullmatch(given) else fresh_key()}"


def page_cause(asker: Caller, form: FormData, part: str = "") -> Cause:
    """Return the cause of what ``asker`` does by a form on a page.

    ``part``: which of a form's several commands, each with a command id of its own.
    """
    return Cause(
        actor=asker.person.id,
        via=Via.PAGE,
        method=asker.method,
        command_id=f"{form_key(form)}:{part}" if part else form_key(form),
        digest=form_digest(form),
    )


def form_digest(form: FormData) -> str:
    """Return what identifies what a form says, for replays: all its texts but the secrets."""
    said = sorted(
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in SECRETS
    )
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def key_again(form: FormData, problem: Exception) -> str:
    """Return the key of a form that comes back: its own, unless that key was the matter."""
    given = "" if isinstance(problem, KeyReusedRefusal) else text_in(form, "key")
    return given or fresh_key()


def shown_again(page: FormPageT, form: FormData, problem: Refusal | InvalidInputError) -> FormPageT:
    """Return the page of a form that was refused: whole, as typed, and with why."""
    return dataclasses.replace(
        page,
        key=key_again(form, problem),
        typed=texts_in(form),
        errors=reasons_in_words(problem, sent_fields(form)),
    )


def refused_form(
    request: Request,
    asker: Caller | None,
    page: FormPage,
    form: FormData,
    refusal: Refusal | InvalidInputError,
) -> Response:
    """Answer with the page of a form that was refused: whole, as typed, and with why."""
    shown = shown_again(page, form, refusal)
    return render_page(request, asker, shown, page_status(refusal))


def sent_fields(form: FormData) -> dict[str, str]:
    """Return the ids of the fields that a form was sent with, by the rules about them.

    Where a page has several forms, or other ids, it says so itself.
    """
    return {name: name for name, value in form.items() if isinstance(value, str)}


def form_version(form: FormData) -> int | None:
    """Return the version that a form was shown with, or None."""
    return values.counter(text_in(form, "version"))


def _is_untouched(field: ItemField, form: FormData, shown: Json) -> bool:
    """Return whether a field came back as it was shown, as far as a browser can send that back."""
    name = f"f-{field.id}"
    match field.type:
        case FieldType.CHOICES:
            return {str(each) for each in form.getlist(name)} == _as_set(shown)
        case FieldType.BOOLEAN:
            given = _truth(form, name)
            return given == shown or (name not in form and not shown)
        case FieldType.DATE:
            return day_in(form, name) == ("" if shown is None else str(shown))
        case FieldType.TEXT:
            return _on_one_line(text_in(form, name)) == _on_one_line(
                "" if shown is None else str(shown)
            )
        case _:
            return values.lines(text_in(form, name)) == values.lines(
                "" if shown is None else str(shown)
            )


def _as_set(chosen: Json) -> set[str]:
    return {str(each) for each in chosen} if isinstance(chosen, list) else set()


def _on_one_line(text: str) -> str:
    return values.line(text).replace("\n", "")


def _truth(form: FormData, name: str) -> bool | None:
    """Return what a box or a choice of yes and no says.

    A box that is not ticked is not sent, and an empty choice says nothing.
    """
    given = str(form.get(name, "false"))
    return None if not given else given == "true"


def _rows_read(definition: Definition, field: ItemField, form: FormData) -> Json:
    """Return the rows of a list of nominees. Raises InvalidRefusal with what is wrong in which."""
    rows: list[Json] = []
    problems: list[Reason] = []
    for typed in rows_typed(definition, field, form):
        row: dict[str, Json] = {}
        cells = FormData(list(typed.items()))
        for column in columns_of(definition, field):
            try:
                row[column.id] = _read(column, column.id, cells)
            except InvalidRefusal as refusal:
                problems += [in_row(field, len(rows) + 1, each) for each in refusal.reasons]
        rows.append({name: value for name, value in row.items() if value is not None})
    if problems:
        raise InvalidRefusal(*problems)
    return rows or None


def _read(field: ItemField, name: str, form: FormData) -> Json:
    if field.type is FieldType.CHOICES:
        return [str(each) for each in form.getlist(name)]
    if field.type is FieldType.BOOLEAN:
        return _truth(form, name)
    text = values.lines(text_in(form, name))
    if not text:
        return None
    if field.type is FieldType.TABLE:
        return table_typed(field, text)
    if field.type in {FieldType.INTEGER, FieldType.MONEY}:
        return _number(field, text)
    return _day(field, text) if field.type is FieldType.DATE else text


def _day(field: ItemField, text: str) -> str:
    found = iso_day(text)
    if values.day(found, since=values.EARLIEST_YEAR_TOLD) is None:
        raise InvalidRefusal(
            reason(
                ITEM_FIELD,
                "“{label}”: write a real day as day/month/year, for example 15/06/2022.",
                label=field.label,
                name=field.id,
            )
        )
    return found


def _number(field: ItemField, text: str) -> int:
    number = values.whole_number(text, language())
    if number is None:
        raise InvalidRefusal(
            reason(
                ITEM_FIELD,
                "The field “{label}” must be a whole number, for example {example}.",
                label=field.label,
                name=field.id,
                example="1.500.000" if field.type is FieldType.MONEY else "12",
            )
        )
    return number
