"""What an item says now against what was last decided on, and what a return asks to mend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Label
from workflow.history import EntryType
from workflow.history.payloads import Decision
from workflow.messages import InWords, Message, lazy
from workflow.model import Content, PersonId
from workflow.people import Directory
from workflow.queries.items import ItemView
from workflow.queries.timeline import EntryView, timeline
from workflow.rules import Difference, differences, readable
from workflow.store import item_contents

_DECIDES = frozenset({EntryType.TRANSITION, EntryType.SIGNED_OFF})
FILES = "files"
"""The name under which a checklist means the attached files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What changed since somebody other than the author last decided, as the reader may see it."""

    at: datetime
    who: str | Message
    found: tuple[Difference, ...]


def changed_since_decided(
    context: Context,
    connection: Connection,
    view: ItemView,
    entries: list[EntryView],
    words: InWords,
) -> Compared | None:
    """Return the difference to what another than the author last decided on; None where none."""
    decided = [
        each
        for each in entries
        if each.entry.type in _DECIDES
        and each.actor is not None
        and each.actor.id != view.item.author
    ]
    if not decided or decided[-1].fact.content_hash == view.item.content_hash:
        return None
    last = decided[-1]
    before = item_contents.content_at(connection, view.item.id, str(last.fact.content_hash))
    if before is None:
        return None
    directory = context.directory(connection, context.clock())
    found = differences(
        view.definition, readable(before, view.withheld), view.content, view.names, words
    )
    return Compared(at=last.entry.at, who=_name(directory, last), found=tuple(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVersion:
    """One state of an item's content: since which version, by whom, when, and what it changed."""

    version: int
    who: str | Message
    at: datetime
    found: tuple[Difference, ...]


def versions_of(
    context: Context,
    connection: Connection,
    view: ItemView,
    entries: list[EntryView],
    words: InWords,
    *,
    most: int,
) -> list[ItemVersion]:
    """Return up to ``most`` states of an item's content, newest first, as the reader may see them.

    The first state differs from nothing.
    """
    directory = context.directory(connection, context.clock())
    changes: list[tuple[EntryView, Content]] = []
    last = None
    for each in entries:
        if each.fact.content_hash not in (None, last):
            last = str(each.fact.content_hash)
            content = item_contents.content_at(connection, view.item.id, last)
            if content is not None:
                changes.append((each, readable(content, view.withheld)))
    found = []
    for place in range(len(changes) - 1, max(-1, len(changes) - 1 - most), -1):
        entry, content = changes[place]
        differs = (
            differences(view.definition, changes[place - 1][1], content, view.names, words)
            if place
            else []
        )
        found.append(
            ItemVersion(
                version=_version(entry),
                who=_name(directory, entry),
                at=entry.entry.at,
                found=tuple(differs),
            )
        )
    return found


def _version(entry: EntryView) -> int:
    return int(str(entry.fact.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """An item that came back to its author: by whom, when, why, and the labels of what to mend."""

    view: ItemView
    who: str | Message
    at: datetime
    why: str
    mend: tuple[Label | Message, ...]
    mend_ids: tuple[str, ...]
    """The ids of the fields, or ``files``, in the order of ``mend``."""
    is_mended: bool
    """Whether its author has changed anything since."""


def returned_of(
    context: Context, connection: Connection, views: Sequence[ItemView]
) -> list[Returned]:
    """Return those of an author's items that were sent back and wait to be handed in again."""
    found = []
    for view in views:
        if not view.state.held_by_author or view.item.version == 1:
            continue
        entries = timeline(context, connection, view.item)
        last = next(
            (each for each in reversed(entries) if each.entry.type == EntryType.TRANSITION), None
        )
        who = (last.actor.name if last.actor else last.recipient) if last else None
        if last is not None and who and (not last.actor or last.actor.id != view.item.author):
            ids = tuple(mended_ids(last))
            found.append(
                Returned(
                    view=view,
                    who=who,
                    at=last.entry.at,
                    why=last.comment or "",
                    mend=tuple(label_of(view, each) for each in ids),
                    mend_ids=ids,
                    is_mended=any(
                        each.entry.type == EntryType.EDITED and each.entry.seq > last.entry.seq
                        for each in entries
                    ),
                )
            )
    return found


def mended_ids(entry: EntryView) -> list[str]:
    """Return the ids of the fields, or ``files``, that an entry asks to mend."""
    payload = entry.fact.payload
    return list(payload.mend) if isinstance(payload, Decision) else []


def label_of(view: ItemView, name: str) -> Label | Message:
    """Return what a field, or the files, is called."""
    return next(
        (field.label for field in view.definition.fields if field.id == name), lazy("Attachments")
    )


def _name(directory: Directory, entry: EntryView) -> str | Message:
    found = directory.people.get(entry.actor.id if entry.actor else PersonId(0))
    return found.name if found else entry.recipient or lazy("The system")
