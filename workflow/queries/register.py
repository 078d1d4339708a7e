"""The register of outgoing documents as it is read: ten columns (NĐ 30/2020/NĐ-CP, Phụ lục IV).

Owns where each column comes from: of an item, its content as it left, its signer, its campaign's
recipients; of another document, what whoever registered it said. Nothing here writes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from workflow.definition import NAMES
from workflow.documents.abstracts import RegisteredFacts, abstract
from workflow.documents.facts import Issue, IssuingAgency
from workflow.documents.phrases import lower_first
from workflow.errors import AlteredError
from workflow.history.payloads import Amendment, Decision, IssueAmended
from workflow.model import Content, ContentHash, DepartmentId, DispatchChannel, Item, ItemId
from workflow.people import Directory
from workflow.queries.document_facts import Writing, issuing_agency, period_of
from workflow.rules.register import is_back_dated
from workflow.store import dossiers, history, item_contents, items, people, register
from workflow.store.history import StoredEntry
from workflow.store.register import Document, RegisterFilter, RegisterRow

PAGE_LIMIT = register.PAGE_LIMIT
years = register.years
kinds_in = register.kinds_in
count_rows = register.count_rows
__all__ = [
    "PAGE_LIMIT",
    "RegisterFilter",
    "RegisterLine",
    "RegisterLines",
    "count_rows",
    "kinds_in",
    "line_of",
    "register_page",
    "years",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """A line of the register; what nobody said is empty.

    ``about``: what the document says of itself; ``title``: of the item that became it.
    ``kept_by``: the unit whose copy the clerk keeps. ``channel``: how the item left.
    """

    row: RegisterRow
    kind_name: str
    about: str
    signer: str
    recipients: str
    kept_by: str
    copies: int | None
    channel: DispatchChannel | None
    sent_on: date | None
    note: str
    code: str | None
    registered_on: date
    title: str = ""
    along: int = 0
    """How many other items left under the same number."""
    dossier: int | None = None
    amends: IssueAmended | None = None
    """What it corrects, replaces or recalls, where it does that."""
    amended: tuple[IssueAmended, ...] = ()
    """By what it was corrected, replaced or recalled since."""

    @property
    def issued_on(self) -> date:
        """Return the day that the document bears."""
        return date.fromisoformat(self.row.issued_on)

    @property
    def is_back_dated(self) -> bool:
        """Return whether it bears an earlier day than the one on which it was registered."""
        return is_back_dated(self.issued_on, self.registered_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLines:
    """Some lines, what was registered last first, and after which there are more; None: none."""

    lines: Sequence[RegisterLine]
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What the lines of a page are made of."""

    writing: Writing
    issuer: IssuingAgency
    connection: Connection
    entries: Mapping[str, Sequence[StoredEntry]]
    items: Mapping[ItemId, Item]
    contents: Mapping[tuple[ItemId, int], Content]
    documents: Mapping[int, Document]
    directory: Directory
    departments: Mapping[DepartmentId, str]
    dossiers: Mapping[tuple[ItemId, int], tuple[int, int]]
    """Of each that gave a dossier its number, in which version: its id, and how many it holds."""


def register_page(
    writing: Writing,
    connection: Connection,
    wanted: RegisterFilter,
    *,
    before: int | None = None,
    count: int,
) -> RegisterLines:
    """Return up to ``count`` lines of the register, those registered before ``before``."""
    rows = register.register_page(connection, wanted, before=before, count=count + 1)
    shown = rows[:count]
    read = _read(writing, connection, shown)
    return RegisterLines(
        lines=[_line(read, row) for row in shown],
        after=shown[-1].id if len(rows) > count else None,
    )


def line_of(
    writing: Writing, connection: Connection, notation: str, issued_on: str
) -> RegisterLine | None:
    """Return the line of a number with its symbol in the year of a day (ISO), or None."""
    row = register.find_notation(connection, int(issued_on[:4]), notation)
    return None if row is None else _line(_read(writing, connection, [row]), row)


def _read(writing: Writing, connection: Connection, rows: Sequence[RegisterRow]) -> _Read:
    entries = history.entries_by_subject(connection, [each.subject for each in rows])
    known = items.items_by_id(connection, [each.item_id for each in rows if each.item_id])
    for each in rows:
        _require_own(each, known)
    named = [int(each.subject.partition(":")[2]) for each in rows if each.item_id is None]
    context = writing.context
    return _Read(
        writing=writing,
        issuer=issuing_agency(writing, connection),
        connection=connection,
        entries=entries,
        items=known,
        contents=_contents(connection, rows, known, entries),
        documents=register.documents_by_id(connection, named),
        directory=context.directory(connection, context.clock()),
        departments=people.department_names(connection),
        dossiers=dossiers.led_by_items(connection, known),
    )


def _require_own(row: RegisterRow, known: Mapping[ItemId, Item]) -> None:
    """Raise AlteredError where a row shows something else than its entry is about."""
    item = known.get(row.item_id) if row.item_id is not None else None
    is_document = row.subject.startswith("document:") and row.item_id is None
    if not is_document and (item is None or item.subject != row.subject):
        raise AlteredError(f"register {row.notation} of {row.year}")


