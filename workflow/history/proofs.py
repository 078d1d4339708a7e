"""Proofs that leave the house: a proof of inclusion as a file, and the short code of an entry.

Owns both texts. The file is a C2SP tlog-proof: position, hashes and the checkpoint under which they
lead to its root; whoever has it checks it with no part of ours. The code is made for paper: the
position, and the first 100 bits of the entry's hash. Pure.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from workflow.history import merkle
from workflow.history.checkpoints import Checkpoint, Note, parse_note

MEDIA_TYPE: Final = "text/plain; charset=utf-8"
_HEAD = "c2sp.org/tlog-proof@v1"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U, which are read as other letters."""
_ALIKE = str.maketrans("OIL", "011")
_CODE_LETTERS, _GROUP = 20, 4
_CODE = re.compile(r"([0-9]{1,12})-?((?:[0-9A-Z]-?){20})")
_HASH_BYTES = 32
_FIRST_LINES, _MOST_HASHES = 3, 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What a short code says: where in the log, and how the entry's hash begins."""

    position: int
    digest: str

    def __str__(self) -> str:
        """Return the code as it is printed."""
        groups = [self.digest[at : at + _GROUP] for at in range(0, _CODE_LETTERS, _GROUP)]
        return "-".join((str(self.position), *groups))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That an entry, by its hash, stands at a position under a checkpoint."""

    entry: bytes
    position: int
    hashes: tuple[bytes, ...]
    note: str

    @property
    def checkpoint(self) -> Checkpoint:
        """Return the checkpoint that it leads to."""
        return parse_note(self.note).checkpoint

    @property
    def code(self) -> Code:
        """Return the short code of its entry."""
        return code_of(self.position, self.entry)

    @property
    def leads_there(self) -> bool:
        """Return whether its hashes lead from the entry to the checkpoint's root."""
        leaf, checkpoint = merkle.leaf_hash(self.entry), self.checkpoint
        try:
            found = merkle.root_of_inclusion(leaf, self.position, checkpoint.size, self.hashes)
        except ValueError:
            return False
        return found == checkpoint.root

    def __str__(self) -> str:
        """Return the proof as a tlog-proof; ``extra`` is the entry's hash."""
        lines = [f"extra {_base64(self.entry)}", f"index {self.position}"]
        return "\n".join((_HEAD, *lines, *map(_base64, self.hashes), "", self.note))


def parse_proof(text: str) -> tuple[Proof, Note]:
    """Return the proof that ``text`` is, and its note. Raises ValueError where it is none."""
    head, blank, note = text.replace("\r\n", "\n").strip().partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != _HEAD or not 0 <= len(lines) - _FIRST_LINES <= _MOST_HASHES:
        raise ValueError("not a proof")
    extra, index = lines[1].removeprefix("extra "), lines[2].removeprefix("index ")
    if not re.fullmatch("[0-9]{1,18}", index):
        raise ValueError("not a position")
    note += "\n"
    proof = Proof(
        entry=_hash(extra),
        position=int(index),
        hashes=tuple(map(_hash, lines[_FIRST_LINES:])),
        note=note,
    )
    return proof, parse_note(note)


def code_of(position: int, entry: bytes) -> Code:
    """Return the short code of an entry."""
    number, letters = int.from_bytes(entry, "big") >> (8 * _HASH_BYTES - 5 * _CODE_LETTERS), ""
    for _ in range(_CODE_LETTERS):
        number, at = divmod(number, len(_LETTERS))
        letters = _LETTERS[at] + letters
    return Code(position=position, digest=letters)


def parse_code(text: str) -> Code | None:
    """Return the code in what somebody typed, pasted or scanned, an address too; None: none."""
    plain = re.sub(r"\s+", "", text.rpartition("code=")[2].partition("&")[0]).upper()
    plain = re.sub(r"[\N{EN DASH}\N{EM DASH}\N{HYPHEN}\N{MINUS SIGN}]", "-", plain)
    position, _, rest = plain.partition("-")
    found = _CODE.fullmatch(f"{position}-{rest.translate(_ALIKE)}")
    if found is None or not set(digest := found[2].replace("-", "")) <= set(_LETTERS):
        return None
    return Code(position=int(found[1]), digest=digest)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _hash(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise ValueError("not base64") from exc
    if len(found) != _HASH_BYTES:
        raise ValueError("not a hash")
    return found
