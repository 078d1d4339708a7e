"""A list of nominees as a sheet: the template to fill in, and what a filled one says.

Owns how cells become the values of a nomination's fields: choices and people by what they are
called or by id, in either language. All rows are good, or none is taken and every fault is told
with its row. A word that is not known is refused, never guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.filled_sheets import SheetColumn, sheet_to_fill
from api.intake.problems import IntakeAnswer
from api.sheet_tables import SheetShape, folded_heading, headed_rows
from api.spreadsheets import as_written
from notifications.translation import language, translate
from workflow import values
from workflow.definition import Definition, FieldType, ItemField, Label, columns_of
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy, listed
from workflow.model import Content, Json
from workflow.people import Directory
from workflow.rules import (
    MOST_NOMINEES,
    NOBODY,
    as_one,
    asked_of_row,
    cell_faults,
    missing_fields,
    repeated_nominees,
)
from workflow.values import searchable

_EXAMPLE = "# "
"""Begins the first cell of the template's example row, which is passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NomineeColumns:
    """The columns of a list, and what their cells may say."""

    definition: Definition
    field: ItemField
    directory: Directory

    @property
    def fields(self) -> tuple[ItemField, ...]:
        """Return the fields that are columns."""
        return columns_of(self.definition, self.field)

    @property
    def shape(self) -> SheetShape:
        """Return the columns by id, and what they are called in either language."""
        headings = {
            folded_heading(text): each.id
            for each in self.fields
            for text in (each.label.vi, each.label.en)
        }
        needed = [each.id for each in self.fields if each.required and each.shown_when is None]
        return SheetShape(
            columns={each.id: each.label for each in self.fields},
            needed=needed,
            headings=headings,
            most_rows=MOST_NOMINEES,
        )


def nominee_template(columns: NomineeColumns, awards: Sequence[Label]) -> bytes:
    """Return the workbook to fill in, in the reader's language; ``awards``: those of today."""
    people = sorted(each.email for each in columns.directory.people.values() if each.is_active)
    shown = list[SheetColumn]()
    for field in columns.fields:
        choices = _offered(field, awards, people)
        example = choices[0] if choices else ""
        if not shown:
            example = _EXAMPLE + translate("Example, which is passed over: write below")
        label = translate(field.label)
        shown.append(SheetColumn(heading=label, example=example, choices=choices))
    return sheet_to_fill(translate("Nominees"), shown, MOST_NOMINEES)


def _offered(field: ItemField, awards: Sequence[Label], people: Sequence[str]) -> list[str]:
    """Return what may be picked in a column; nothing where anything may be written."""
    if field.choices_from == "awards":
        return [translate(each) for each in awards]
    if field.type is FieldType.PERSON:
        return list(people)
    return [translate(each.label) for each in field.choices]


def nominees_in(name: str, answer: IntakeAnswer, columns: NomineeColumns) -> list[Json]:
    """Return the rows of a filled sheet. Raises InvalidInputError with every fault by its row."""
    heads, table = headed_rows(name, answer, columns.shape)
    known = {each.id: each for each in columns.fields}
    words = {each.id: _known_words(each, columns.directory) for each in columns.fields}
    problems, rows = list[Message](), list[tuple[int, dict[str, Json]]]()
    for number, cells in table:
        said = {
            head: " ".join(as_written(cell).split())
            if known[head].type is not FieldType.LONG_TEXT
            else as_written(cell).strip()
            for head, cell in zip(heads, cells, strict=False)
            if head in known and cell.strip()
        }
        if not said or cells[0].startswith(_EXAMPLE):
            continue
        row = {each: _value(known[each], text, words[each]) for each, text in said.items()}
        problems += [
            lazy("Row {row}: {problem}", row=number, problem=each) for each in _faults(columns, row)
        ]
        rows.append((number, row))
    problems += [
        lazy("Row {row}: {problem}", row=number, problem=each)
        for number, each in repeated_nominees(
            columns.definition, columns.field, rows, columns.directory
        )
    ]
    if not rows and not problems:
        problems.append(lazy("{file}: there is no nominee below the headings.", file=name))
    if problems:
        raise InvalidInputError(*problems)
    return [row for _, row in rows]


def _known_words(field: ItemField, directory: Directory) -> Mapping[str, str]:
    """Return what a cell may say instead of an id, folded; a name that two people have is none."""
    if field.type is FieldType.PERSON:
        present = [each for each in directory.people.values() if each.is_active]
        names = [searchable(each.name) for each in present]
        return {
            searchable(each.name): each.email
            for each in present
            if names.count(searchable(each.name)) == 1
        }
    return {
        searchable(text): each.id
        for each in field.choices
        for text in (each.label.vi, each.label.en)
    }


def _value(field: ItemField, text: str, words: Mapping[str, str]) -> Json:
    """Return what a cell says; what cannot be read stays, and is refused."""
    match field.type:
        case FieldType.CHOICE | FieldType.PERSON:
            return words.get(searchable(text), text)
        case FieldType.INTEGER | FieldType.MONEY:
            number = values.whole_number(text, language())
            return text if number is None else number
        case _:
            return text


def _faults(columns: NomineeColumns, row: Mapping[str, Json]) -> list[Message]:
    """Return what is wrong with one row, and what it lacks."""
    faults = cell_faults(columns.definition, columns.field, row, columns.directory)
    whole = as_one(columns.field, Content(title="", fields={}, files=(), salt=""), row)
    asked = asked_of_row(columns.definition, whole, NOBODY)
    missing = missing_fields(asked, whole.fields)
    names = {each.id for each in asked}
    beside = [each for each in columns.fields if each.id in row and each.id not in names]
    told = (
        (lazy("missing: {fields}", fields=listed(each.label for each in missing)), missing),
        (lazy("not asked of it: {fields}", fields=listed(each.label for each in beside)), beside),
    )
    return [*(each.message for each in faults), *(each for each, found in told if found)]