def _contents(
    connection: Connection,
    rows: Sequence[RegisterRow],
    known: Mapping[ItemId, Item],
    entries: Mapping[str, Sequence[StoredEntry]],
) -> dict[tuple[ItemId, int], Content]:
    """Return what each item said when it got its number, by item and entry."""
    found: dict[tuple[ItemId, int], Content] = {}
    left = [each for each in rows if each.item_id is not None]
    while left:
        # An item that came back and left again has two numbers, and each its own content.
        newest = {each.item_id: each for each in left if each.item_id is not None}
        then = [
            replace(known[item], content_hash=_left_with(entries, row))
            for item, row in newest.items()
        ]
        read = item_contents.contents_of(connection, then)
        found |= {(item, newest[item].seq): content for item, content in read.items()}
        left = [each for each in left if each not in newest.values()]
    return found


def _left_with(entries: Mapping[str, Sequence[StoredEntry]], row: RegisterRow) -> ContentHash:
    return ContentHash(_entry(entries, row).fact.content_hash or "")


def _entry(entries: Mapping[str, Sequence[StoredEntry]], row: RegisterRow) -> StoredEntry:
    return entries[row.subject][row.seq - 1]


def _line(read: _Read, row: RegisterRow) -> RegisterLine:
    entry = _entry(read.entries, row)
    registered_on = read.writing.context.calendar.local_day(entry.at)
    if row.item_id is None:
        said = read.documents[int(row.subject.partition(":")[2])]
        return RegisterLine(
            row=row,
            kind_name=NAMES.get(row.kind, row.kind),
            about=said.about,
            signer=said.signer,
            recipients=said.recipients,
            kept_by=said.kept_by,
            copies=said.copies,
            channel=None,
            sent_on=None,
            note=said.note,
            code=None,
            registered_on=registered_on,
        )
    item, payload = read.items[row.item_id], entry.fact.payload
    sent = payload.dispatch if isinstance(payload, Decision) else None
    content = read.contents.get((row.item_id, row.seq))
    left_as = (entry.decided_version or 0) + 1
    dossier, count = read.dossiers.get((row.item_id, left_as), (None, 1))
    return RegisterLine(
        row=row,
        kind_name=NAMES.get(row.kind, row.kind),
        about=_about(read, row, item, content),
        title=content.title if content else "",
        signer=_signer(read, row),
        recipients="; ".join(_recipients(read, item)),
        kept_by=read.departments.get(item.department, item.department),
        copies=None,
        channel=sent.channel if sent else None,
        sent_on=registered_on if sent else None,
        note="",
        code=item.code,
        registered_on=registered_on,
        along=count - 1,
        dossier=dossier,
        amends=payload if isinstance(payload, IssueAmended) else None,
        amended=tuple(_amendments(read, row)),
    )


def _about(read: _Read, row: RegisterRow, item: Item, content: Content | None) -> str:
    """Return what the document is about that an item became."""
    definition = read.writing.context.rulebooks.of(read.connection, item.definition_hash).definition
    campaign = read.writing.context.campaigns.of(read.connection, item.campaign)
    payload = _entry(read.entries, row).fact.payload
    corrected = None
    if isinstance(payload, IssueAmended) and payload.how is Amendment.CORRECTION:
        day = date.fromisoformat(payload.of_day)
        corrected = definition.document.name, Issue(year=day.year, notation=payload.of, day=day)
    facts = RegisteredFacts(
        kind=row.kind,
        title=content.title if content else "",
        movement=lower_first(campaign.name) if campaign else "",
        nominates=definition.nominates is not None,
        period=period_of(read.writing, definition, content) if content else "",
        corrected=corrected,
    )
    return abstract(read.issuer, facts)


def _recipients(read: _Read, item: Item) -> list[str]:
    """Return to whom an item's document goes: of the plan's bodies all, or the board alone.

    A nomination tells of people, so only who answers it gets it; others hear of its number.
    """
    campaign = read.writing.context.campaigns.of(read.connection, item.campaign)
    outside = [each for each in campaign.recipients if each.outside] if campaign else []
    book = read.writing.context.rulebooks.of(read.connection, item.definition_hash)
    if book.definition.nominates is not None:
        answers = read.writing.context.outgoing.answered_by
        outside = [each for each in outside if each.id == answers] or outside
    return [each.name for each in outside]


def _amendments(read: _Read, row: RegisterRow) -> Iterator[IssueAmended]:
    """Yield what became of a document since it was issued."""
    for entry in read.entries[row.subject][row.seq :]:
        said = entry.fact.payload
        if isinstance(said, IssueAmended) and (said.of, said.of_day) == (
            row.notation,
            row.issued_on,
        ):
            yield said


def _signer(read: _Read, row: RegisterRow) -> str:
    """Return who signed an item last before it got its number."""
    for entry in reversed(read.entries[row.subject][: row.seq]):
        fact = entry.fact
        book = read.writing.context.rulebooks.of(read.connection, fact.definition_hash or "")
        way = book.meaning(fact.transition or "")
        if way is not None and way.signs and fact.actor is not None:
            person = read.directory.people.get(fact.actor)
            return person.name if person else ""
    return ""
