"""Which reports a consolidated report is gathered from, and which there is for a deadline already.

Owns no rule of its own: what is handed in, and what is signed, each report's own process says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import Deadline
from workflow.definition import Gathers, Stage
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import DepartmentId, Item, Json
from workflow.rules import GatheredSource, Rulebook
from workflow.store import deadlines, item_contents, items, people


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


def told_by(
    connection: Connection, sources: tuple[GatheredSource, ...]
) -> list[tuple[str, Mapping[str, Json]]]:
    """Return each source's department and the fields of its report, in the version gathered."""
    told: list[tuple[str, Mapping[str, Json]]] = []
    for each in sources:
        report = items.find_item(connection, each.report) if each.report else None
        content = item_contents.content_at(connection, report.id, each.content) if report else None
        if content is not None:
            told.append((each.department, content.fields))
    return told
