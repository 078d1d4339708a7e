"""Gather what departments reported for one deadline into the agency's report, and gather anew.

Owns what is drafted from which report in which version, and which reports then go with it. What
the Office wrote stays when it gathers anew. The Office alone gathers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workflow.command import DeadlineCommand
from workflow.commands.create_item import CreateItem, Written, draft_item
from workflow.commands.edit_item import EditItem, edit_item
from workflow.commands.execute import Transaction
from workflow.commands.gathered_entries import send_with
from workflow.context import SetBrokenError
from workflow.deadlines import Deadline
from workflow.errors import InvalidRefusal, NotFoundRefusal, reason
from workflow.lookups.gathering import (
    HandedIn,
    consolidated_for,
    gathered_from,
    gathering_book,
    gathers_of,
    handed_in,
    kept_from_before,
    sources_of,
    was_filled,
)
from workflow.lookups.inspections import found_in
from workflow.messages import lazy
from workflow.model import Item, Json
from workflow.people import require_office
from workflow.rules import (
    Drafted,
    GatheredSource,
    Rulebook,
    gathered_anew,
    inspected_anew,
    sources_in,
    suggested_title,
    takes,
)
from workflow.store import deadlines, items


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherReports(DeadlineCommand[Written]):
    """Draft the agency's report for a deadline; with ``code`` gather anew into that one."""

    code: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathering:
    """What is gathered: by which process, from which reports, and what is drafted from them."""

    deadline: Deadline
    book: Rulebook
    sources: tuple[GatheredSource, ...]
    reports: Mapping[str, Item]
    """The reports by code, locked."""
    before: tuple[Item, ...] = ()
    """Those that went with it so far, locked."""
    fixed: dict[str, Json]
    """What gathering alone writes: from which reports, and for which deadline."""
    drafted: Drafted
    inspected: str
    """What inspections found; empty where nothing was, or the report does not say it."""


def gather_reports(transaction: Transaction, command: GatherReports) -> Written:
    """Draft the consolidated report, or gather anew; answer its entry."""
    connection = transaction.connection
    require_office(transaction.directory.active(command.cause.actor))
    deadline = deadlines.find_deadline(connection, command.deadline)
    if deadline is None:
        raise NotFoundRefusal(lazy("the deadline {id}", id=command.deadline))
    newest = gathering_book(transaction.context, connection)
    present = consolidated_for(transaction.context, connection, newest, deadline)
    if command.code is None:
        if present is not None:
            raise _gathered_already(present.code)
        return _draft(transaction, command, _gathering(transaction, newest, deadline, None))
    if present is None or present.code != command.code:
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    book = transaction.context.rulebooks.of(connection, present.definition_hash)
    gathering = _gathering(transaction, book, deadline, present.code)
    return _gather_anew(transaction, command, gathering, present)


def _gathered_already(code: str) -> InvalidRefusal:
    return InvalidRefusal(
        reason(
            "gathered",
            "The reports of this deadline are gathered in {code} already. Open it, and gather "
            "anew there.",
            code=code,
        )
    )


def _gathering(
    transaction: Transaction, book: Rulebook, deadline: Deadline, into: str | None
) -> _Gathering:
    """Return what is gathered, all of it locked. Raises InvalidRefusal where there is nothing."""
    context, connection = transaction.context, transaction.connection
    seen = handed_in(context, connection, book, deadline)
    if not seen.reports:
        raise InvalidRefusal(
            reason(
                "gathered",
                "No department has handed in its report yet, so there is nothing to gather.",
            )
        )
    before = items.items_gathered_in(connection, [into]) if into else []
    wanted = {each.code for each in (*seen.reports.values(), *before)}
    locked = items.lock_items(connection, wanted)
    reports = {each.code: locked[each.code] for each in seen.reports.values()}
    if any(reports[each.code].version != each.version for each in seen.reports.values()):
        raise SetBrokenError  # one moved on meanwhile: gathered again, as it is then
    for each in reports.values():
        if each.gathered_in not in {None, into}:
            raise _gathered_already(str(each.gathered_in))
    found = HandedIn(reports={each.department: each for each in reports.values()}, names=seen.names)
    sources = sources_of(context, connection, found)
    gathers = gathers_of(book)
    inspected = found_in(connection, deadline.campaign) if gathers.inspections else ""
    return _Gathering(
        inspected=inspected,
        deadline=deadline,
        book=book,
        sources=sources,
        reports=reports,
        before=tuple(locked[each.code] for each in before),
        fixed={
            gathers.sources: [each.row for each in sources],
            gathers.period: deadline.kind,
        },
        drafted=gathered_from(context, connection, book.definition, sources).drafted,
    )


