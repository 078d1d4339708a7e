"""What a dossier's package is made of: its items as they left, their entries and the proofs.

Owns what may leave: nothing that nobody confirmed to be free of state secrets, nothing that is not
yet sealed, and no more than a machine can hold. Nothing here writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Confirmation
from workflow.errors import AlteredError, InvalidRefusal, Reason, reason
from workflow.history import merkle
from workflow.history.proofs import Proof
from workflow.lookups.signatures import signature_in
from workflow.model import Content, ContentHash, Item, StoredFile
from workflow.queries.dossiers import DossierItem, DossierView, dossier_view
from workflow.store import erasures, history, item_contents, sealed_log
from workflow.store.history import StoredEntry
from workflow.store.sealed_log import StoredCheckpoint

MOST_BYTES = 1_000_000_000
"""Of the files of a dossier together."""
_MEGABYTE = 1_000_000
count_erasures = erasures.count_erasures


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedItem:
    """An item as it left: what it said, the entry by which it left, and the proof of that entry."""

    item: Item
    content: Content
    signed: StoredFile | None
    """The scan or the digitally signed file of its document, where one was uploaded."""
    entry: StoredEntry
    proof: Proof

    @property
    def as_left(self) -> Item:
        """Return the item with the content that it left with."""
        return replace(self.item, content_hash=_content_hash(self.entry))

    @property
    def files(self) -> Sequence[StoredFile]:
        """Return every file that goes with it."""
        return (*([self.signed] if self.signed else []), *self.content.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFacts:
    """What a package is made of; ``checkpoint``: the first that covers every item's leaving."""

    view: DossierView
    campaign: str
    items: Sequence[PackedItem]
    checkpoint: StoredCheckpoint


def package_facts(context: Context, connection: Connection, number: int) -> PackageFacts:
    """Return what the package of a dossier is made of.

    Raises NotFoundRefusal, InvalidRefusal where it may not be made, or not yet.
    """
    view = dossier_view(connection, number)
    chains = history.entries_by_subject(connection, [each.item.subject for each in view.items])
    left = {each.item.id: _entry(each, chains[each.item.subject]) for each in view.items}
    if faults := list(_faults(context, connection, view, chains)):
        raise InvalidRefusal(*faults)
    positions = {each.item.id: _position(connection, left[each.item.id]) for each in view.items}
    first = _covering(connection, list(positions.values()))
    node = sealed_log.nodes(connection)
    then = [
        replace(each.item, content_hash=_content_hash(left[each.item.id])) for each in view.items
    ]
    contents = item_contents.contents_of(connection, then)

    def proof(entry: StoredEntry, position: int) -> Proof:
        hashes = tuple(merkle.inclusion_proof(position, first.size, node))
        return Proof(entry=entry.hash, position=position, hashes=hashes, note=first.note)

    items = [
        PackedItem(
            item=each.item,
            content=contents[each.item.id],
            signed=_signed(context, connection, each.item, chains[each.item.subject]),
            entry=left[each.item.id],
            proof=proof(left[each.item.id], positions[each.item.id] or 0),
        )
        for each in view.items
    ]
    _require_small(items)
    campaign = context.campaigns.of(connection, view.dossier.campaign)
    name = campaign.name if campaign else view.dossier.campaign
    return PackageFacts(view=view, campaign=name, items=items, checkpoint=first)


def _covering(connection: Connection, positions: Sequence[int | None]) -> StoredCheckpoint:
    """Return the first checkpoint above every one of ``positions``. Raises InvalidRefusal."""
    known = [each for each in positions if each is not None]
    found = sealed_log.checkpoints(connection, max(known, default=0))
    if len(known) != len(positions) or not found:
        raise InvalidRefusal(
            reason(
                "checkpoint",
                "The entries of this dossier are not sealed yet. They are within a minute: try "
                "again then.",
            )
        )
    return found[0]


def _entry(member: DossierItem, chain: Sequence[StoredEntry]) -> StoredEntry:
    """Return the entry by which an item left. Raises AlteredError where there is none."""
    for each in chain:
        if each.decided_version == member.version - 1:
            return each
    raise AlteredError(f"dossier of {member.item.code}")


def _signed(
    context: Context, connection: Connection, item: Item, chain: list[StoredEntry]
) -> StoredFile | None:
    found = signature_in(context, connection, item, chain)
    return found.copy.file if found and found.copy else None


def _content_hash(entry: StoredEntry) -> ContentHash:
    return ContentHash(entry.fact.content_hash or "")


def _position(connection: Connection, entry: StoredEntry) -> int | None:
    for each in sealed_log.places_of(connection, entry.subject):
        if each.seq == entry.seq:
            if each.hash != entry.hash:
                raise AlteredError(f"{entry.subject} entry {entry.seq}")
            return each.position
    return None


def _faults(
    context: Context,
    connection: Connection,
    view: DossierView,
    chains: dict[str, list[StoredEntry]],
) -> Iterator[Reason]:
    """Yield each item that nobody confirmed to hold no state secret before it left."""
    for each in view.items:
        chain = chains[each.item.subject]
        before = [one for one in chain if (one.decided_version or 0) < each.version]
        if not any(_confirms(context, connection, one) for one in before):
            yield reason(
                "state_secret",
                "For {code} nobody has confirmed that it holds no state secret, so no package is "
                "made of it. Send it by the way for secret documents.",
                code=each.item.code,
            )


def _confirms(context: Context, connection: Connection, entry: StoredEntry) -> bool:
    """Return whether an entry's transition asked for that confirmation and so had it."""
    if entry.transition is None or not entry.fact.definition_hash:
        return False
    book = context.rulebooks.of(connection, entry.fact.definition_hash)
    ways = book.alternatives(entry.fact.from_state or "", entry.transition)
    return any(Confirmation.NO_STATE_SECRET in way.confirms for way in ways)


def _require_small(items: Sequence[PackedItem]) -> None:
    size = sum(file.size for each in items for file in each.files)
    if size > MOST_BYTES:
        raise InvalidRefusal(
            reason(
                "size",
                "The files of this dossier have {size} MB together, and a package holds at most "
                "{most} MB. Send the files apart.",
                size=size // _MEGABYTE,
                most=MOST_BYTES // _MEGABYTE,
            )
        )
