"""When an item was signed, and on what its signature rests.

Owns what counts as signed: an approval here, until the document signed by hand or digitally was
uploaded. Before the day of the approval, no document of the item gets a number.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Transition
from workflow.history.payloads import SignatureForm, SignedCopyAdded
from workflow.model import Item, PersonId, StoredFile
from workflow.store import history
from workflow.store.history import StoredEntry

COPY_TYPE = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCopy:
    """The signed document as it was uploaded: how it was signed, the file, by whom and when."""

    form: SignatureForm
    file: StoredFile
    added_by: PersonId | None
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSignature:
    """The signature that an item bears; ``copy`` None: it rests on the approval alone."""

    approved_at: datetime
    copy: SignedCopy | None = None


def signature_on(context: Context, connection: Connection, item: Item) -> ItemSignature | None:
    """Return the signature that an item bears in its state, or None."""
    book = context.rulebooks.of(connection, item.definition_hash)
    if item.state not in book.signed_states:
        return None
    return signature_in(context, connection, item, history.entries_of(connection, item.subject))


def signature_in(
    context: Context, connection: Connection, item: Item, entries: list[StoredEntry]
) -> ItemSignature | None:
    """Return the last signature of an item's ``entries``, with the copy that was uploaded of it."""
    book = context.rulebooks.of(connection, item.definition_hash)
    found: ItemSignature | None = None
    for entry in entries:
        if _signs(book.meaning(entry.transition or "")):
            found = ItemSignature(approved_at=entry.at)
        elif found is not None and isinstance(entry.fact.payload, SignedCopyAdded):
            found = replace(found, copy=_copy(item, entry, entry.fact.payload))
    return found


def signed_file(
    context: Context, connection: Connection, item: Item, sha256: str
) -> StoredFile | None:
    """Return the file that an item's signature rests on, where it has that hash."""
    found = signature_on(context, connection, item)
    copy = found.copy if found else None
    return copy.file if copy is not None and copy.file.sha256 == sha256 else None


def copy_name(code: str) -> str:
    """Return what the signed copy of an item is called: its uploader's name for it is not kept."""
    return f"ban-ky-{code}.pdf"


def _copy(item: Item, entry: StoredEntry, said: SignedCopyAdded) -> SignedCopy:
    return SignedCopy(
        form=said.form,
        file=StoredFile(
            sha256=said.files[0],
            name=copy_name(item.code),
            size=said.size,
            media_type=COPY_TYPE,
        ),
        added_by=entry.actor,
        added_at=entry.at,
    )


def signed_on(context: Context, connection: Connection, item: Item) -> date | None:
    """Return the local day of the last signature on an item, or None."""
    found = signature_in(context, connection, item, history.entries_of(connection, item.subject))
    return context.calendar.local_day(found.approved_at) if found else None


def _signs(transition: Transition | None) -> bool:
    return transition is not None and transition.signs
