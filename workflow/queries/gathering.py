"""A consolidated report beside the reports that it was gathered from: who said what, what changed.

Owns how figures stand side by side, and the words for what came, changed or went since they were
gathered. Reads only.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import INSPECTION, MENDING, Deadline
from workflow.definition import Definition, ItemField
from workflow.errors import NotFoundRefusal
from workflow.lookups.gathering import (
    GatheredReports,
    consolidated_for,
    gathered_from,
    gathering_book,
    handed_in,
    kept_from_before,
    sources_of,
)
from workflow.lookups.inspections import found_in
from workflow.lookups.items import may_see
from workflow.messages import Message, lazy
from workflow.model import Item, Json, Person
from workflow.people import may_set_deadlines
from workflow.queries.items import ItemView
from workflow.rules import GatheredSource, sources_in, takes
from workflow.store import deadlines


def kinds_of_reports(
    context: Context, connection: Connection, kinds: Iterable[str]
) -> frozenset[str]:
    """Return the kinds of deadline that reports answer: no visit, nor another process's items."""
    others = {each.definition.answers for each in context.rulebooks.newest(connection).values()}
    return frozenset(
        each for each in kinds if not each.startswith((INSPECTION, MENDING)) and each not in others
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredLine:
    """A field: what each report says in it, what that comes to, and what the agency's says."""

    field: ItemField
    values: tuple[Json, ...]
    together: Json
    """None where the field does not take it, and words to who may not read every report."""
    said: Json
    is_own: bool
    """Whether the Office wrote something else than the reports come to."""
    is_left_out: bool
    """Whether the field does not take what the reports come to: it is the Office's to write."""
    is_kept: bool
    """Whether it still says what an earlier gathering came to, for it does not take the present."""

    @property
    def is_figure(self) -> bool:
        """Return whether it is a number, and was added."""
        return isinstance(self.together, int) or isinstance(self.said, int)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """The reports of a deadline side by side; ``code`` empty: nothing is gathered yet."""

    code: str
    deadline: Deadline | None
    attached: tuple[GatheredSource, ...]
    """The reports that were gathered."""
    sources: tuple[GatheredSource, ...]
    """Those of them that the reader may see, in the order of the columns."""
    missing: tuple[str, ...]
    """The departments without a report."""
    lines: tuple[GatheredLine, ...]
    news: tuple[Message, ...]
    """What has changed since it was gathered."""
    left_out: tuple[ItemField, ...]
    """The fields that do not take what they would be drafted from."""

    @property
    def figures(self) -> tuple[GatheredLine, ...]:
        """Return the fields that are numbers, and were added."""
        return tuple(each for each in self.lines if each.is_figure)


def gathered_view(
    context: Context, connection: Connection, view: ItemView, reader: Person
) -> SideBySide:
    """Return a consolidated report beside its sources. Raises NotFoundRefusal where it has none.

    What ``reader`` may not read of it is left out, and so are reports that they may not see.
    """
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
    book = context.rulebooks.of(connection, view.item.definition_hash)
    now = (
        sources_of(context, connection, handed_in(context, connection, book, deadline))
        if deadline is not None and not view.state.final
        else sources
    )
    gathered = gathered_from(context, connection, view.definition, sources)
    seen = [may_see(connection, each.report, reader) for each in gathered.told]
    kept = kept_from_before(context, connection, view.item, gathered.drafted)
    lines = [
        each
        for each in _side_by_side(gathered, view.content.fields, seen, kept)
        if each.field.id not in view.withheld
    ]
    is_open = view.state.editable
    noted = _notes_left_out(connection, view.definition, view.item.campaign) if is_open else ()
    return SideBySide(
        code=view.item.code,
        deadline=deadline,
        attached=tuple(each.source for each in gathered.told),
        sources=tuple(each.source for each in compress(gathered.told, seen)),
        missing=tuple(each.department for each in sources if not each.report),
        lines=tuple(lines),
        news=tuple(_news(sources, now)),
        left_out=(
            *(each.field for each in lines if each.is_left_out),
            *(each for each in noted if each.id not in view.withheld),
        ),
    )


def may_gather_anew(context: Context, connection: Connection, item: Item, person: Person) -> bool:
    """Return whether ``person`` may gather anew into ``item`` where it is."""
    book = context.rulebooks.of(connection, item.definition_hash)
    directory = context.directory(connection, context.clock())
    return (
        may_set_deadlines(person)
        and book.states[item.state].editable
        and book.stands_for_author(item, directory, person.id)
    )


def to_gather(context: Context, connection: Connection, deadline: Deadline) -> SideBySide:
    """Return what there is to gather for a deadline, and the report that gathers it already."""
    book = gathering_book(context, connection)
    present = consolidated_for(context, connection, book, deadline)
    definition = context.campaigns.definition_in(connection, book, deadline.campaign)
    sources = sources_of(context, connection, handed_in(context, connection, book, deadline))
    gathered = gathered_from(context, connection, definition, sources)
    lines = tuple(_side_by_side(gathered, None, [True] * len(gathered.told)))
    reports = tuple(each.source for each in gathered.told)
    return SideBySide(
        code=present.code if present is not None else "",
        deadline=deadline,
        attached=reports,
        sources=reports,
        missing=tuple(each.department for each in sources if not each.report),
        lines=lines,
        news=(),
        left_out=(
            *(each.field for each in lines if each.is_left_out),
            *_notes_left_out(connection, definition, deadline.campaign),
        ),
    )


def _notes_left_out(
    connection: Connection, definition: Definition, campaign: str
) -> tuple[ItemField, ...]:
    """Return the field for what inspections found, where it does not take all of it."""
    name = definition.gathers.inspections if definition.gathers is not None else None
    found = found_in(connection, campaign) if name is not None else ""
    return tuple(
        each for each in definition.fields if found and each.id == name and not takes(each, found)
    )


def _side_by_side(
    gathered: GatheredReports,
    said: Mapping[str, Json] | None,
    seen: Sequence[bool],
    kept: Container[str] = (),
) -> Iterator[GatheredLine]:
    """Yield the fields in which a report or the agency's says something.

    ``said``: in the agency's report; None: nothing is gathered yet. ``seen``: whether the reader
    may see each report; of those they may not they are told sums alone. ``kept``: the fields that
    still say what an earlier gathering came to.
    """
    drafted = gathered.drafted
    for field in gathered.fields:
        values = [each.fields.get(field.id) for each in gathered.told]
        together = drafted.values.get(field.id)
        own = together if said is None else said.get(field.id)
        if all(_is_empty(each) for each in (own, *values)):
            continue
        yield GatheredLine(
            field=field,
            values=tuple(compress(values, seen)),
            together=together if all(seen) or isinstance(together, int) else None,
            said=own,
            is_own=own != together and field.id not in kept,
            is_left_out=field.id in drafted.left_out,
            is_kept=field.id in kept,
        )


def _is_empty(value: Json) -> bool:
    return value in (None, "", [])


def _news(then: Sequence[GatheredSource], now: Sequence[GatheredSource]) -> Iterator[Message]:
    """Yield what is otherwise now than when it was gathered, a sentence for each report."""
    before = {each.report: each for each in then if each.report}
    after = {each.report: each for each in now if each.report}
    for code in dict.fromkeys((*before, *after)):
        old, new = before.get(code), after.get(code)
        if new is not None and old is None:
            yield lazy(
                "{department} has handed in {report} since.",
                department=new.department,
                report=code,
            )
        elif old is not None and new is None:
            yield lazy(
                "{department} no longer has a report that is handed in: {report} was taken back.",
                department=old.department,
                report=code,
            )
        elif old is not None and new is not None and old.content != new.content:
            yield lazy(
                "{department} has changed its report since: {report}.",
                department=new.department,
                report=code,
            )
