"""Check the fields of an item against its definition.

Owns what each field type accepts. Pure; it names every problem at once, keeps text as
``workflow.values`` makes it, and changes nothing else.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from workflow import values
from workflow.definition import (
    PLACE,
    Definition,
    FieldType,
    ItemField,
    columns_of,
    suggesting,
)
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.messages import Message, lazy
from workflow.model import Content, Json, PersonId, StoredFile
from workflow.people import Directory
from workflow.rules.conditional_fields import answered, question_of
from workflow.rules.nominees import (
    collectives_first,
    counted_kinds,
    fields_and_rows,
    list_of,
    nominees_of,
    repeated_nominees,
    rows_in,
    wrong_row,
)

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_ROWS_LIMIT = 100
MOST_NOMINEES = 200
_CELL_LIMIT = 1000
_NAME_LIMIT = 254
TITLE_LIMIT = 300


def checked_fields(
    definition: Definition,
    given: Mapping[str, Json],
    directory: Directory | None = None,
    files: Sequence[StoredFile] = (),
    kinds: Collection[str] | None = None,
) -> dict[str, Json]:
    """Return ``given`` as it is kept.

    Raises InvalidRefusal naming each unknown field and each wrong value.

    With ``directory``, a person must work here, a department exist and a file be one of the item's
    ``files``; content that is there already may name who has left. ``kinds``: of the deadlines of
    the item's campaign, for fields that take them; None: any.
    """
    known = {field.id: field for field in definition.fields}
    problems = [_unknown(name) for name in given if name not in known]
    checked: dict[str, Json] = {}
    for name, value in given.items():
        if name in known and known[name].type is FieldType.NOMINEES and value is not None:
            checked[name] = _kept_rows(definition, known[name], value)
            problems += _row_problems(definition, known[name], checked[name], directory)
        elif name in known and value is not None:
            checked[name] = kept_value(known[name], value)
            wrong = (
                []
                if _is_deadline(known[name], checked[name], kinds)
                else list(value_faults(known[name], checked[name]))
            )
            problems += wrong or (
                _nobody(known[name], checked[name], directory, files)
                if directory is not None
                else []
            )
    if problems:
        raise InvalidRefusal(*problems)
    return checked


def kept_value(field: ItemField, value: Json) -> Json:
    """Return ``value`` as it is kept: text tidied, and without outer space.

    Cells without tabs, which part them in sheets.
    """
    clean: Json = values.tidied(value)
    match field.type, clean:
        case FieldType.TEXT, str():
            return values.line(clean)
        case ((FieldType.LONG_TEXT | FieldType.RICH_TEXT), str()):
            return values.lines(clean)
        case FieldType.TABLE, list():
            return [
                {name: _kept_cell(cell) for name, cell in row.items()}
                if isinstance(row, dict)
                else row
                for row in clean
            ]
        case _:
            return clean


def _kept_rows(definition: Definition, field: ItemField, value: Json) -> Json:
    """Return the rows of a list of nominees as they are kept: without empty ones and empty cells.

    What is no list of rows stays as it is, to be refused.
    """
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return value
    columns = {each.id: each for each in columns_of(definition, field)}
    kept = [
        {
            name: kept_value(columns[name], cell) if name in columns else cell
            for name, cell in row.items()
        }
        for row in rows_in(value)
    ]
    filled = [{name: cell for name, cell in row.items() if cell not in (None, "")} for row in kept]
    return [dict(row) for row in collectives_first(definition, filter(None, filled))]


def _row_problems(
    definition: Definition, field: ItemField, value: Json, directory: Directory | None
) -> list[Reason]:
    """Return what is wrong with the rows of a list of nominees, each named by its number."""
    if not isinstance(value, list) or len(value) > MOST_NOMINEES:
        return [_wrong(field, lazy("be a list of up to {most} nominees", most=MOST_NOMINEES))]
    wrong = [
        (number, each.message)
        for number, row in enumerate(value, 1)
        for each in cell_faults(definition, field, row, directory)
    ]
    if directory is not None and not wrong:
        rows = list(enumerate(rows_in(value), 1))
        wrong = repeated_nominees(definition, field, rows, directory)
    return [wrong_row(field, number, problem) for number, problem in wrong]


def cell_faults(
    definition: Definition, field: ItemField, row: object, directory: Directory | None
) -> list[Reason]:
    """Return what is wrong with the cells of one row of a list of nominees."""
    columns = {each.id: each for each in columns_of(definition, field)}
    if not isinstance(row, dict) or not set(row) <= set(columns):
        return [_wrong(field, lazy("have the columns {names}", names=", ".join(columns)))]
    return [
        each
        for name, cell in row.items()
        for each in (
            list(value_faults(columns[name], cell))
            or (_nobody(columns[name], cell, directory, ()) if directory else [])
        )
    ]


def _kept_cell(cell: Json) -> Json:
    return values.cell(cell) if isinstance(cell, str) else cell


def concerned_by(
    definition: Definition, fields: Mapping[str, Json], directory: Directory
) -> tuple[PersonId, ...]:
    """Return whom ``concerned`` fields name, by id: they decide nothing on the item."""
    concerned = [field.id for field in definition.fields if field.concerned]
    said = fields_and_rows(definition, fields)
    named = {row.get(name) for row in said for name in concerned} - {None, ""}
    if not named:
        return ()
    found = {directory.addressed(each) for each in named if isinstance(each, str)}
    return tuple(sorted(each for each in found if each is not None))


def names_deadline(definition: Definition, given: Mapping[str, Json]) -> bool:
    """Return whether a field that takes deadlines says something beside its own choices."""
    return any(
        field.or_deadline and given.get(field.id) not in (None, "", *_ids(field))
        for field in definition.fields
    )


def _is_deadline(field: ItemField, value: Json, kinds: Collection[str] | None) -> bool:
    if not field.or_deadline or not isinstance(value, str):
        return False
    return value in kinds if kinds is not None else _KIND.fullmatch(value) is not None


def suggested_title(definition: Definition, fields: Mapping[str, Json]) -> str:
    """Return what an item without a title is called; "" where a field that says it is empty."""
    content = Content(title="", fields=dict(fields), files=(), salt="")
    if definition.nominates is not None and list_of(definition, content) is not None:
        return _list_title(definition, definition.nominates.list_title or "", content)
    said: dict[str, str] = {}
    kept = answered(definition, content).fields
    for field in suggesting(definition):
        value = kept.get(field.id)
        called = {choice.id: choice.label.vi for choice in field.choices}
        said[field.id] = called.get(value, value) if isinstance(value, str) else ""

    def first_said(names: str) -> str:
        return next((said[name] for name in names.split("|") if said[name]), "")

    title = definition.suggested_title or ""
    if not all(map(first_said, PLACE.findall(title))):
        return ""
    return PLACE.sub(lambda place: first_said(place[1]), title)


def untitled(definition: Definition, fields: Mapping[str, Json]) -> tuple[ItemField, ...]:
    """Return the fields that are to be filled before a title left empty can be made of them."""
    content = Content(title="", fields=dict(fields), files=(), salt="")
    listed = list_of(definition, content) if definition.nominates is not None else None
    if listed is not None:
        return () if suggested_title(definition, fields) else (listed,)
    kept = answered(definition, content).fields
    places = [each.split("|") for each in PLACE.findall(definition.suggested_title or "")]
    missing = (names for names in places if not any(map(kept.get, names)))
    return tuple(question_of(definition, content, names) for names in missing)


def _list_title(definition: Definition, title: str, content: Content) -> str:
    """Return what a list without a title is called; "" while nobody stands in it."""
    collectives, individuals = counted_kinds(nominees_of(definition, content))
    if not collectives + individuals:
        return ""
    counts = {"{collectives}": f"{collectives:02d}", "{individuals}": f"{individuals:02d}"}
    for place, count in counts.items():
        title = title.replace(place, count)
    return title


def checked_title(title: str) -> str:
    """Return ``title`` as it is kept.

    Raises InvalidRefusal if nothing is seen in it, if it is too long or not on one line.
    """
    if wrong := values.line_fault(title, TITLE_LIMIT):
        raise InvalidRefusal(reason("title", "The title {wrong}", wrong=wrong))
    return values.line(title)


def _unknown(name: str) -> Reason:
    return reason("field", "The process has no field “{name}”. Remove this field.", name=name)


def _wrong(field: ItemField, expected: Message) -> Reason:
    return reason(
        "field",
        "The field “{label}” ({name}) must {expected}.",
        label=field.label,
        name=field.id,
        expected=expected,
    )


_EXPECTED: Mapping[FieldType, Message] = {
    FieldType.INTEGER: lazy("be a whole number that is not negative"),
    FieldType.MONEY: lazy("be a whole number that is not negative"),
    FieldType.DATE: lazy("be a real day, as YYYY-MM-DD"),
    FieldType.BOOLEAN: lazy("be yes or no (true, false)"),
    FieldType.PERSON: lazy("be a person's mail address"),
    FieldType.DEPARTMENT: lazy("be a department's code"),
    FieldType.FILE: lazy("be the SHA-256 of an attached file"),
}


def value_faults(field: ItemField, value: Json) -> Iterator[Reason]:
    """Yield what is wrong with a value as it is kept: its type, or that it is too long."""
    match field.type:
        case FieldType.TEXT | FieldType.LONG_TEXT | FieldType.RICH_TEXT:
            yield from _text_problems(field, value)
        case FieldType.CHOICE:
            if value != "" and not _is_choice(field, value):
                yield _wrong(field, lazy("be one of: {names}", names=", ".join(_ids(field))))
        case FieldType.CHOICES:
            if (
                not isinstance(value, list)
                or any(not _is_choice(field, each) for each in value)
                or len(set(map(str, value))) != len(value)
            ):
                yield _wrong(
                    field,
                    lazy(
                        "be a list without repetition, taken from: {names}",
                        names=", ".join(_ids(field)),
                    ),
                )
        case FieldType.TABLE:
            yield from _table_problems(field, value)
        case _:
            if not _fits(field.type, value):
                yield _wrong(field, _EXPECTED[field.type])


def _fits(kind: FieldType, value: Json) -> bool:
    match kind:
        case FieldType.INTEGER | FieldType.MONEY:
            return (
                isinstance(value, int)
                and not isinstance(value, bool)
                and 0 <= value <= values.LARGEST_NUMBER
            )
        case FieldType.DATE:
            return (
                isinstance(value, str)
                and values.day(value, since=values.EARLIEST_YEAR_TOLD) is not None
            )
        case FieldType.BOOLEAN:
            return isinstance(value, bool)
        case _:
            return (
                isinstance(value, str)
                and values.line_fault(value, _NAME_LIMIT, may_be_empty=True) is None
            )


def _nobody(
    field: ItemField, value: Json, directory: Directory, files: Sequence[StoredFile]
) -> list[Reason]:
    """Return why a field names nobody and nothing of this agency, or no file of this item."""
    if value == "" or field.type not in {FieldType.PERSON, FieldType.DEPARTMENT, FieldType.FILE}:
        return []
    if field.type is FieldType.FILE:
        return (
            []
            if value in [each.sha256 for each in files]
            else [_wrong(field, lazy("be a file attached to this item; upload the file first"))]
        )
    if field.type is FieldType.DEPARTMENT:
        return (
            []
            if value in directory.departments
            else [_wrong(field, lazy("be the code of a department of the agency"))]
        )
    known = any(person.email == value and person.is_active for person in directory.people.values())
    return (
        []
        if known
        else [_wrong(field, lazy("be the mail address of somebody who works at the agency"))]
    )


def _is_choice(field: ItemField, value: Json) -> bool:
    """Return whether ``value`` is one of the choices.

    Any id where only a campaign or another file says which they are.
    """
    if not field.choices:
        return isinstance(value, str) and _KIND.fullmatch(value) is not None
    return value in _ids(field)


def _ids(field: ItemField) -> list[str]:
    return [choice.id for choice in field.choices]


def _text_problems(field: ItemField, value: Json) -> Iterator[Reason]:
    judge = values.line_fault if field.type is FieldType.TEXT else values.lines_fault
    if not isinstance(value, str):
        yield _wrong(field, lazy("be text"))
    elif wrong := judge(value, field.max_length, may_be_empty=True):
        yield reason(
            "field",
            "The field “{label}” ({name}) {wrong}",
            label=field.label,
            name=field.id,
            wrong=wrong,
        )


def _table_problems(field: ItemField, value: Json) -> Iterator[Reason]:
    columns = {column.id for column in field.columns}
    if not isinstance(value, list) or len(value) > _ROWS_LIMIT:
        yield _wrong(field, lazy("be a list of up to {rows_limit} rows", rows_limit=_ROWS_LIMIT))
        return
    for number, row in enumerate(value, 1):
        if (
            not isinstance(row, dict)
            or not set(row) <= columns
            or not all(_is_cell(cell) for cell in row.values())
        ):
            yield _wrong(
                field,
                lazy(
                    "mend row {number}: only the columns {names}, each cell a text of "
                    "up to {cell_limit} characters",
                    number=number,
                    names=", ".join(sorted(columns)),
                    cell_limit=_CELL_LIMIT,
                ),
            )


def _is_cell(cell: Json) -> bool:
    return (
        isinstance(cell, str) and values.lines_fault(cell, _CELL_LIMIT, may_be_empty=True) is None
    )
