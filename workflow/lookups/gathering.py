"""Which reports a consolidated report is gathered from, and which there is for a deadline already.

Owns no rule of its own: what is handed in, and what is signed, each report's own process says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import Deadline
from workflow.definition import Definition, Gathers, ItemField, Stage
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Content, DepartmentId, Item, Json
from workflow.rules import (
    Drafted,
    GatheredSource,
    Rulebook,
    drafted_from,
    gathered_fields,
    sources_in,
)
from workflow.store import deadlines, history, item_contents, items, people


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """The reports that answer a deadline, one of each department, and who has handed in none."""

    reports: Mapping[DepartmentId, Item]
    names: Mapping[DepartmentId, str]
    """Every department that has a report or owes one, in the agency's order."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of the departments without a report."""
        return tuple(name for each, name in self.names.items() if each not in self.reports)


def gathers_of(book: Rulebook) -> Gathers:
    """Return what items of this process gather. Raises NotFoundRefusal where they gather none."""
    if book.definition.gathers is None:
        raise NotFoundRefusal(lazy("a process that gathers reports"))
    return book.definition.gathers


def gathering_book(context: Context, connection: Connection) -> Rulebook:
    """Return the newest process that gathers reports. Raises NotFoundRefusal."""
    for book in context.rulebooks.newest(connection).values():
        if book.definition.gathers is not None:
            return book
    raise NotFoundRefusal(lazy("a process that gathers reports"))


def consolidated_for(
    context: Context, connection: Connection, book: Rulebook, deadline: Deadline
) -> Item | None:
    """Return the report that gathers what answers ``deadline``, unless it was given up."""
    for item in reversed(items.items_of_type(connection, deadline.campaign, book.definition.id)):
        own = context.rulebooks.of(connection, item.definition_hash)
        content = context.contents.of(connection, [item])[item.id]
        is_given_up = own.stages[item.state] is Stage.GIVEN_UP
        if content.fields.get(gathers_of(own).period) == deadline.kind and not is_given_up:
            return item
    return None


def handed_in(
    context: Context, connection: Connection, book: Rulebook, deadline: Deadline
) -> HandedIn:
    """Return what answers every deadline of this kind in the campaign: the newest handed in."""
    kind = gathers_of(book).definition
    owing = {
        department
        for each in deadlines.all_deadlines(connection)
        if (each.campaign, each.kind) == (deadline.campaign, deadline.kind)
        for department in each.departments
    }
    found = items.items_by_id(
        connection, deadlines.reports_of(connection, deadline.campaign, deadline.kind)
    )
    reports = {
        each.department: each
        for each in found.values()
        if each.type == kind
        and context.rulebooks.of(connection, each.definition_hash).is_handed_in(each.state)
    }
    names = {
        each.id: each.name
        for each in people.all_departments(connection)
        if each.id in owing or each.id in reports
    }
    return HandedIn(reports=reports, names=names)


def sources_of(
    context: Context, connection: Connection, found: HandedIn
) -> tuple[GatheredSource, ...]:
    """Return what is gathered now, a source for each department."""
    return tuple(
        GatheredSource(department=name)
        if (report := found.reports.get(department)) is None
        else GatheredSource(
            department=name,
            report=report.code,
            version=report.version,
            content=report.content_hash,
            alone=is_signed(context, connection, report),
        )
        for department, name in found.names.items()
    )


def is_signed(context: Context, connection: Connection, item: Item) -> bool:
    """Return whether an item bears its signature, or has ended: it goes with no other any more."""
    book = context.rulebooks.of(connection, item.definition_hash)
    return item.state in book.signed_states or book.states[item.state].final


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedSource:
    """What a report that was gathered says: its own fields alone, in the version gathered."""

    source: GatheredSource
    report: Item
    fields: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredReports:
    """What the reports say, in the order of the sources, and what that comes to."""

    fields: tuple[ItemField, ...]
    """The fields that are drafted from them, in the definition's order."""
    told: tuple[ReportedSource, ...]
    drafted: Drafted


def gathered_from(
    context: Context,
    connection: Connection,
    definition: Definition,
    sources: tuple[GatheredSource, ...],
) -> GatheredReports:
    """Return what ``sources`` say in the fields of ``definition``.

    Which fields those are, the process of each report says: a report that was signed says for
    ever what it said.
    """
    told: list[ReportedSource] = []
    named: set[str] = set()
    for each in sources:
        report = items.find_item(connection, each.report) if each.report else None
        if report is None:
            continue
        kind = context.rulebooks.of(connection, report.definition_hash).definition
        own = {field.id for field in gathered_fields(definition, kind)}
        content = item_contents.content_at(connection, report.id, each.content)
        said = content.fields if content is not None else {}
        drafts = {name: value for name, value in said.items() if name in own}
        told.append(ReportedSource(source=each, report=report, fields=drafts))
        named |= own
    fields = tuple(each for each in definition.fields if each.id in named)
    words = [(each.source.department, each.fields) for each in told]
    return GatheredReports(fields=fields, told=tuple(told), drafted=drafted_from(fields, words))


def kept_from_before(
    context: Context,
    connection: Connection,
    item: Item,
    drafted: Drafted,
) -> frozenset[str]:
    """Return which fields say what an earlier gathering of ``item`` came to, word for word.

    They do not take what the present reports come to (``drafted``), and so still say what
    departments wrote.
    """
    fields = drafted.left_out
    if not fields:
        return frozenset()
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    present = context.contents.of(connection, [item])[item.id]
    found: set[str] = set()
    seen: set[tuple[GatheredSource, ...]] = set()
    for content in _contents_of(connection, item):
        sources = tuple(sources_in(definition, content))
        if sources and sources not in seen:
            seen.add(sources)
            then = gathered_from(context, connection, definition, sources).drafted.values
            found |= {
                each for each in fields if each in then and then[each] == present.fields.get(each)
            }
    return frozenset(found)


def _contents_of(connection: Connection, item: Item) -> Iterator[Content]:
    """Yield each content that ``item`` ever had."""
    hashes = {
        each.fact.content_hash
        for each in history.entries_of(connection, item.subject)
        if each.fact.content_hash is not None
    }
    for each in sorted(hashes):
        content = item_contents.content_at(connection, item.id, each)
        if content is not None:
            yield content


def was_filled(connection: Connection, item: Item, field: str) -> bool:
    """Return whether ``field`` of ``item`` said something in any version of its content."""
    return any(bool(each.fields.get(field)) for each in _contents_of(connection, item))
