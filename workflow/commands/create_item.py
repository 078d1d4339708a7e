"""Create items: a draft of the author's own department, with its first entry in the history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from workflow.commands.replays import is_other
from workflow.context import Context, searchable
from workflow.definition import Definition
from workflow.errors import InvalidRefusal, KeyReusedRefusal, NotPermittedRefusal, Refusal, reason
from workflow.history import GENESIS, Fact, body_hash, content_body, payloads
from workflow.model import Content, DepartmentId, Holder, Json, Method, PersonId, Via
from workflow.people import Directory, may_draft
from workflow.rules import Rulebook, checked_fields, checked_title, names_deadline
from workflow.store import deadlines, definitions, history, items
from workflow.store.history import NewEntry
from workflow.store.instants import written

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateItem:
    """Draft an item of ``type`` for the author's own department."""

    author: PersonId
    type: str
    campaign: str
    department: DepartmentId | None
    title: str
    fields: dict[str, Json]
    via: Via
    method: Method
    command_id: str
    digest: str

    @property
    def key(self) -> None:
        """Return None: creating contends for nothing."""
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The entry that creating or editing made."""

    code: str
    version: int
    seq: int
    is_replay: bool = False


def create_items(
    context: Context, connection: Connection, commands: Sequence[CreateItem]
) -> list[Written | Refusal]:
    """Run a set of creations; one outcome each, in order."""
    return [_create_or_refuse(context, connection, command) for command in commands]


def _create_or_refuse(
    context: Context, connection: Connection, command: CreateItem
) -> Written | Refusal:
    try:
        return _create(context, connection, command)
    except Refusal as refusal:  # refused before its first write, so the set goes on
        return refusal


def _create(context: Context, connection: Connection, command: CreateItem) -> Written:
    if made := made_before(connection, command.author, command.command_id, command.digest):
        return made
    now = context.clock()
    directory = context.directory(connection, now)
    author = directory.active(command.author)
    department = command.department or (author.department if author else None)
    if author is None or department is None or not may_draft(author, department):
        raise NotPermittedRefusal(
            reason(
                "own-department",
                "You may draft items for your own department only, and only in a drafting "
                "position.",
            )
        )
    rulebook, year = _kind_and_year(context, connection, command)
    title = checked_title(command.title)
    fields = _checked(connection, rulebook.definition, command, directory)
    number = items.next_number(connection, f"code:{rulebook.definition.code_prefix}-{year}")
    code = f"{rulebook.definition.code_prefix}-{year}-{number:04d}"
    content = Content(title=title, fields=fields, files=(), salt=context.entropy(_SALT_BYTES).hex())
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
        via=command.via.value,
        method=command.method.value,
        to_state=initial,
        version=1,
        step=1,
        content_hash=body_hash(body),
        definition_hash=rulebook.hash,
        command_id=command.command_id,
    )
    entry = context.entry(fact, 1, GENESIS)
    item_id = items.insert_item(
        connection,
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
        connection, [NewEntry(entry=entry, item_id=item_id, command_digest=command.digest)]
    )
    items.insert_content(connection, item_id, body, content_hash=body_hash(body), version=1, at=now)
    items.replace_holders(
        connection, [(item_id, [Holder(person=author.id)])], dues=[None], since=now
    )
    return Written(code=code, version=1, seq=1)


def _checked(
    connection: Connection, definition: Definition, command: CreateItem, directory: Directory
) -> dict[str, Json]:
    kinds = kinds_for(connection, definition, command.fields, command.campaign)
    return checked_fields(definition, command.fields, directory, kinds=kinds)


def made_before(
    connection: Connection, actor: PersonId, command_id: str, digest: str
) -> Written | None:
    """Return what the command made when it ran before, or None. Raises KeyReusedRefusal where another body had its id."""
    made = history.entries_by_command(connection, [command_id]).get((actor, command_id))
    if made is None:
        return None
    if is_other(made, digest):
        raise KeyReusedRefusal
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
