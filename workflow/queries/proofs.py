"""Proofs out of the sealed log, and the check of one that somebody brings.

Owns what a proof is worth today: an entry is unchanged where its own chain, its place in the log
and the signed checkpoint above it all agree. Says nothing of what the entry is about.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from workflow.errors import InvalidRefusal, reason
from workflow.history import entry_hash, merkle
from workflow.history.checkpoints import (
    Checkpoint,
    Note,
    VerifierKey,
    parse_note,
    parse_verifier_key,
    signers,
)
from workflow.history.proofs import Code, Proof, code_of
from workflow.store import history, sealed_log
from workflow.store.sealed_log import Place, StoredCheckpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProofs:
    """The entries of a subject with their places, and the proofs of those under a checkpoint."""

    checkpoint: StoredCheckpoint | None
    places: tuple[Place, ...]
    proofs: tuple[Proof, ...]
    """Of the first of ``places``, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """That the log of one size is the start of the log of another."""

    old: Checkpoint
    new: Checkpoint
    hashes: tuple[bytes, ...]


class Finding(StrEnum):
    """What a check found."""

    UNCHANGED = "unchanged"
    WAITING = "waiting"
    """In the log, and no checkpoint covers it yet."""
    CHANGED = "changed"
    """It was there as the proof says, or stands there still, and something does not agree."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofCheck:
    """What a check found, and under which checkpoint."""

    finding: Finding
    position: int
    checkpoint: Checkpoint | None = None
    made_at: datetime | None = None


def proofs_of(connection: Connection, subject: str) -> ItemProofs:
    """Return the proofs of the entries of ``subject`` under the newest checkpoint."""
    checkpoint = sealed_log.newest_checkpoint(connection)
    places = sealed_log.places_of(connection, subject)
    node = sealed_log.nodes(connection)
    return ItemProofs(
        checkpoint=checkpoint,
        places=tuple(places),
        proofs=tuple(
            Proof(
                entry=each.hash,
                position=each.position,
                hashes=tuple(merkle.inclusion_proof(each.position, checkpoint.size, node)),
                note=checkpoint.note,
            )
            for each in places
            if each.position < checkpoint.size
        )
        if checkpoint
        else (),
    )


def consistency(connection: Connection, origin: str, old: int, new: int) -> Consistency:
    """Return the proof that the log only grew. Raises InvalidRefusal for sizes it never had."""
    if not 0 < old <= new <= sealed_log.size(connection):
        raise InvalidRefusal(
            reason(
                "size",
                "from and to must be sizes of the log, the smaller first, from 1 to {size}.",
                size=sealed_log.size(connection),
            )
        )
    node = sealed_log.nodes(connection)
    return Consistency(
        old=Checkpoint(origin=origin, size=old, root=merkle.root(old, node)),
        new=Checkpoint(origin=origin, size=new, root=merkle.root(new, node)),
        hashes=tuple(merkle.consistency_proof(old, new, node)),
    )


def check_code(
    connection: Connection, keys: Sequence[VerifierKey], code: Code, under: Code | None = None
) -> ProofCheck:
    """Check the entry that a short code names; ``keys``: those of the deployment.

    ``under``: size and root of the checkpoint that stands on the same paper.
    """
    return _unless_torn(code.position, lambda: _code_found(connection, keys, code, under))


def check_proof(
    connection: Connection, keys: Sequence[VerifierKey], proof: Proof, note: Note
) -> ProofCheck:
    """Check a proof that left the house earlier, against the log as it is now."""
    return _unless_torn(proof.position, lambda: _proof_found(connection, keys, proof, note))


def _unless_torn(position: int, check: Callable[[], ProofCheck]) -> ProofCheck:
    """Return what a check finds; a log with a gap agrees with nothing."""
    try:
        return check()
    except ValueError:
        return ProofCheck(finding=Finding.CHANGED, position=position)


def _code_found(
    connection: Connection, keys: Sequence[VerifierKey], code: Code, under: Code | None
) -> ProofCheck:
    place = sealed_log.place_at(connection, code.position)
    if place is None or code_of(place.position, place.hash) != code:
        return ProofCheck(finding=Finding.ABSENT, position=code.position)
    if under is not None:
        size = under.position
        is_there = 0 < size <= sealed_log.size(connection)
        if not is_there or code_of(size, sealed_log.root(connection, size)) != under:
            return ProofCheck(finding=Finding.CHANGED, position=code.position)
    return _checked(connection, keys, place)


def _proof_found(
    connection: Connection, keys: Sequence[VerifierKey], proof: Proof, note: Note
) -> ProofCheck:
    is_ours = proof.leads_there and signers(note, _trusted(connection, keys))
    if not is_ours:
        return ProofCheck(finding=Finding.ABSENT, position=proof.position)
    then = note.checkpoint
    place = sealed_log.place_at(connection, proof.position)
    if (
        place is None
        or place.hash != proof.entry
        or then.size > sealed_log.size(connection)
        or sealed_log.root(connection, then.size) != then.root
    ):
        return ProofCheck(finding=Finding.CHANGED, position=proof.position, checkpoint=then)
    return _checked(connection, keys, place)


def _checked(connection: Connection, keys: Sequence[VerifierKey], place: Place) -> ProofCheck:
    """Check the chain up to an entry, its place, and the newest checkpoint above it."""
    kept = sealed_log.newest_checkpoint(connection)
    if not _chain_holds(connection, place):
        return ProofCheck(finding=Finding.CHANGED, position=place.position)
    if kept is None or place.position >= kept.size:
        return ProofCheck(finding=Finding.WAITING, position=place.position)
    note = parse_note(kept.note)
    node = sealed_log.nodes(connection)
    proof = Proof(
        entry=place.hash,
        position=place.position,
        hashes=tuple(merkle.inclusion_proof(place.position, kept.size, node)),
        note=kept.note,
    )
    is_so = proof.leads_there and bool(signers(note, _trusted(connection, keys)))
    return ProofCheck(
        finding=Finding.UNCHANGED if is_so else Finding.CHANGED,
        position=place.position,
        checkpoint=note.checkpoint,
        made_at=kept.made_at,
    )


def _chain_holds(connection: Connection, place: Place) -> bool:
    """Return whether the entries of its subject, up to that one, have the hashes they claim."""
    head = bytes(32)
    for entry in history.entries_of(connection, place.subject):
        if entry.prev != head or entry_hash(entry.prev, entry.body.encode()) != entry.hash:
            return False
        head = entry.hash
        if entry.seq == place.seq:
            return head == place.hash
    return False


def _trusted(connection: Connection, keys: Sequence[VerifierKey]) -> list[VerifierKey]:
    return [*keys, *map(parse_verifier_key, history.checkpoint_keys(connection))]
