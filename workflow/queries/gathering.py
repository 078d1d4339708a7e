"""A consolidated report beside the reports that it was gathered from: who said what, what changed.

Owns how figures stand side by side, and the words for what came, changed or went since they were
gathered. Reads only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import Deadline
from workflow.definition import Definition, ItemField
from workflow.errors import NotFoundRefusal
from workflow.lookups.gathering import (
    consolidated_for,
    gathering_book,
    gathers_of,
    handed_in,
    sources_of,
    told_by,
)
from workflow.messages import Message, lazy
from workflow.model import Json
from workflow.queries.items import ItemView
from workflow.rules import GatheredSource, drafted_from, gathered_fields, sources_in
from workflow.store import deadlines


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredLine:
    """A field: what each report says in it, what that comes to, and what the agency's says."""

    field: ItemField
    values: tuple[Json, ...]
    together: Json
    said: Json

    @property
    def is_own(self) -> bool:
        """Return whether the Office wrote something else than the reports come to."""
        return self.said != self.together

    @property
    def is_figure(self) -> bool:
        """Return whether it is a number, and was added."""
        return isinstance(self.together, int) or isinstance(self.said, int)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """The reports of a deadline side by side; ``code`` empty: nothing is gathered yet."""

    code: str
    deadline: Deadline | None
    sources: tuple[GatheredSource, ...]
    """The reports, in the order of the columns."""
    missing: tuple[str, ...]
    """The departments without a report."""
    lines: tuple[GatheredLine, ...]
    news: tuple[Message, ...]
    """What has changed since it was gathered."""

    @property
    def figures(self) -> tuple[GatheredLine, ...]:
        """Return the fields that are numbers, and were added."""
        return tuple(each for each in self.lines if each.is_figure)


def gathered_view(context: Context, connection: Connection, view: ItemView) -> SideBySide:
    """Return a consolidated report beside its sources. Raises NotFoundRefusal where it has none."""
    gathers = view.definition.gathers
    if gathers is None:
        raise NotFoundRefusal(lazy("the reports that it was gathered from"))
    sources = tuple(sources_in(view.definition, view.content))
    kind = view.content.fields.get(gathers.period)
    deadline = next(
        (
            each
            for each in deadlines.all_deadlines(connection)
            if (each.campaign, each.kind) == (view.item.campaign, kind)
        ),
        None,
    )
    shown = _side_by_side(context, connection, view.definition, sources, view.content.fields)
    book = context.rulebooks.of(connection, view.item.definition_hash)
    now = (
        sources_of(context, connection, handed_in(context, connection, book, deadline))
        if deadline is not None and not book.states[view.item.state].final
        else sources
    )
    return SideBySide(
        code=view.item.code,
        deadline=deadline,
        sources=tuple(each for each in sources if each.report),
        missing=tuple(each.department for each in sources if not each.report),
        lines=tuple(shown),
        news=tuple(_news(sources, now)),
    )


def to_gather(context: Context, connection: Connection, deadline: Deadline) -> SideBySide:
    """Return what there is to gather for a deadline, and the report that gathers it already."""
    book = gathering_book(context, connection)
    present = consolidated_for(context, connection, book, deadline)
    definition = context.campaigns.definition_in(connection, book, deadline.campaign)
    sources = sources_of(context, connection, handed_in(context, connection, book, deadline))
    return SideBySide(
        code=present.code if present is not None else "",
        deadline=deadline,
        sources=tuple(each for each in sources if each.report),
        missing=tuple(each.department for each in sources if not each.report),
        lines=tuple(_side_by_side(context, connection, definition, sources, None)),
        news=(),
    )


def _side_by_side(
    context: Context,
    connection: Connection,
    definition: Definition,
    sources: tuple[GatheredSource, ...],
    said: dict[str, Json] | None,
) -> Iterator[GatheredLine]:
    """Yield the fields in which a report or the agency's says something."""
    book = gathering_book(context, connection)
    kind = gathers_of(book).definition
    gathered = context.rulebooks.newest_of(connection, kind).definition
    fields = gathered_fields(definition, gathered)
    told = told_by(connection, sources)
    together = drafted_from(fields, told)
    for field in fields:
        values = tuple(each.get(field.id) for _, each in told)
        own = together.get(field.id) if said is None else said.get(field.id)
        if own not in (None, "", []) or any(each not in (None, "", []) for each in values):
            yield GatheredLine(
                field=field, values=values, together=together.get(field.id), said=own
            )


def _news(then: Sequence[GatheredSource], now: Sequence[GatheredSource]) -> Iterator[Message]:
    """Yield what is otherwise now than when it was gathered, a sentence for each department."""
    before = {each.department: each for each in then}
    after = {each.department: each for each in now}
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        had, has = old.report if old else "", new.report if new else ""
        if has and not had:
            yield lazy("{department} has handed in {report} since.", department=name, report=has)
        elif had and not has:
            yield lazy(
                "{department} no longer has a report that is handed in: {report} was taken back.",
                department=name,
                report=had,
            )
        elif old and new and (had, old.content) != (has, new.content):
            yield lazy(
                "{department} has changed its report since: {report}.",
                department=name,
                report=has,
            )
