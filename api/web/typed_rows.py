"""A list of nominees in a form: a group of fields for each row, and back.

Owns the names of those fields: ``n-{row}-{column}``. Rows in which nothing is typed are none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from api.web.errors import ITEM_FIELD
from workflow.definition import Definition, ItemField, Label, columns_of
from workflow.errors import Reason, reason
from workflow.model import Content, Json
from workflow.rules import NOBODY, as_one, asked_of_row, rows_in

_NAME = re.compile(r"n-(\d{1,3})-([a-z][a-z0-9_]{0,39})")
_BLANK = 3
"""Empty rows that are added at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGroup:
    """The rows of one kind of nominee, with the columns that such a row is asked for."""

    kind: str
    kind_field: str
    label: Label
    columns: Sequence[ItemField]
    rows: Sequence[tuple[int, Mapping[str, Json]]]
    """The number of each row in the form, and what is typed in it."""


def rows_typed(definition: Definition, field: ItemField, form: FormData) -> list[dict[str, str]]:
    """Return what is typed into the rows of a form, by column, in their order.

    A row in which only its kind stands is none.
    """
    kind = definition.nominates.kind if definition.nominates else ""
    found: dict[int, dict[str, str]] = {}
    for name, value in form.multi_items():
        said = _NAME.fullmatch(name)
        if said and said[2] in field.columns_of and isinstance(value, str) and value.strip():
            found.setdefault(int(said[1]), {})[said[2]] = value
    return [row for _, row in sorted(found.items()) if set(row) - {kind}]


def row_groups(
    definition: Definition, field: ItemField, value: Json, more: str = ""
) -> list[RowGroup]:
    """Return the rows of a form by kind, collectives first, with empty ones to type into.

    ``more``: of which kind further empty rows are wanted.
    """
    said = definition.nominates
    columns = {each.id: each for each in columns_of(definition, field)}
    if said is None:
        return []
    rows, groups, number = rows_in(value), list[RowGroup](), 0
    for choice in columns[said.kind].choices:
        own = [row for row in rows if row.get(said.kind) == choice.id]
        blank = _BLANK if more == choice.id else int(not own)
        filled = [*own, *({said.kind: choice.id} for _ in range(blank))]
        content = Content(title="", fields={said.kind: choice.id}, files=(), salt="")
        asked = asked_of_row(definition, as_one(field, content, {said.kind: choice.id}), NOBODY)
        groups.append(
            RowGroup(
                kind=choice.id,
                kind_field=said.kind,
                label=choice.label,
                columns=[each for each in asked if each.id != said.kind],
                rows=list(enumerate(filled, number)),
            )
        )
        number += len(filled)
    return groups


def in_row(field: ItemField, number: int, wrong: Reason) -> Reason:
    """Return what is wrong with one row of a list, named by its number."""
    return reason(
        ITEM_FIELD,
        "Row {number} of the list: {problem}",
        number=number,
        problem=wrong.message,
        name=field.id,
    )
