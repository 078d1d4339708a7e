"""What the form of a new item begins with, which of its fields it asks for, and where it leads.

Reads only; the page shows it, the commands judge what is sent.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.datastructures import FormData

from api.auth.sessions import Caller
from api.composition import Application
from api.web.choices import department_choices
from api.web.form_fields import text_in
from api.web.forms import Typed
from notifications.translation import translate
from workflow.definition import Definition, FieldType, Label, nominees_field, suggesting
from workflow.lookups.items import visible_item
from workflow.lookups.merits import visible_merit
from workflow.model import Content, Json
from workflow.queries import people
from workflow.queries.changes import FILES, Returned
from workflow.queries.deadlines import deadline_by_id
from workflow.queries.items import transitions_for
from workflow.rules import ExpressionScope, Rulebook, asked_fields, fields_named, suits


async def begun(parts: Application, asker: Caller, kind: str, merit: int, owed: int) -> Typed:
    """Return what a new form begins with, as typed.

    ``merit``: what was noted of somebody; ``owed``: the deadline that a mail leads from.
    """

    def load_typed(connection: Connection) -> Typed:
        book = parts.context.rulebooks.newest(connection).get(kind)
        own = _begun_by_author(parts, connection, asker, book.definition) if book else {}
        if merit:
            return {**own, **_begun_from(connection, asker, book, merit)}
        if owed:
            found = deadline_by_id(connection, owed)
            return {**own, "campaign": found.campaign, "f-period": found.kind}
        return own

    return await parts.database.read(load_typed)


def _begun_by_author(
    parts: Application, connection: Connection, asker: Caller, definition: Definition
) -> dict[str, Json]:
    """Return the fields that the author's department and agency begin."""
    department = dict(department_choices(connection)).get(asker.person.department or "", "")
    unit = ", ".join(filter(None, (department, parts.agency.name)))
    return {f"f-{each.id}": unit for each in definition.fields if each.from_author == "unit"}


def _begun_from(
    connection: Connection, asker: Caller, book: Rulebook | None, merit: int
) -> dict[str, Json]:
    """Return what a merit begins a form with."""
    shown = visible_merit(connection, merit, asker.person)
    told = {
        "whose": shown.whose,
        "whose_kind": shown.whose_kind,
        "recognition": shown.recognition,
        "what": shown.what,
    }
    told["story"] = "\n".join(filter(None, [shown.what, shown.story]))
    fields = begun_by_merit(connection, book.definition, told) if book else {}
    return {
        **{f"f-{name}": value for name, value in fields.items()},
        "title": f"Đề nghị khen thưởng {shown.whose}",
        "campaign": shown.campaign,
        "merit": str(shown.id),
    }


async def way_after_writing(parts: Application, asker: Caller, form: FormData, code: str) -> str:
    """Return where a form leads that was saved: to hand it in, where that was asked and is open."""

    def find(connection: Connection) -> str:
        item = visible_item(connection, code, asker.person)
        options = transitions_for(parts.context, connection, item, asker.person)
        open_ways = (each.transition for each in options if each.is_allowed)
        way = next((each for each in open_ways if each.hands_in), None)
        return f"/items/{code}/decide/{way.id}" if way else f"/items/{code}"

    if text_in(form, "then") != "hand_in":
        return f"/items/{code}"
    return await parts.database.read(find)


def begun_by_merit(
    connection: Connection, definition: Definition, told: Mapping[str, str]
) -> dict[str, Json]:
    """Return the fields that a merit fills in, of those that are then asked for.

    A person is found by name, where one alone is called so.
    """
    named = [each for each in people.all_people(connection) if each.name == told["whose"]]
    address = named[0].email if len(named) == 1 and named[0].is_active else ""
    begun: dict[str, Json] = {
        field.id: address if field.type is FieldType.PERSON else told[field.from_merit]
        for field in definition.fields
        if field.from_merit is not None
    }
    content = Content(title="", fields=begun, files=(), salt="")
    asked = asked_fields(definition, content, ExpressionScope(department="", author=None))
    return {each.id: begun[each.id] for each in asked if each.id in begun}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWhen:
    """Which answers to a choice a field is asked for with: their ids, and how they are called."""

    of: str
    label: Label
    ids: Sequence[str]
    labels: Sequence[Label]


