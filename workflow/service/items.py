"""Create and edit items, and attach files to them.

Every change of content makes a new version of the row, an entry in the history naming the content hash, and, outside
the draft, a new link for each holder: nobody decides on what they were not shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import Connection

from workflow.errors import InvalidRefusal, KeyReusedRefusal, NotFoundRefusal, NotPermittedRefusal, Refusal, VersionRequiredRefusal, reason
from workflow.events import Event, TaskAssigned
from workflow.history import GENESIS, Fact, body_hash, content_body
from workflow.model import Content, DepartmentId, Holder, Item, Json, Method, Person, PersonId, StoredFile, Via
from workflow.people import Directory, may_draft, scope_of
from workflow.rules import Rulebook, checked_fields, checked_title
from workflow.service.context import Context, SetBrokenError, searchable
from workflow.service.staleness import stale
from workflow.store import definitions, history, items
from workflow.store.history import NewEntry
from workflow.store.instants import written

FILES_PER_ITEM = 10
BYTES_PER_DEPARTMENT = 200 * 1024 * 1024
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
class EditItem:
    """Change title or fields (merged by key; None removes one), or the files, of an item at a known version."""

    code: str
    actor: PersonId
    version: int | None
    via: Via
    method: Method
    command_id: str
    digest: str
    title: str | None = None
    fields: dict[str, Json] | None = None
    add_file: StoredFile | None = None
    remove_file: str | None = None

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The entry that creating or editing made."""

    code: str
    version: int
    seq: int
    is_replay: bool = False


def create_items(context: Context, connection: Connection, commands: Sequence[CreateItem]) -> list[Written | Refusal]:
    """Run a set of creations; one outcome each, in order."""
    return [_refusing(_create, context, connection, command) for command in commands]


def edit_items(context: Context, connection: Connection, commands: Sequence[EditItem]) -> list[Written | Refusal]:
    """Run a set of edits; one outcome each, in order."""
    return [_refusing(_edit, context, connection, command) for command in commands]


def _refusing(run, context: Context, connection: Connection, command):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - same types in, same out
    try:
        return run(context, connection, command)
    except Refusal as refusal:  # refused before its first write, so the set goes on
        return refusal