def _draft(transaction: Transaction, command: GatherReports, gathering: _Gathering) -> Written:
    connection, book = transaction.connection, gathering.book
    # The row stays locked until COMMIT: who gathers at the same time waits here, then finds the
    # first one's report. Nothing else of the set is lost by it.
    items.next_number(connection, f"gather:{gathering.deadline.id}")
    newer = consolidated_for(transaction.context, connection, book, gathering.deadline)
    if newer is not None:
        raise SetBrokenError
    within = transaction.context.campaigns.definition_in(
        connection, book, gathering.deadline.campaign
    )
    fields = {**gathering.drafted.values, **gathering.fixed}
    written = draft_item(
        transaction,
        CreateItem(
            cause=command.cause,
            type=book.definition.id,
            campaign=gathering.deadline.campaign,
            department=None,
            title=suggested_title(within, fields) or book.definition.label.vi,
            fields={**fields, **_inspected(transaction, gathering, None, None)},
        ),
    )
    send_with(transaction, command.cause, _travelling(gathering, written.code), written.code)
    return written


def _inspected(
    transaction: Transaction, gathering: _Gathering, present: Item | None, said: Json
) -> dict[str, Json]:
    """Return what inspections found, unless the field does not take it or is the Office's own."""
    name, found = gathers_of(gathering.book).inspections, gathering.inspected
    if name is None or not found or found == said:
        return {}
    field = next(each for each in gathering.book.definition.fields if each.id == name)
    is_filled_before = present is not None and was_filled(transaction.connection, present, name)
    anew = inspected_anew(found, said, is_filled_before=is_filled_before)
    return {name: found} if anew and takes(field, found) else {}


def _travelling(gathering: _Gathering, into: str) -> Sequence[Item]:
    """Return the reports that go with ``into`` and do not yet."""
    return [
        gathering.reports[each.report]
        for each in gathering.sources
        if each.report and not each.alone and gathering.reports[each.report].gathered_in != into
    ]


def _gather_anew(
    transaction: Transaction, command: GatherReports, gathering: _Gathering, present: Item
) -> Written:
    context, connection = transaction.context, transaction.connection
    content = context.contents.of(connection, [present])[present.id]
    definition, said = gathering.book.definition, content.fields
    sources = tuple(sources_in(definition, content))
    before = gathered_from(context, connection, definition, sources).drafted
    # What a field still says of an earlier gathering is no less the departments'.
    kept = kept_from_before(context, connection, present, before)
    before = replace(before, values={**before.values, **{each: said.get(each) for each in kept}})
    inspected = said.get(gathers_of(gathering.book).inspections or "")
    edit = EditItem(
        cause=command.cause,
        code=present.code,
        version=command.version,
        fields={
            **gathered_anew(before, said, gathering.drafted),
            **_inspected(transaction, gathering, present, inspected),
            **gathering.fixed,
        },
        gathers=True,
    )
    written = edit_item(transaction, edit)
    send_with(transaction, command.cause, _travelling(gathering, present.code), present.code)
    going = {each.report for each in gathering.sources if not each.alone}
    left = [each for each in gathering.before if each.code not in going]
    send_with(transaction, command.cause, left, None)
    return written