def asked_when(definition: Definition, scope: ExpressionScope) -> dict[str, AskedWhen]:
    """Return the fields that one choice of the form alone decides on, by id."""
    depending = {
        each: next(iter(named))
        for each in definition.fields
        if each.shown_when is not None and len(named := fields_named(each.shown_when)) == 1
    }
    choices = {
        each.id: each
        for each in definition.fields
        if each.id in depending.values()
        and each.type is FieldType.CHOICE
        and not (each.or_deadline or each.choices_from)
    }
    asked = {
        (choice.id, each.id): [
            field
            for field in depending
            if suits(definition, field, _with(choice.id, each.id), scope)
        ]
        for choice in choices.values()
        for each in choice.choices
    }
    found = {}
    for field, of in depending.items():
        if of in choices:
            suiting = [each for each in choices[of].choices if field in asked[of, each.id]]
            found[field.id] = AskedWhen(
                of=of,
                label=choices[of].label,
                ids=[each.id for each in suiting],
                labels=[each.label for each in suiting],
            )
    return found


def _with(field: str, value: str) -> Content:
    return Content(title="", fields={field: value}, files=(), salt="")


def fields_typed(definition: Definition, form: Typed) -> dict[str, Json]:
    """Return what is typed into the fields of a form; None where nothing is."""
    return {each.id: form.get(f"f-{each.id}") or None for each in definition.fields}


def asked_in(definition: Definition, form: Typed, scope: ExpressionScope) -> set[str]:
    """Return the fields that a form asks for, as far as it is filled in.

    What depends on a choice that nobody has made yet is asked for.
    """
    typed = fields_typed(definition, form)
    undecided = {
        each.id
        for each in definition.fields
        if each.type is not FieldType.BOOLEAN and typed[each.id] is None
    }
    content = Content(title="", fields=typed, files=(), salt="")
    asked = {each.id for each in asked_fields(definition, content, scope)}
    listed = nominees_field(definition)
    in_rows = set(listed.columns_of) if listed and listed.id in asked else set()
    return asked | {
        each.id
        for each in definition.fields
        if each.shown_when is not None
        and each.id not in in_rows
        and not fields_named(each.shown_when).isdisjoint(undecided)
    }


def form_sections(
    definition: Definition,
    asked: AbstractSet[str],
    typed: Typed,
    *,
    has_files: bool = False,
    mending: Container[str] = (),
) -> list[tuple[str, str, bool]]:
    """Return the groups of a form, and whether each has all that it must have.

    What is among ``mending`` is not complete, whatever stands in it.
    """
    found = []
    titled = "" if suggesting(definition) else definition.groups[0].id
    for group in definition.groups:
        own = [each for each in definition.fields if each.group == group.id]
        needed = [each for each in own if each.required and each.id in asked] or own
        is_done = all(typed.get(f"f-{each.id}") not in (None, "", []) for each in needed)
        is_done = is_done and (group.id != titled or bool(typed.get("title")))
        found.append((f"g-{group.id}", translate(group.label), is_done))
    found.append(("files", translate("Attachments"), has_files))
    return [(place, label, is_done and place not in mending) for place, label, is_done in found]


def section_faults(definition: Definition, errors: Sequence[str]) -> dict[str, int]:
    """Return how many errors are about fields of each section of a form, by the section's id."""
    return _by_section(definition, (getattr(each, "field", "") for each in errors))


def section_mending(definition: Definition, returned: Returned | None) -> dict[str, int]:
    """Return how much a return asks to mend in each section of a form, by the section's id."""
    asked = returned.mend_ids if returned else ()
    return _by_section(definition, (each if each == FILES else f"f-{each}" for each in asked))


def _by_section(definition: Definition, places: Iterable[str]) -> dict[str, int]:
    """Count places on the page of a form by the section in which they are."""
    sections = {f"f-{each.id}": f"g-{each.group}" for each in definition.fields}
    sections |= {"title": f"g-{definition.groups[-1 if suggesting(definition) else 0].id}"}
    sections |= {"file": "files", FILES: "files"}
    return Counter(sections[each] for each in places if each in sections)
