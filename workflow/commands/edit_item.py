"""Edit items, and attach files to them.

Every change of content makes a new version of the row, an entry in the history naming the content hash, and, outside
the draft, a new link for each holder: nobody decides on what they were not shown. Where the definition says so, an edit
voids what was approved: the item goes back and is decided on anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from workflow.command import Command
from workflow.commands.create_item import Written, found_by, kinds_for, period_of
from workflow.commands.execute import Transaction, entry_of
from workflow.commands.refresh_holders import stuck_events
from workflow.commands.staleness import stale
from workflow.context import Context, SetBrokenError
from workflow.definition import FieldType, State
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    VersionRequiredRefusal,
    reason,
)
from workflow.events import Event, HolderReleased, TaskAssigned, TaskReason
from workflow.history import Fact, body_hash, content_body, payloads
from workflow.history.payloads import seats_of
from workflow.messages import lazy, listed
from workflow.model import Content, Holder, Item, Json, Person, StoredFile
from workflow.people import Directory, scope_of
from workflow.rules import Rulebook, checked_fields, checked_title
from workflow.store import history, items
from workflow.store.history import NewEntry

FILES_PER_ITEM = 10
BYTES_PER_DEPARTMENT = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class EditItem(Command[Written]):
    """Change title or fields (merged by key; None removes one), or the files, of an item at a known version."""

    code: str
    version: int | None
    title: str | None = None
    fields: dict[str, Json] | None = None
    add_file: StoredFile | None = None
    for_field: str | None = None
    """The field of type ``file`` that the added file is for."""
    remove_file: str | None = None

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """Who changes which item, and its content before and after."""

    item: Item
    actor: Person
    before: Content
    after: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class _Return:
    """Where an edit sends an item back to, because it voids what was approved."""

    state: State
    holders: tuple[Holder, ...]
    due_at: datetime | None


def edit_item(transaction: Transaction, command: EditItem) -> Written:
    """Edit an item; answer the entry written, or the present one where nothing changes."""
    item = items.lock_items(transaction.connection, [command.code]).get(command.code)
    planned = _planned(transaction.context, transaction.connection, command, item)
    if planned.after == planned.before:
        return Written(code=planned.item.code, version=planned.item.version, seq=planned.item.seq)
    return _write_edit(transaction, command, planned)


def check_edit(context: Context, connection: Connection, command: EditItem) -> None:
    """Refuse what ``edit_item`` would refuse now, without writing: before bytes are kept."""
    if entry_of(connection, command.cause) is None:
        _planned(context, connection, command, items.find_item(connection, command.code))


def _planned(
    context: Context, connection: Connection, command: EditItem, item: Item | None
) -> _Edit:
    """Return the item, who edits it, and its content before and after. Raises every refusal of an edit."""
    now = context.clock()
    directory = context.directory(connection, now)
    actor = directory.active(command.cause.actor)
    if item is None or actor is None or not scope_of(actor).covers(item.department):
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    if command.version is None:
        raise VersionRequiredRefusal
    if command.version != item.version:
        raise stale(context, connection, item, directory, given=command.version)
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    if actor.id != item.author or not rulebook.states[item.state].editable:
        raise NotPermittedRefusal(
            reason(
                "editable",
                "Only the author may edit, and only at a step where the process allows "
                "it (usually the draft, or while it waits for the head of department). "
                "Ask for the item to be returned if it must be mended.",
            )
        )
    if (
        command.add_file is not None
        and items.attached_bytes(connection, item.department) + command.add_file.size
        > BYTES_PER_DEPARTMENT
    ):
        limit = BYTES_PER_DEPARTMENT // 1024 // 1024
        raise InvalidRefusal(
            reason(
                "files",
                "The department's files have reached {limit} MB. Make files smaller, or "
                "tell the Office.",
                limit=limit,
            )
        )
    before = items.contents_of(connection, [item])[item.id]
    after = _changed(connection, rulebook, item, before, command, directory)
    if after != before:
        _refuse_elsewhere(rulebook, item, before, after)
    return _Edit(item=item, actor=actor, before=before, after=after)


def _changed(
    connection: Connection,
    rulebook: Rulebook,
    item: Item,
    before: Content,
    command: EditItem,
    directory: Directory,
) -> Content:
    files = before.files
    if command.add_file is not None:
        files = _with_file(files, command.add_file)
    given_fields = command.fields
    if command.for_field is not None and command.add_file is not None:
        if command.for_field not in {
            field.id for field in rulebook.definition.fields if field.type is FieldType.FILE
        }:
            raise InvalidRefusal(
                reason(
                    "field",
                    "“{name}” is not a field for a file. Choose the field again.",
                    name=command.for_field,
                )
            )
        given_fields = {**(given_fields or {}), command.for_field: command.add_file.sha256}
    fields = before.fields
    if given_fields is not None:
        given = checked_fields(rulebook.definition, given_fields)
        news = {name: value for name, value in given.items() if value != fields.get(name)}
        checked_fields(
            rulebook.definition,
            news,
            directory,
            files,
            kinds_for(connection, rulebook.definition, news, item.campaign),
        )
        fields = {
            name: value
            for name, value in {**before.fields, **given_fields, **given}.items()
            if value is not None
        }
    if command.remove_file is not None:
        files = tuple(each for each in files if each.sha256 != command.remove_file)
        naming = {field.id for field in rulebook.definition.fields if field.type is FieldType.FILE}
        fields = {
            name: value
            for name, value in fields.items()
            if name not in naming or value != command.remove_file
        }
    title = before.title if command.title is None else checked_title(command.title)
    return replace(before, title=title, fields=fields, files=files)


def _with_file(files: tuple[StoredFile, ...], added: StoredFile) -> tuple[StoredFile, ...]:
    kept = tuple(each for each in files if each.sha256 != added.sha256)
    if len(kept) >= FILES_PER_ITEM:
        raise InvalidRefusal(
            reason(
                "files",
                "An item has at most {limit} files. Remove a file, then upload again.",
                limit=FILES_PER_ITEM,
            )
        )
    return (*kept, added)


def _fields_changed(before: Content, after: Content) -> set[str]:
    """Return the ids of the fields that differ; title and files count as fields of these names no definition can give."""
    names = {
        name
        for name in {*before.fields, *after.fields}
        if before.fields.get(name) != after.fields.get(name)
    }
    return (
        names
        | ({"(title)"} if before.title != after.title else set())
        | ({"(files)"} if before.files != after.files else set())
    )


def _refuse_elsewhere(rulebook: Rulebook, item: Item, before: Content, after: Content) -> None:
    """Refuse a change to what the item's state does not open. Raises NotPermittedRefusal naming what may be changed."""
    state = rulebook.states[item.state]
    if not state.editable_fields or _fields_changed(before, after) <= set(state.editable_fields):
        return
    labels = listed(
        field.label for field in rulebook.definition.fields if field.id in state.editable_fields
    )
    raise NotPermittedRefusal(
        reason(
            "editable",
            "At the step “{state}” only these can be edited: {labels}. Ask for the "
            "item to be returned if anything else must be mended.",
            state=state.label,
            labels=labels,
        )
    )


