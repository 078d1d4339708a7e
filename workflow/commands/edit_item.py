"""Edit items, and attach files to them.

Every change of content makes a new version of the row, an entry in the history naming the content
hash, and, outside the draft, a new link for each holder: nobody decides on what they were not
shown. Where the definition says so, an edit voids what was approved, and it is decided on anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from workflow.command import ItemCommand
from workflow.commands.create_item import Written
from workflow.commands.edit_events import reissued_by_edit, released_by_edit
from workflow.commands.edited_content import ContentChange, edited_content, refuse_beyond_quota
from workflow.commands.execute import Transaction, entry_of
from workflow.commands.recording import append_to_item, fact_in_place
from workflow.commands.refresh_holders import alarm
from workflow.commands.staleness import stale
from workflow.context import Context
from workflow.definition import State
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    VersionRequiredRefusal,
    reason,
)
from workflow.history import Entry, Fact, body_hash, content_body, payloads
from workflow.history.payloads import seats_of
from workflow.lookups.prior_decisions import able, past_of
from workflow.lookups.search_text import found_by, period_of
from workflow.lookups.situations import situation_of
from workflow.messages import lazy, listed
from workflow.model import Content, ContentHash, Holder, Item, Json, Person, PersonId, StoredFile
from workflow.people import Directory, scope_of
from workflow.rules import (
    Rulebook,
    concerned_by,
    incomplete_reasons,
)
from workflow.store import held_items, item_contents, items


@dataclass(frozen=True, slots=True, kw_only=True)
class EditItem(ItemCommand[Written]):
    """Change title, fields or files of an item at a known version.

    Fields are merged by key; None removes one.
    """

    version: int | None
    title: str | None = None
    fields: dict[str, Json] | None = None
    add_file: StoredFile | None = None
    for_field: str | None = None
    """The field of type ``file`` that the added file is for."""
    remove_file: str | None = None
    gathers: bool = False
    """Whether it gathers anew: nothing else changes what an item was gathered from."""

    @property
    def change(self) -> ContentChange:
        """Return what it changes of the content."""
        return ContentChange(
            title=self.title,
            fields=self.fields,
            add_file=self.add_file,
            for_field=self.for_field,
            remove_file=self.remove_file,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """Who changes which item by which rules, and its content before and after."""

    item: Item
    actor: Person
    rulebook: Rulebook
    before: Content
    after: Content
    unasked: frozenset[str]
    """What went because it is asked for no more."""

    @property
    def changed(self) -> set[str]:
        """Return the ids of the fields that differ.

        Title and files count as fields, by names that no definition can give.
        """
        before, after = self.before, self.after
        names = {
            name
            for name in {*before.fields, *after.fields}
            if before.fields.get(name) != after.fields.get(name)
        }
        names |= {"(title)"} if before.title != after.title else set()
        return names | ({"(files)"} if before.files != after.files else set())

    @property
    def voided_to(self) -> State | None:
        """Return the state that the edit sends the item back to; None where approvals stand."""
        rule = self.rulebook.states[self.item.state].edit_voids
        if rule is None or self.changed <= set(rule.unless):
            return None
        return self.rulebook.states[rule.to]


def edit_item(transaction: Transaction, command: EditItem) -> Written:
    """Edit an item; answer the entry written, or the present one where nothing changes."""
    item = items.lock_items(transaction.connection, [command.code]).get(command.code)
    edit = _checked_edit(transaction.context, transaction.connection, command, item)
    if edit.after == edit.before:
        return Written(code=edit.item.code, version=edit.item.version, seq=edit.item.seq)
    return _write_edit(transaction, command, edit)


def check_edit(context: Context, connection: Connection, command: EditItem) -> None:
    """Refuse what ``edit_item`` would refuse now, without writing: before bytes are kept."""
    if entry_of(connection, command.cause) is None:
        _checked_edit(context, connection, command, items.find_item(connection, command.code))


def _checked_edit(
    context: Context, connection: Connection, command: EditItem, item: Item | None
) -> _Edit:
    """Return who edits the item, and its content then. Raises every refusal of an edit."""
    directory = context.directory(connection, context.clock())
    actor = directory.active(command.cause.actor)
    if item is None or actor is None or not scope_of(actor).covers(item.department):
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    if command.version is None:
        raise VersionRequiredRefusal
    if command.version != item.version:
        raise stale(context, connection, item, directory, given=command.version)
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    is_writer = actor.id == item.author or (
        command.gathers and rulebook.stands_for_author(item, directory, actor.id)
    )
    if not is_writer or not rulebook.states[item.state].editable:
        raise NotPermittedRefusal(
            reason(
                "editable",
                "Only the author may edit, and only at a step where the process allows "
                "it (usually the draft, or while it waits for the head of department). "
                "Ask for the item to be returned if it must be mended.",
            )
        )
    refuse_beyond_quota(connection, item, command.add_file)
    before = item_contents.contents_of(connection, [item])[item.id]
    after = edited_content(context, connection, item, before, command.change)
    gone = set(before.fields) - set(after.fields) - set(command.fields or ())
    depending = {each.id for each in rulebook.definition.fields if each.shown_when is not None}
    edit = _Edit(
        item=item,
        actor=actor,
        rulebook=rulebook,
        before=before,
        after=after,
        unasked=frozenset(gone & depending),
    )
    _refuse_elsewhere(edit)
    if not command.gathers:
        _refuse_gathered(edit)
    _refuse_unfit(context, connection, edit)
    return edit


def _refuse_elsewhere(edit: _Edit) -> None:
    """Refuse a change to what the item's state does not open. Raises NotPermittedRefusal."""
    state = edit.rulebook.states[edit.item.state]
    if not state.editable_fields or edit.changed - edit.unasked <= set(state.editable_fields):
        return
    labels = listed(
        field.label
        for field in edit.rulebook.definition.fields
        if field.id in state.editable_fields
    )
    raise NotPermittedRefusal(
        reason(
            "editable",
            "At the step “{state}” only these can be edited: {labels}. Ask for the "
            "item to be returned if anything else must be mended.",
            state=state.label_now,
            labels=labels,
        )
    )


