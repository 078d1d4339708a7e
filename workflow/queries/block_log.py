"""The log of an export, hashed block by block, so that several processes share the work.

Owns the peaks of a part of the tree (RFC 6962 §2.1): of each block, and up to the size of each
checkpoint. Which blocks it is given, it does not choose.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from workflow.history import merkle
from workflow.history.verify_history import require

BLOCK: Final = 1 << 16
"""Entries of the log that one process hashes together."""
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
    """The blocks of the log that fall to a share, hashed as they pass."""

    def __init__(self, folder: Path, wanted: Iterable[int]) -> None:
        self._wanted = set(wanted)
        self._rows = (folder / "log.jsonl").read_bytes()
        self._place = self._next = -1
        self._peaks: Peaks = []
        self.blocks: dict[int, Peaks] = {}
        self.prefixes: dict[int, Peaks] = {}

    def add(self, position: int, raw: bytes) -> None:
        """Compare an entry with its place in the log, and hash it."""
        if position != self._next or position % BLOCK == 0:
            self.end()
            self._place, self._peaks = _place_of(position), []
        start = raw.find(b'","body":') - 64
        of_hash = raw[start : start + 64]
        row = b'{"position":%d,"hash":"%s"}\n' % (position, of_hash)
        self._next = position + 1
        if self._place >= len(self._rows):
            return
        require(self._rows.startswith(row, self._place), "log.jsonl", "has another entry there")
        self._place += len(row)
        _push(self._peaks, 0, merkle.leaf_hash(bytes.fromhex(of_hash.decode())))
        if self._next in self._wanted:
            self.prefixes[self._next] = list(self._peaks)

    def end(self) -> None:
        """Keep the block that has passed."""
        if self._peaks:
            self.blocks[(self._next - 1) // BLOCK] = self._peaks


def _place_of(position: int) -> int:
    """Return where in ``log.jsonl`` the line of a position begins."""
    digits, found, start = 1, 0, 0
    while start < position:
        stop = min(position, 10**digits)
        found += (stop - start) * (len(b'{"position":,"hash":""}\n') + 64 + digits)
        start, digits = stop, digits + 1
    return found
