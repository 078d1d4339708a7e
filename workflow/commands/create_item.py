"""Create items: a draft of the author's own department, with its first entry in the history."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import Connection

from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.merits import NominateMerit, nominate_merit, visible_merit
from workflow.context import Context, searchable
from workflow.definition import Definition
from workflow.errors import InvalidRefusal, NotPermittedRefusal, reason
from workflow.history import GENESIS, Fact, body_hash, content_body, payloads
from workflow.model import Content, DepartmentId, Holder, Json
from workflow.people import Directory, may_draft
from workflow.rules import Rulebook, checked_fields, checked_title, names_deadline
from workflow.store import deadlines, definitions, history, items
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


def create_item(transaction: Transaction, command: CreateItem) -> Written:
    """Draft an item; answer its first entry."""
    now, directory = transaction.now, transaction.directory
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
        visible_merit(transaction.connection, command.merit, author)
    rulebook, year = _kind_and_year(transaction.context, transaction.connection, command)
    title = checked_title(command.title)
    fields = _checked(transaction.connection, rulebook.definition, command, directory)
    number = items.next_number(
        transaction.connection, f"code:{rulebook.definition.code_prefix}-{year}"
    )
    code = f"{rulebook.definition.code_prefix}-{year}-{number:04d}"
    content = Content(
        title=title, fields=fields, files=(), salt=transaction.context.entropy(_SALT_BYTES).hex()
    )
    body = content_body(code, content)
    initial = rulebook.definition.initial
    fact = Fact(
        subject=f"item:{code}",
        payload=payloads.Created(
            holders=((author.id, None),),
            due_at=None,
            campaign=command.campaign,
            department=department,
        ),
        at=now,
        actor=author.id,
        position=author.position.value,
        via=command.cause.via.value,
        method=command.cause.method.value,
        to_state=initial,
        version=1,
        step=1,
        content_hash=body_hash(body),
        definition_hash=rulebook.hash,
        command_id=command.cause.command_id,
    )
    entry = transaction.context.entry(fact, 1, GENESIS)
    item_id = items.insert_item(
        transaction.connection,
        {
            "code": code,
            "type": command.type,
            "definition_hash": rulebook.hash,
            "campaign": command.campaign,
            "department": department,
            "author": author.id,
            "title": title,
            "search": found_by(code, rulebook.definition, content),
            "period": period_of(rulebook.definition, fields),
            "state": initial,
            "version": 1,
            "step": 1,
            "content_hash": body_hash(body),
            "due_at": None,
            "since": written(now),
            "seq": 1,
            "head": entry.hash,
        },
    )
    history.append_entries(
        transaction.connection,
        [NewEntry(entry=entry, item_id=item_id, command_digest=command.cause.digest)],
    )
    items.insert_content(
        transaction.connection, item_id, body, content_hash=body_hash(body), version=1, at=now
    )
    items.replace_holders(
        transaction.connection, [(item_id, [Holder(person=author.id)])], dues=[None], since=now
    )
    if command.merit is not None:
        cause = replace(command.cause, command_id=f"{command.cause.command_id}:merit")
        nominate_merit(transaction, NominateMerit(cause=cause, merit=command.merit, code=code))
    return Written(code=code, version=1, seq=1)


def _checked(
    connection: Connection, definition: Definition, command: CreateItem, directory: Directory
) -> dict[str, Json]:
    kinds = kinds_for(connection, definition, command.fields, command.campaign)
    return checked_fields(definition, command.fields, directory, kinds=kinds)


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


def found_by(code: str, definition: Definition, content: Content) -> str:
    """Return the folded text that finds an item: its code, title and texts, less what only some may read."""
    open_to_all = {field.id for field in definition.fields if not field.seen_by}
    texts = [
        value
        for name, value in content.fields.items()
        if isinstance(value, str) and name in open_to_all
    ]
    return searchable(code, content.title, *texts)


def kinds_for(
    connection: Connection, definition: Definition, given: Mapping[str, Json], campaign: str
) -> Collection[str]:
    """Return the kinds of deadline that fields may name beside their choices; none where none is named."""
    return deadlines.kinds_called(connection, campaign) if names_deadline(definition, given) else ()


def period_of(definition: Definition, fields: Mapping[str, Json]) -> str | None:
    """Return the kind of deadline of its campaign that an item answers, or None."""
    period = fields.get("period")
    return period if isinstance(period, str) and period else definition.answers
