"""One Merkle tree over all entries: its root, proofs that an entry is in it and that it only grew.

Owns the hashing of RFC 6962 §2.1 (RFC 9162 §2.1): SHA-256, a leaf is 0x00 ‖ data, a node is
0x01 ‖ left ‖ right. Pure: whoever asks brings the hashes of complete subtrees.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeAlias

Nodes: TypeAlias = Callable[[int, int], bytes]
"""Gives the hash of a complete subtree by its level (it has 2^level leaves) and place there."""

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves (RFC 6962 §2.1)."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two halves."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over the hashes of 1, 2, 4, 8 … subtrees of one level."""
    level = list(hashes)
    while len(level) > 1:
        level = [
            node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return level[0]


def root(size: int, nodes: Nodes) -> bytes:
    """Return the root of the tree of the first ``size`` leaves."""
    return _over(0, size, nodes) if size else EMPTY_ROOT


def inclusion_proof(position: int, size: int, nodes: Nodes) -> list[bytes]:
    """Return what leads from leaf ``position`` to the root of ``size`` (RFC 9162 §2.1.3.1)."""
    if not 0 <= position < size:
        raise ValueError(f"leaf {position} is not among {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            proof.append(_over(middle, end, nodes))
            end = middle
        else:
            proof.append(_over(start, middle, nodes))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """Return what shows the first ``old`` leaves in a tree of ``new`` (RFC 9162 §2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {old} leaves does not grow to {new}")
    proof: list[bytes] = []
    start, end = 0, new
    is_whole = True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_over(middle, end, nodes))
            end = middle
        else:
            proof.append(_over(start, middle, nodes))
            start, is_whole = middle, False
    if not is_whole:
        proof.append(_over(start, end, nodes))
    return proof[::-1]


def root_of_inclusion(leaf: bytes, position: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root to which ``proof`` leads from a leaf's hash (RFC 9162 §2.1.3.2).

    Raises ValueError where the proof has not the length that position and size ask for.
    """
    if not 0 <= position < size:
        raise ValueError(f"leaf {position} is not among {size}")
    place, last, found = position, size - 1, leaf
    for each in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if place % 2 or place == last:
            found = node_hash(each, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, each)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return found


def is_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether ``proof`` shows the old tree as the new one's start (RFC 9162 §2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    smaller = larger = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            smaller, larger = node_hash(each, smaller), node_hash(each, larger)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            larger = node_hash(larger, each)
        place, last = place >> 1, last >> 1
    return last == 0 and smaller == old_root and larger == new_root


def _split(size: int) -> int:
    """Return the largest power of two that is smaller than ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _over(start: int, end: int, nodes: Nodes) -> bytes:
    """Return the hash over the leaves ``start`` to before ``end``, a part that the tree has."""
    size = end - start
    if size & (size - 1) == 0 and start % size == 0:
        level = size.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(size)
    return node_hash(_over(start, middle, nodes), _over(middle, end, nodes))
