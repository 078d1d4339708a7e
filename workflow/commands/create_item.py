"""Create items: a draft of the author's own department, with its first entry in the history."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from sqlalchemy import Connection

from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.merits import NominateMerit, nominate_merit
from workflow.context import Context
from workflow.definition import Definition
from workflow.errors import InvalidRefusal, NotPermittedRefusal, reason
from workflow.history import GENESIS, Entry, Fact, body_hash, content_body, payloads
from workflow.lookups.merits import visible_merit
from workflow.lookups.search_text import found_by, period_of
from workflow.model import Content, ContentHash, DepartmentId, Holder, Json, Person, PersonId
from workflow.people import may_draft
from workflow.rules import (
    ExpressionScope,
    Rulebook,
    answered,
    checked_fields,
    checked_title,
    concerned_by,
    names_deadline,
)
from workflow.store import deadlines, definitions, held_items, history, item_contents, items
from workflow.store.history import NewEntry, StoredEntry
from workflow.store.instants import written

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateItem(Command["Written"]):
    """Draft an item of ``type`` for the author's own department."""

    type: str
    campaign: str
    department: DepartmentId | None
    title: str
    fields: dict[str, Json]
    merit: int | None = None
    """The merit that it is drafted from, which is then tied to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The entry that creating or editing made."""

    code: str
    version: int
    seq: int
    is_replay: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A checked draft: whose it is, by which rules, and what it says."""

    author: Person
    department: DepartmentId
    rulebook: Rulebook
    year: int
    content: Content
    concerned: tuple[PersonId, ...]


def create_item(transaction: Transaction, command: CreateItem) -> Written:
    """Draft an item; answer its first entry. What is gathered is drafted by gathering alone."""
    book = transaction.context.rulebooks.newest(transaction.connection).get(command.type)
    if book is not None and book.definition.gathers is not None:
        raise NotPermittedRefusal(
            reason(
                "gathered",
                "This report is drafted by gathering those of the departments. The Office begins "
                "it on the page of the deadline.",
            )
        )
    return draft_item(transaction, command)


def draft_item(transaction: Transaction, command: CreateItem) -> Written:
    """Draft an item of any process; answer its first entry."""
    connection, now = transaction.connection, transaction.now
    draft = _checked_draft(transaction, command)
    definition = draft.rulebook.definition
    # The counter's row stays locked until COMMIT: a number is given once, and one whose draft was
    # not kept is given again.
    number = items.next_number(connection, f"code:{definition.code_prefix}-{draft.year}")
    code = f"{definition.code_prefix}-{draft.year}-{number:04d}"
    body = content_body(code, draft.content)
    fact = _fact_of(command, draft, code, body_hash(body), at=now)
    entry = transaction.context.entry(fact, 1, GENESIS)
    item_id = items.insert_item(connection, _row_of(command, draft, code, entry))
    history.append_entries(
        connection, [NewEntry(entry=entry, item_id=item_id, command_digest=command.cause.digest)]
    )
    item_contents.insert_content(
        connection, item_id, body, content_hash=body_hash(body), version=1, at=now
    )
    holder = Holder(person=draft.author.id)
    held_items.replace_holders(connection, [(item_id, [holder])], dues=[None], since=now)
    if command.merit is not None:
        cause = replace(command.cause, command_id=f"{command.cause.command_id}:merit")
        nominate_merit(transaction, NominateMerit(cause=cause, merit=command.merit, code=code))
    return Written(code=code, version=1, seq=1)


def _checked_draft(transaction: Transaction, command: CreateItem) -> _Draft:
    """Return what is to be drafted. Raises every refusal of drafting."""
    connection, directory = transaction.connection, transaction.directory
    author = directory.active(command.cause.actor)
    department = command.department or (author.department if author else None)
    if author is None or department is None or not may_draft(author, department):
        raise NotPermittedRefusal(
            reason(
                "own-department",
                "You may draft items for your own department only, and only in a drafting "
                "position.",
            )
        )
    if command.merit is not None:
        visible_merit(connection, command.merit, author)
    rulebook, year = _kind_and_year(transaction.context, connection, command)
    definition = rulebook.definition
    title = checked_title(command.title)
    kinds = kinds_for(connection, definition, command.fields, command.campaign)
    within = transaction.context.campaigns.definition_in(connection, rulebook, command.campaign)
    fields = checked_fields(within, command.fields, directory, kinds=kinds)
    salt = transaction.context.entropy(_SALT_BYTES).hex()
    scope = ExpressionScope(
        department=department,
        author=author,
        campaign=transaction.context.campaigns.of(connection, command.campaign),
    )
    content = answered(within, Content(title=title, fields=fields, files=(), salt=salt), scope)
    return _Draft(
        author=author,
        department=department,
        rulebook=rulebook,
        year=year,
        content=content,
        concerned=concerned_by(definition, content.fields, directory),
    )


def _fact_of(
    command: CreateItem, draft: _Draft, code: str, content_hash: ContentHash, *, at: datetime
) -> Fact:
    author = draft.author
    return Fact(
        subject=f"item:{code}",
        payload=payloads.Created(
            holders=((author.id, None),),
            due_at=None,
            campaign=command.campaign,
            department=draft.department,
            concerned=draft.concerned,
        ),
        at=at,
        actor=author.id,
        position=author.position.value,
        via=command.cause.via.value,
        method=command.cause.method.value,
        to_state=draft.rulebook.definition.initial,
        version=1,
        step=1,
        content_hash=content_hash,
        definition_hash=draft.rulebook.hash,
        command_id=command.cause.command_id,
    )


def _row_of(command: CreateItem, draft: _Draft, code: str, entry: Entry) -> dict[str, object]:
    """Return the row of a new item, whose chain ends with ``entry``."""
    definition, fact = draft.rulebook.definition, entry.fact
    return {
        "code": code,
        "type": command.type,
        "definition_hash": fact.definition_hash,
        "campaign": command.campaign,
        "department": draft.department,
        "author": draft.author.id,
        "title": draft.content.title,
        "search": found_by(code, definition, draft.content),
        "period": period_of(definition, draft.content.fields),
        "state": fact.to_state,
        "version": 1,
        "step": 1,
        "content_hash": fact.content_hash,
        "due_at": None,
        "since": written(fact.at),
        "seq": 1,
        "head": entry.hash,
        "concerned": items.concerned_json(draft.concerned),
    }


def recall_written(_connection: Connection, _command: object, made: StoredEntry) -> Written:
    """Return what creating or editing wrote when it ran before."""
    return Written(
        code=made.subject.removeprefix("item:"),
        version=made.fact.version or 0,
        seq=made.seq,
        is_replay=True,
    )


def _kind_and_year(
    context: Context, connection: Connection, command: CreateItem
) -> tuple[Rulebook, int]:
    rulebook = context.rulebooks.newest(connection).get(command.type)
    campaigns = {identity: body for identity, _, body in definitions.all_campaigns(connection)}
    problems = []
    if rulebook is None:
        problems.append(
            reason(
                "type",
                "There is no process “{type}”. See the list at /api/v1/definitions.",
                type=command.type,
            )
        )
    if command.campaign not in campaigns:
        problems.append(
            reason(
                "campaign",
                "There is no campaign “{campaign}”. See the list at /api/v1/campaigns.",
                campaign=command.campaign,
            )
        )
    if rulebook is None or problems:
        raise InvalidRefusal(*problems)
    return rulebook, campaign_year(campaigns[command.campaign])


def campaign_year(body: str) -> int:
    """Return the year of a campaign from its stored JSON body."""
    return int(orjson.loads(body)["year"])


def kinds_for(
    connection: Connection, definition: Definition, given: Mapping[str, Json], campaign: str
) -> Collection[str]:
    """Return the kinds of deadline that fields may name, where one does: else none is read."""
    return deadlines.kinds_called(connection, campaign) if names_deadline(definition, given) else ()
