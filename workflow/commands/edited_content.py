"""What an edit makes of an item's content: its title, fields and files.

Owns what of it is refused, and that nothing is kept which is not asked for by then. Writes nothing.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow.commands.create_item import kinds_for
from workflow.context import Context
from workflow.definition import Definition, FieldType
from workflow.errors import InvalidRefusal, reason
from workflow.model import Content, Item, Json, StoredFile
from workflow.people import Directory
from workflow.rules import ExpressionScope, answered, checked_fields, checked_title
from workflow.store import item_contents

FILES_PER_ITEM = 10
BYTES_PER_DEPARTMENT = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentChange:
    """What is to be another title, other fields (merged by key; None removes one), other files."""

    title: str | None
    fields: dict[str, Json] | None
    add_file: StoredFile | None
    for_field: str | None
    """The field of type ``file`` that the added file is for."""
    remove_file: str | None


def refuse_beyond_quota(connection: Connection, item: Item, added: StoredFile | None) -> None:
    """Refuse a file beyond what the department may keep. Raises InvalidRefusal."""
    if added is None:
        return
    kept = item_contents.attached_bytes(connection, item.department)
    if kept + added.size > BYTES_PER_DEPARTMENT:
        raise InvalidRefusal(
            reason(
                "files",
                "The department's files have reached {limit} MB. Make files smaller, or "
                "tell the Office.",
                limit=BYTES_PER_DEPARTMENT // 1024 // 1024,
            )
        )


def edited_content(
    context: Context, connection: Connection, item: Item, before: Content, change: ContentChange
) -> Content:
    """Return what ``change`` makes of the content ``before`` of ``item``. Raises InvalidRefusal."""
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    definition = context.campaigns.definition_in(connection, rulebook, item.campaign)
    directory = context.directory(connection, context.clock())
    after, given = _with_file(definition, change, before)
    if given is not None:
        after = _with_fields(connection, definition, item, after, given, directory)
    if change.remove_file is not None:
        after = _without_file(definition, after, change.remove_file)
    if change.title is not None:
        after = replace(after, title=checked_title(change.title))
    if after == before:
        return before
    scope = ExpressionScope(
        department=item.department,
        author=directory.people.get(item.author),
        campaign=context.campaigns.of(connection, item.campaign),
    )
    kept = answered(definition, after, scope)
    if change.for_field is not None and change.for_field not in kept.fields:
        raise InvalidRefusal(
            reason(
                "field",
                "“{name}” is not asked for with the present answers, so it takes no file. Change "
                "the answers first, or attach the file to the item itself.",
                name=next(each.label for each in definition.fields if each.id == change.for_field),
            )
        )
    return kept


def _file_fields(definition: Definition) -> set[str]:
    return {field.id for field in definition.fields if field.type is FieldType.FILE}


def _with_file(
    definition: Definition, change: ContentChange, content: Content
) -> tuple[Content, dict[str, Json] | None]:
    """Return ``content`` with the file that is added, and all fields given: the file's own too."""
    added, fields = change.add_file, change.fields
    if added is None:
        return content, fields
    kept = tuple(each for each in content.files if each.sha256 != added.sha256)
    if len(kept) >= FILES_PER_ITEM:
        raise InvalidRefusal(
            reason(
                "files",
                "An item has at most {limit} files. Remove a file, then upload again.",
                limit=FILES_PER_ITEM,
            )
        )
    if change.for_field is not None:
        if change.for_field not in _file_fields(definition):
            raise InvalidRefusal(
                reason(
                    "field",
                    "“{name}” is not a field for a file. Choose the field again.",
                    name=change.for_field,
                )
            )
        fields = {**(fields or {}), change.for_field: added.sha256}
    return replace(content, files=(*kept, added)), fields


def _with_fields(
    connection: Connection,
    definition: Definition,
    item: Item,
    content: Content,
    given: dict[str, Json],
    directory: Directory,
) -> Content:
    """Return ``content`` with the fields given. Raises InvalidRefusal.

    Only what is new must name people, departments and files that are there now.
    """
    checked = checked_fields(definition, given)
    news = {name: value for name, value in checked.items() if value != content.fields.get(name)}
    kinds = kinds_for(connection, definition, news, item.campaign)
    checked_fields(definition, news, directory, content.files, kinds)
    fields: dict[str, Json] = {
        name: value
        for name, value in {**content.fields, **given, **checked}.items()
        if value is not None
    }
    return replace(content, fields=fields)


def _without_file(definition: Definition, content: Content, sha256: str) -> Content:
    """Return ``content`` without a file, and without it in the fields that name it."""
    naming = _file_fields(definition)
    return replace(
        content,
        files=tuple(each for each in content.files if each.sha256 != sha256),
        fields={
            name: value
            for name, value in content.fields.items()
            if name not in naming or value != sha256
        },
    )
