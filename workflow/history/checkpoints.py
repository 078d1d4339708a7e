"""Checkpoints: signed notes that say how many entries there were, and the root over all of them.

Owns their text, which is C2SP tlog-checkpoint in a C2SP signed-note: origin, size and root, each on
a line, a blank line, and signatures (Ed25519, RFC 8032). Whoever holds one checks it with no part
of ours. Pure; private keys are given and never kept.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_ED25519 = b"\x01"
_KEY_ID_BYTES, _KEY_BYTES, _ROOT_BYTES = 4, 32, 32
_HEX_GROUP = 8
_DASH = "\N{EM DASH} "
_PURPOSE = b"thidua-checkpoint/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The log at one size. ``root``: 32 bytes, as RFC 6962 §2.1 hashes it."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One line below a note: who signed, the id of their key (4 bytes), and the signature."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A checkpoint with its signatures, as it left the house."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key with the name under which it signs (C2SP signed-note, "vkey")."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the first four bytes of SHA-256 over name, line end, algorithm and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """Return the key as it is written down: ``name+id+key``."""
        return f"{self.name}+{self.id.hex()}+{_base64(_ED25519 + self.public)}"


def origin_of(deployment: str) -> str:
    """Return the name of a deployment's log, under which its keys sign."""
    return f"thidua/{deployment}/history"


def signing_key(secret: bytes) -> Ed25519PrivateKey:
    """Return the private key made of a secret key by HKDF-SHA256 (RFC 5869)."""
    seed = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(secret)
    return Ed25519PrivateKey.from_private_bytes(seed)


def verifier_key(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    """Return what others check signatures of ``private`` with."""
    return VerifierKey(name=name, public=private.public_key().public_bytes_raw())


def parse_verifier_key(text: str) -> VerifierKey:
    """Return the key that ``text`` (``name+id+key``) is. Raises ValueError where it is none."""
    name, _, rest = text.strip().partition("+")
    key_id, _, key = rest.partition("+")
    raw = _bytes(key)
    found = VerifierKey(name=name, public=raw[1:])
    if raw[:1] != _ED25519 or len(found.public) != _KEY_BYTES or found.id.hex() != key_id:
        raise ValueError("not an Ed25519 verifier key")
    return found


def sign(checkpoint: Checkpoint, private: Ed25519PrivateKey) -> str:
    """Return the note of ``checkpoint``, signed under its origin's name."""
    key = verifier_key(checkpoint.origin, private)
    signature = key.id + private.sign(checkpoint.text.encode())
    return f"{checkpoint.text}\n{_DASH}{key.name} {_base64(signature)}\n"


def hex_groups(raw: bytes) -> list[str]:
    """Return bytes in hex, in groups of eight, as people compare them."""
    text = raw.hex()
    return [text[at : at + _HEX_GROUP] for at in range(0, len(text), _HEX_GROUP)]


def parse_note(text: str) -> Note:
    """Return the note that ``text`` is, whoever signed it.

    Raises ValueError where it is none.
    """
    body, blank, rest = text.partition("\n\n")
    lines = body.split("\n")
    if not blank or len(lines) < 3 or not rest.endswith("\n"):  # noqa: PLR2004 - origin, size, root
        raise ValueError("not a checkpoint")
    origin, size, root = lines[:3]
    if not size.isascii() or not size.isdecimal() or str(int(size)) != size:
        raise ValueError("not a size")
    found = _bytes(root)
    if not origin or len(lines) > 3 or len(found) != _ROOT_BYTES:  # noqa: PLR2004 - likewise
        raise ValueError("not a checkpoint")
    return Note(
        checkpoint=Checkpoint(origin=origin, size=int(size), root=found),
        signatures=tuple(_signature(line) for line in rest.removesuffix("\n").split("\n")),
    )


def signers(note: Note, keys: Sequence[VerifierKey]) -> list[VerifierKey]:
    """Return those of ``keys`` whose signature under ``note`` is right."""
    found = []
    for key in keys:
        for each in note.signatures:
            if (each.name, each.key_id) != (key.name, key.id):
                continue
            try:
                _loaded(key.public).verify(each.value, note.checkpoint.text.encode())
            except InvalidSignature:
                continue
            found.append(key)
    return found


@lru_cache(100)
def _loaded(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def _signature(line: str) -> Signature:
    name, _, value = line.removeprefix(_DASH).rpartition(" ")
    raw = _bytes(value)
    if not line.startswith(_DASH) or not name or len(raw) <= _KEY_ID_BYTES:
        raise ValueError("not a signature line")
    return Signature(name=name, key_id=raw[:_KEY_ID_BYTES], value=raw[_KEY_ID_BYTES:])


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ValueError("not base64") from exc