def _refuse_gathered(edit: _Edit) -> None:
    """Refuse a change to what gathering alone writes. Raises NotPermittedRefusal."""
    if edit.changed & edit.rulebook.definition.unwritten:
        raise NotPermittedRefusal(
            reason(
                "gathered",
                "Which reports this one was gathered from is written by gathering alone. Gather "
                "anew if they have changed.",
            )
        )


def _refuse_unfit(context: Context, connection: Connection, edit: _Edit) -> None:
    """Refuse to make of what was handed in what could not be handed in. Raises InvalidRefusal."""
    if edit.rulebook.states[edit.item.state].held_by_author or edit.after == edit.before:
        return
    book = edit.rulebook
    situation = situation_of(context, connection, edit.item, edit.actor, edit.after)
    item = replace(edit.item, concerned=_concerned(edit, situation.directory))
    situation = replace(situation, item=item)
    past = past_of(connection, item, book, edit.actor.id, situation.directory)
    handing_in = [each for each in book.definition.transitions if each.hands_in][:1]
    if reasons := [
        why for each in handing_in for why in incomplete_reasons(book, each, situation, past)
    ]:
        raise InvalidRefusal(*reasons)


def _write_edit(transaction: Transaction, command: EditItem, edit: _Edit) -> Written:
    connection, directory = transaction.connection, transaction.directory
    item = edit.item
    now = transaction.context.stamp(connection, item.subject, transaction.now)
    body = content_body(item.code, edit.after)
    concerned = _concerned(edit, directory)
    edited = replace(_edited(transaction.context, edit, body_hash(body), now), concerned=concerned)
    asked = _asked_again(edit, edited, directory)

    def update(entry: Entry) -> bool:
        ended = replace(edited, seq=entry.seq, head=entry.hash)
        search = found_by(item.code, edit.rulebook.definition, edit.after)
        return items.edit_item(connection, ended, search=search)

    fact = _fact_of(transaction, command, edit, edited, asked)
    seq = append_to_item(transaction, item, fact, update, digest=command.cause.digest).seq
    content_hash = edited.content_hash
    item_contents.insert_content(
        connection, item.id, body, content_hash=content_hash, version=edited.version, at=now
    )
    if command.add_file is not None:
        # Its bytes were kept before this transaction began: a crash in between leaves bytes that
        # nobody names, and never a name without its bytes.
        item_contents.note_file(connection, item, command.add_file, added_by=edit.actor.id, at=now)
    state = edit.rulebook.states[edited.state]
    if asked is not None:
        transaction.emit(released_by_edit(connection, item, edited, asked))
        held_items.replace_holders(connection, [(item.id, asked)], dues=[edited.due_at], since=now)
        left = able(connection, edited, edit.rulebook, asked)
        transaction.emit(alarm(transaction, edited, state, left, occurrence=f"e{seq}"))
    if not state.held_by_author:
        transaction.emit(reissued_by_edit(connection, edited))
    return Written(code=item.code, version=edited.version, seq=seq)


def _concerned(edit: _Edit, directory: Directory) -> tuple[PersonId, ...]:
    """Return whom the edited content names as concerned.

    Who was named stays so though their address has changed since.
    """
    definition = edit.rulebook.definition
    named = {field.id for field in definition.fields if field.concerned}
    if edit.changed.isdisjoint(named):
        return edit.item.concerned
    return concerned_by(definition, edit.after.fields, directory)


def _edited(context: Context, edit: _Edit, content_hash: ContentHash, now: datetime) -> Item:
    """Return the item as the edit leaves it; where it voids approvals, back in an earlier state."""
    item, back = edit.item, edit.voided_to
    edited = replace(
        item,
        title=edit.after.title,
        period=period_of(edit.rulebook.definition, edit.after.fields),
        version=item.version + 1,
        content_hash=content_hash,
    )
    if back is None:
        return edited
    due_at = context.calendar.step_due(now, back.working_days)
    return replace(edited, state=back.id, step=item.step + 1, due_at=due_at, since=now)


def _fact_of(
    transaction: Transaction,
    command: EditItem,
    edit: _Edit,
    edited: Item,
    asked: tuple[Holder, ...] | None,
) -> Fact:
    payload = payloads.Edited(
        files=tuple(each.sha256 for each in edit.after.files),
        holders=seats_of(asked) if asked is not None else None,
        due_at=edited.due_at if edited.step != edit.item.step else payloads.UNCHANGED,
        concerned=edited.concerned if edited.concerned != edit.item.concerned else None,
    )
    return replace(
        fact_in_place(transaction, command.cause, edited, edit.actor, payload),
        from_state=edit.item.state,
        decided_version=edit.item.version,
    )


def _asked_again(edit: _Edit, edited: Item, directory: Directory) -> tuple[Holder, ...] | None:
    """Return whom the edited item waits for anew; None where it still waits for the same.

    Everybody who signs off is asked again: what they answered was another content. So is whoever
    decides where the content names somebody else as concerned.
    """
    item, state = edit.item, edit.rulebook.states[edited.state]
    if edited.step == item.step and (
        state.held_by_author or (edited.concerned == item.concerned and state.sign_off is None)
    ):
        return None
    return edit.rulebook.holders(state.id, edited, directory)