def _create(context: Context, connection: Connection, command: CreateItem) -> Written:
    if made := _made_before(connection, command):
        return made
    now = context.clock()
    directory = context.directory(connection, now)
    author = directory.active(command.author)
    department = command.department or (author.department if author else None)
    if author is None or department is None or not may_draft(author, department):
        raise NotPermittedRefusal(reason("own-department", "Bạn chỉ được soạn hồ sơ cho phòng mình, và chỉ khi giữ vị trí soạn thảo."))
    rulebook, year = _kind_and_year(context, connection, command)
    title = checked_title(command.title)
    fields = checked_fields(rulebook.definition, command.fields, directory)
    number = items.next_number(connection, f"code:{rulebook.definition.code_prefix}-{year}")
    code = f"{rulebook.definition.code_prefix}-{year}-{number:04d}"
    content = Content(title=title, fields=fields, files=(), salt=context.entropy(_SALT_BYTES).hex())
    body = content_body(code, content)
    initial = rulebook.definition.initial
    fact = Fact(
        subject=f"item:{code}",
        type="created",
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
        data={"holders": [[author.id, None]], "due_at": None, "campaign": command.campaign, "department": department},
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
            "search": searchable(code, title, *_texts(fields)),
            "period": _period(fields),
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
    history.append_entries(connection, [NewEntry(entry=entry, item_id=item_id, command_digest=command.digest)])
    items.insert_content(connection, item_id, body, content_hash=body_hash(body), version=1, at=now)
    items.replace_holders(connection, [(item_id, [Holder(person=author.id)])], dues=[None], since=now)
    return Written(code=code, version=1, seq=1)


def _made_before(connection: Connection, command: CreateItem | EditItem) -> Written | None:
    actor = command.author if isinstance(command, CreateItem) else command.actor
    made = history.entries_by_command(connection, [command.command_id]).get((actor, command.command_id))
    if made is None:
        return None
    if made.command_digest != command.digest:
        raise KeyReusedRefusal
    return Written(code=made.subject.removeprefix("item:"), version=made.facts["version"], seq=made.seq, is_replay=True)


def _kind_and_year(context: Context, connection: Connection, command: CreateItem) -> tuple[Rulebook, int]:
    rulebook = context.rulebooks.newest(connection).get(command.type)
    campaigns = {identity: body for identity, _, body in definitions.all_campaigns(connection)}
    problems = []
    if rulebook is None:
        problems.append(reason("type", "Không có quy trình “{type}”. Xem danh sách tại /api/v1/definitions.", type=command.type))
    if command.campaign not in campaigns:
        problems.append(reason("campaign", "Không có phong trào “{campaign}”. Xem danh sách tại /api/v1/campaigns.", campaign=command.campaign))
    if rulebook is None or problems:
        raise InvalidRefusal(*problems)
    return rulebook, campaign_year(campaigns[command.campaign])


def campaign_year(body: str) -> int:
    """Return the year of a campaign from its stored JSON body."""
    return int(orjson.loads(body)["year"])


def _edit(context: Context, connection: Connection, command: EditItem) -> Written:
    if made := _made_before(connection, command):
        return made
    item = items.lock_items(connection, [command.code]).get(command.code)
    now = context.clock()
    directory = context.directory(connection, now)
    actor = directory.active(command.actor)
    if item is None or actor is None or not scope_of(actor).covers(item.department):
        raise NotFoundRefusal(f"hồ sơ {command.code}")
    if command.version is None:
        raise VersionRequiredRefusal
    if command.version != item.version:
        raise stale(context, connection, item, directory, given=command.version)
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    if actor.id != item.author or not rulebook.states[item.state].editable:
        raise NotPermittedRefusal(
            reason(
                "editable",
                "Chỉ người soạn được sửa, và chỉ khi hồ sơ còn là dự thảo hoặc đang chờ lãnh đạo phòng. Hãy xin trả lại hồ sơ nếu cần sửa.",
            )
        )
    if command.add_file is not None and items.attached_bytes(connection, item.department) + command.add_file.size > BYTES_PER_DEPARTMENT:
        limit = BYTES_PER_DEPARTMENT // 1024 // 1024
        raise InvalidRefusal(reason("files", "Các tệp của phòng đã đạt {limit} MB. Hãy giảm dung lượng tệp, hoặc báo Văn phòng Sở.", limit=limit))
    before = items.contents_of(connection, [item])[item.id]
    after = _changed(rulebook, before, command, directory)
    if after == before:
        return Written(code=item.code, version=item.version, seq=item.seq)
    return _write_edit(context, connection, command, item, actor, after)


def _changed(rulebook: Rulebook, before: Content, command: EditItem, directory: Directory) -> Content:
    fields = before.fields
    if command.fields is not None:
        given = checked_fields(rulebook.definition, command.fields)
        checked_fields(rulebook.definition, {name: value for name, value in given.items() if value != fields.get(name)}, directory)
        fields = {name: value for name, value in {**before.fields, **command.fields, **given}.items() if value is not None}
    files = before.files
    if command.add_file is not None:
        files = _with_file(files, command.add_file)
    if command.remove_file is not None:
        files = tuple(each for each in files if each.sha256 != command.remove_file)
    title = before.title if command.title is None else checked_title(command.title)
    return replace(before, title=title, fields=fields, files=files)


def _with_file(files: tuple[StoredFile, ...], added: StoredFile) -> tuple[StoredFile, ...]:
    kept = tuple(each for each in files if each.sha256 != added.sha256)
    if len(kept) >= FILES_PER_ITEM:
        raise InvalidRefusal(reason("files", "Mỗi hồ sơ có tối đa {limit} tệp. Hãy bỏ bớt một tệp rồi tải lên lại.", limit=FILES_PER_ITEM))
    return (*kept, added)


def _write_edit(context: Context, connection: Connection, command: EditItem, item: Item, actor: Person, after: Content) -> Written:
    now = context.stamp(connection, item.subject, context.clock())
    body = content_body(item.code, after)
    version = item.version + 1
    asked = _asked_again(context, connection, item)
    data: dict[str, Json] = {"files": [each.sha256 for each in after.files]}
    if asked is not None:
        data["holders"] = [[each.person, each.on_behalf_of] for each in asked]
    fact = Fact(
        subject=item.subject,
        type="edited",
        at=now,
        actor=actor.id,
        position=actor.position.value,
        via=command.via.value,
        method=command.method.value,
        from_state=item.state,
        to_state=item.state,
        version=version,
        step=item.step,
        decided_version=item.version,
        content_hash=body_hash(body),
        definition_hash=item.definition_hash,
        command_id=command.command_id,
        data=data,
    )
    entry = context.next_entry(item, fact)
    changes = {
        "title": after.title,
        "search": searchable(item.code, after.title, *_texts(after.fields)),
        "period": _period(after.fields),
        "version": version,
        "content_hash": body_hash(body),
        "seq": entry.seq,
        "head": entry.hash,
    }
    if not items.edit_item(connection, item, changes):
        raise SetBrokenError
    history.append_entries(connection, [NewEntry(entry=entry, item_id=item.id, command_digest=command.digest)])
    items.insert_content(connection, item.id, body, content_hash=body_hash(body), version=version, at=now)
    if command.add_file is not None:
        items.note_file(connection, item, command.add_file, added_by=actor.id, at=now)
    edited = replace(item, version=version, content_hash=body_hash(body), seq=entry.seq, head=entry.hash)
    if asked is not None:
        items.replace_holders(connection, [(item.id, asked)], dues=[item.due_at], since=now)
    context.publish(connection, _reissued(context, connection, edited))
    return Written(code=item.code, version=version, seq=entry.seq)


def _asked_again(context: Context, connection: Connection, item: Item) -> tuple[Holder, ...] | None:
    """Return everybody who signs off in the item's state: what they answered was another content. None where one person decides."""
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    if rulebook.states[item.state].sign_off is None:
        return None
    directory = context.directory(connection, context.clock())
    return rulebook.holders(item.state, item, directory)


def _reissued(context: Context, connection: Connection, item: Item) -> list[Event]:
    """Return a new task for each holder: the content they were asked about has changed."""
    if context.rulebooks.of(connection, item.definition_hash).states[item.state].held_by_author:
        return []
    return [
        TaskAssigned(
            item=item.id,
            code=item.code,
            person=held.person,
            step=item.step,
            content_hash=item.content_hash,
            version=item.version,
            state=item.state,
            why="edited",
        )
        for held in items.holders_by_item(connection, [item.id]).get(item.id, [])
    ]


def _texts(fields: dict[str, Json]) -> list[str]:
    return [value for value in fields.values() if isinstance(value, str)]


def _period(fields: dict[str, Json]) -> str | None:
    period = fields.get("period")
    return period if isinstance(period, str) and period else None
