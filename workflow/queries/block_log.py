"""The log of an export, hashed block by block, so that several processes share the work.

Owns the peaks of a part of the tree (RFC 6962 §2.1): of each block, and up to the size of each
checkpoint. Which blocks it is given, it does not choose.
"""

from binascii import unhexlify
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import BinaryIO, Final

from workflow.history import merkle
from workflow.history.verify_history import require

BLOCK: Final = 1 << 10
"""Entries of the log that one process hashes together: as many as stay in its cache."""
Peaks = list[tuple[int, bytes]]
"""Level and hash of the complete subtrees of a tree, from the left."""


def joined(peaks: Peaks, more: Peaks) -> Peaks:
    """Return the peaks of a tree and of the block that follows it."""
    found = list(peaks)
    for level, node in more:
        _push(found, level, node)
    return found


def _push(peaks: Peaks, level: int, node: bytes) -> None:
    while peaks and peaks[-1][0] == level:
        node = merkle.node_hash(peaks.pop()[1], node)
        level += 1
    peaks.append((level, node))


def root_of(peaks: Peaks) -> bytes:
    """Return the root over all peaks of a tree."""
    found = b""
    for _, each in reversed(peaks):
        found = merkle.node_hash(each, found) if found else each
    return found


class BlockLog:
    """The blocks of the log that fall to a share, hashed whole; ``rows``: ``log.jsonl``."""

    def __init__(self, rows: BinaryIO, wanted: Iterable[int]) -> None:
        self._wanted = sorted(wanted)
        self._rows = rows
        self.blocks: dict[int, Peaks] = {}
        self.prefixes: dict[int, bytes] = {}
        """The root over a block up to the size of a checkpoint."""

    def add(self, number: int, lines: Iterable[bytes]) -> None:
        """Compare the entries of a block with their places in the log, and hash them."""
        first = number * BLOCK
        hashes = [line[(end := line.find(b'","body":')) - 64 : end] for line in lines]
        places = [b'{"position":%d,"hash":"%b"}\n' % each for each in enumerate(hashes, first)]
        whole = b"".join(places)
        self._rows.seek(_place_of(first))
        rows = self._rows.read(len(whole))  # less, where the log ends before the entries
        require(whole.startswith(rows), "log.jsonl", "has another entry there")
        if not rows:
            return
        sealed = rows.count(b"\n")
        # As `merkle.leaf_hash` and `node_hash` do, without a call for each of millions.
        levels = [[sha256(b"\x00" + unhexlify(each)).digest() for each in hashes[:sealed]]]
        while len(below := levels[-1]) > 1:
            pairs = zip(below[::2], below[1::2], strict=False)  # the last may be alone
            levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
        self.blocks[number] = _peaks(levels, sealed)
        low, high = bisect_right(self._wanted, first), bisect_right(self._wanted, first + sealed)
        for size in self._wanted[low:high]:
            self.prefixes[size] = root_of(_peaks(levels, size - first))


def _peaks(levels: Sequence[Sequence[bytes]], size: int) -> Peaks:
    """Return the peaks of the first ``size`` leaves of a tree, of which all levels are given."""
    present = [level for level in range(len(levels)) if size >> level & 1]
    return [(level, levels[level][(size >> level) - 1]) for level in reversed(present)]


def _place_of(position: int) -> int:
    """Return where in ``log.jsonl`` the line of a position begins."""
    digits, found, start = 1, 0, 0
    while start < position:
        stop = min(position, 10**digits)
        found += (stop - start) * (len(b'{"position":,"hash":""}\n') + 64 + digits)
        start, digits = stop, digits + 1
    return found