def _sent_back(
    context: Context,
    rulebook: Rulebook,
    item: Item,
    changed: set[str],
    directory: Directory,
    now: datetime,
) -> _Return | None:
    """Return where the edit sends the item, by the rule of its state on what an edit voids; None where approvals stand."""
    rule = rulebook.states[item.state].edit_voids
    if rule is None or changed <= set(rule.unless):
        return None
    target = rulebook.states[rule.to]
    return _Return(
        state=target,
        holders=rulebook.holders(target.id, item, directory),
        due_at=context.calendar.step_due(now, target.working_days),
    )


def _write_edit(transaction: Transaction, command: EditItem, edit: _Edit) -> Written:
    item, actor, before, after = edit.item, edit.actor, edit.before, edit.after
    rulebook = transaction.context.rulebooks.of(transaction.connection, item.definition_hash)
    now = transaction.context.stamp(transaction.connection, item.subject, transaction.now)
    directory = transaction.directory
    back = _sent_back(
        transaction.context, rulebook, item, _fields_changed(before, after), directory, now
    )
    body = content_body(item.code, after)
    edited = replace(
        item,
        title=after.title,
        period=period_of(rulebook.definition, after.fields),
        version=item.version + 1,
        content_hash=body_hash(body),
    )
    if back is not None:
        edited = replace(
            edited, state=back.state.id, step=item.step + 1, due_at=back.due_at, since=now
        )
    asked = back.holders if back else _asked_again(rulebook, item, directory)
    entry = transaction.context.next_entry(
        item, _fact_of(command, item, actor, edited, after, asked, at=now)
    )
    if not items.edit_item(
        transaction.connection,
        replace(edited, seq=entry.seq, head=entry.hash),
        search=found_by(item.code, rulebook.definition, after),
    ):
        raise SetBrokenError
    history.append_entries(
        transaction.connection,
        [NewEntry(entry=entry, item_id=item.id, command_digest=command.cause.digest)],
    )
    items.insert_content(
        transaction.connection,
        item.id,
        body,
        content_hash=edited.content_hash,
        version=edited.version,
        at=now,
    )
    if command.add_file is not None:
        items.note_file(transaction.connection, item, command.add_file, added_by=actor.id, at=now)
    events = _released(transaction.connection, item, edited, asked) if back else []
    if asked is not None:
        items.replace_holders(
            transaction.connection, [(item.id, asked)], dues=[edited.due_at], since=now
        )
    if back is not None:
        events += stuck_events(
            edited, back.state, back.holders, directory, occurrence=f"e{entry.seq}"
        )
    transaction.emit([*events, *_reissued(transaction.context, transaction.connection, edited)])
    return Written(code=item.code, version=edited.version, seq=entry.seq)


