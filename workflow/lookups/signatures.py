"""When an item was signed, and on what its signature rests.

Owns what counts as signed: an approval here, until the document signed by hand or digitally was
uploaded. Before the day of the approval, no document of the item gets a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Transition
from workflow.history.payloads import SignatureForm, SignedCopyAdded
from workflow.model import Item, PersonId, StoredFile
from workflow.store import history, items
from workflow.store.history import StoredEntry
from workflow.verdicts import Parties, SignedFileVerdict

COPY_TYPE = "application/pdf"
_SIGNER, _ISSUER = "signer", "issuer"
"""What the names in an entry are called among its commitments, with the number of the signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerNames:
    """Whom a signature's certificate names, and who issued it; empty once they were erased."""

    name: str
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCopy:
    """The signed document as it was uploaded: how it was signed, the file, by whom and when.

    ``verdict``: what its digital signatures are worth, where it was looked at; ``names``: whom
    each of them names.
    """

    form: SignatureForm
    file: StoredFile
    verdict: SignedFileVerdict | None
    names: tuple[SignerNames, ...]
    added_by: PersonId | None
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSignature:
    """The signature that an item bears: whose, since when.

    ``copy`` None: it rests on the approval alone.
    """

    approved_at: datetime
    approved_by: PersonId | None
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
            found = ItemSignature(approved_at=entry.at, approved_by=entry.actor)
        elif found is not None and isinstance(entry.fact.payload, SignedCopyAdded):
            found = replace(found, copy=_copy(connection, item, entry, entry.fact.payload))
    return found


def signed_copy_of(context: Context, connection: Connection, code: str) -> SignedCopy | None:
    """Return the signed document that an item's signature rests on, where one was uploaded."""
    item = items.find_item(connection, code)
    found = signature_on(context, connection, item) if item else None
    return found.copy if found else None


def approver_of(context: Context, connection: Connection, code: str) -> PersonId | None:
    """Return who signed an item here; None while it bears no signature."""
    item = items.find_item(connection, code)
    found = signature_on(context, connection, item) if item else None
    return found.approved_by if found else None


def parties_of(context: Context, connection: Connection, code: str, agency: str) -> Parties:
    """Return who is to have signed an item's document; nobody while it bears no signature."""
    approver = approver_of(context, connection, code)
    directory = context.directory(connection, context.clock())
    person = directory.people.get(approver) if approver is not None else None
    return Parties(
        approver=person.name if person else "",
        address=person.email if person else "",
        agency=agency,
    )


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


def texts_of_names(names: Sequence[SignerNames]) -> dict[str, str]:
    """Return the texts that an entry keeps of whom signatures name."""
    return {
        f"{what}_{number}": text
        for number, each in enumerate(names, start=1)
        for what, text in ((_SIGNER, each.name), (_ISSUER, each.issuer))
        if text
    }


def _names(connection: Connection, entry: StoredEntry, count: int) -> tuple[SignerNames, ...]:
    texts = history.texts_of(connection, [entry.subject]) if count else {}

    def said(what: str, number: int) -> str:
        kept = texts.get((entry.subject, entry.seq, f"{what}_{number}"))
        return kept.text if kept else ""

    return tuple(
        SignerNames(name=said(_SIGNER, number), issuer=said(_ISSUER, number))
        for number in range(1, count + 1)
    )


def _copy(
    connection: Connection, item: Item, entry: StoredEntry, said: SignedCopyAdded
) -> SignedCopy:
    return SignedCopy(
        form=said.form,
        file=StoredFile(
            sha256=said.files[0],
            name=copy_name(item.code),
            size=said.size,
            media_type=COPY_TYPE,
        ),
        verdict=said.verdict,
        names=_names(connection, entry, len(said.verdict.signatures) if said.verdict else 0),
        added_by=entry.actor,
        added_at=entry.at,
    )


def signed_on(context: Context, connection: Connection, item: Item) -> date | None:
    """Return the local day of the last signature on an item, or None."""
    found = signature_in(context, connection, item, history.entries_of(connection, item.subject))
    return context.calendar.local_day(found.approved_at) if found else None


def _signs(transition: Transition | None) -> bool:
    return transition is not None and transition.signs
