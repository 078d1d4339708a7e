"""What a consolidated report takes from the reports gathered in it.

Pure: figures are added, texts stand one after the other, and what the Office wrote stays its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflow.definition import Definition, FieldType, ItemField
from workflow.errors import Reason, reason
from workflow.model import Content, Item, Json
from workflow.rules.fields import kept_value, value_faults
from workflow.rules.situation import Situation

TRAVELS_ALONE = "travels_alone"
"""The name of the guard."""
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.MONEY})
_TEXTS = frozenset({FieldType.LONG_TEXT, FieldType.RICH_TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredSource:
    """A department and its report as it was gathered; ``report`` empty: it had handed in none.

    ``alone``: the report was signed by itself before, so its figures count and it goes its own way.
    """

    department: str
    report: str = ""
    version: int = 0
    content: str = ""
    alone: bool = False

    @property
    def row(self) -> dict[str, Json]:
        """Return the row of the sources that says so; nothing in it is a number of the report."""
        if not self.report:
            return {"department": self.department}
        return {
            "department": self.department,
            "report": self.report,
            "version": str(self.version),
            "content": self.content,
            "alone": "x" if self.alone else "",
        }


def sources_in(definition: Definition, content: Content) -> list[GatheredSource]:
    """Return what a consolidated report was gathered from, in its own order."""
    gathers = definition.gathers
    rows = content.fields.get(gathers.sources) if gathers is not None else None
    return [
        GatheredSource(
            department=str(row.get("department", "")),
            report=str(row.get("report", "")),
            version=int(str(row.get("version") or 0)),
            content=str(row.get("content", "")),
            alone=bool(row.get("alone")),
        )
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
    ]


def gathered_fields(definition: Definition, gathered: Definition) -> list[ItemField]:
    """Return the fields that are drafted from reports of the kind ``gathered``.

    Those that both call by one id and type, in which nothing is kept from readers.
    """
    there = {each.id: each for each in gathered.fields if not each.seen_by}
    return [
        each
        for each in definition.fields
        if each.id in there
        and each.type is there[each.id].type
        and each.currency is there[each.id].currency
        and each.type in _NUMBERS | _TEXTS | {FieldType.TABLE}
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What reports come to: a value for each field, and the ids of those that do not take theirs.

    What is left out is the Office's to write, which has the reports beside it.
    """

    values: Mapping[str, Json]
    left_out: frozenset[str]


def drafted_from(
    fields: Sequence[ItemField], told: Sequence[tuple[str, Mapping[str, Json]]]
) -> Drafted:
    """Return what the reports come to: ``told`` has each department's name and its fields."""
    found = {each.id: _together(each, told) for each in fields}
    said = {name: value for name, value in found.items() if value is not None}
    left_out = {each.id for each in fields if each.id in said and not takes(each, said[each.id])}
    return Drafted(
        values={name: value for name, value in said.items() if name not in left_out},
        left_out=frozenset(left_out),
    )


def takes(field: ItemField, value: Json) -> bool:
    """Return whether ``field`` takes ``value``: it is of its type, and not too long."""
    return not any(value_faults(field, kept_value(field, value)))


def _together(field: ItemField, told: Sequence[tuple[str, Mapping[str, Json]]]) -> Json:
    said = [(name, fields.get(field.id)) for name, fields in told]
    if field.type in _NUMBERS:
        numbers = [value for _, value in said if isinstance(value, int) and value is not True]
        return sum(numbers) if numbers else None
    if field.type in _TEXTS:
        texts = [f"{name}: {value}" for name, value in said if isinstance(value, str) and value]
        return "\n\n".join(texts) or None
    return [row for _, value in said if isinstance(value, list) for row in value] or None


def gathered_anew(before: Drafted, said: Mapping[str, Json], after: Drafted) -> dict[str, Json]:
    """Return what gathering anew changes of the fields ``said``.

    ``before`` is what the earlier reports came to, ``after`` what the present ones do: what still
    says the former follows, what the Office wrote in its place stays, and so does what stood in a
    field that does not take what they come to. None: the reports say nothing there any more.
    """
    then, now = before.values, after.values
    return {
        name: now.get(name)
        for name in dict.fromkeys((*then, *now))
        if name not in after.left_out
        and said.get(name) == then.get(name)
        and said.get(name) != now.get(name)
    }


def inspected_anew(found: str, said: Json, *, is_filled_before: bool) -> bool:
    """Return whether what inspections ``found`` is drafted where the report says ``said``.

    What is found later comes after what was found before. What the Office wrote stays, and so
    does a field that it emptied.
    """
    if said in (None, ""):
        return not is_filled_before
    return isinstance(said, str) and found.startswith(said)


def travels_alone(situation: Situation) -> Reason | None:
    """Refuse what an item that goes with a consolidated report does together with it alone."""
    carrier = situation.item.gathered_in
    if carrier is None:
        return None
    return reason(
        TRAVELS_ALONE,
        "This report goes with the consolidated report {code}: they are signed and sent together. "
        "Decide on {code}.",
        code=carrier,
    )


def goes_along(definition: Definition, item: Item) -> bool:
    """Return whether ``item`` goes on from where it is only together with its carrier."""
    return item.gathered_in is not None and any(
        use.name == TRAVELS_ALONE
        for each in definition.transitions
        if item.state in each.from_states
        for use in each.guards
    )