def _fact_of(
    command: EditItem,
    item: Item,
    actor: Person,
    edited: Item,
    after: Content,
    asked: tuple[Holder, ...] | None,
    *,
    at: datetime,
) -> Fact:
    return Fact(
        subject=item.subject,
        payload=payloads.Edited(
            files=tuple(each.sha256 for each in after.files),
            holders=seats_of(asked) if asked is not None else None,
            due_at=edited.due_at if edited.step != item.step else payloads.UNCHANGED,
        ),
        at=at,
        actor=actor.id,
        position=actor.position.value,
        via=command.cause.via.value,
        method=command.cause.method.value,
        from_state=item.state,
        to_state=edited.state,
        version=edited.version,
        step=edited.step,
        decided_version=item.version,
        content_hash=edited.content_hash,
        definition_hash=item.definition_hash,
        command_id=command.cause.command_id,
    )


def _asked_again(rulebook: Rulebook, item: Item, directory: Directory) -> tuple[Holder, ...] | None:
    """Return everybody who signs off in the item's state: what they answered was another content. None where one person decides."""
    if rulebook.states[item.state].sign_off is None:
        return None
    return rulebook.holders(item.state, item, directory)


def _released(
    connection: Connection, item: Item, edited: Item, asked: tuple[Holder, ...] | None
) -> list[Event]:
    """Return the word to each present holder that the item went back and no longer waits for them."""
    still = {each.person for each in asked or ()}
    return [
        HolderReleased(
            item=item.id,
            code=item.code,
            person=held.person,
            version=edited.version,
            occurrence=f"v{edited.version}",
        )
        for held in items.holders_by_item(connection, [item.id]).get(item.id, [])
        if held.person not in still and held.person != item.author
    ]


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
            why=TaskReason.EDITED,
            occurrence=f"v{item.version}",
        )
        for held in items.holders_by_item(connection, [item.id]).get(item.id, [])
    ]
