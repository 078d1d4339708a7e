"""The box of a secret ballot: papers are sealed as they are cast, and opened together.

Owns what a paper is, how it is sealed and how one is opened. The box has two locks, and two people
keep a key each, which is kept nowhere else: a paper opens with both keys, never with one. The
database has their public halves alone, so what is kept of a vote (database, its journals, backups
between two casts) tells who has voted, and not what; nor does it to either of the two. All papers
of a round are as long as each other. Randomness is an argument.

X25519, HKDF-SHA256, ChaCha20-Poly1305: for each paper a key of its own, so the nonce is constant.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workflow.voting import BallotChoice

CODE_BYTES = 15
"""Of what a box's code is made: 24 letters."""
EPHEMERAL_BYTES = 32
RECEIPT_BYTES = 10
_RECEIPT_LETTERS = 16
_KEY_BYTES = 32
_NONCE = bytes(12)
_GROUP = 4
_LETTERS: dict[BallotChoice, bytes] = {
    BallotChoice.AGREE: b"A",
    BallotChoice.DISAGREE: b"D",
    BallotChoice.BLANK: b"B",
    BallotChoice.CONCERNED: b"-",
}
_CHOICES = {letter: choice for choice, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxKey:
    """The key of one lock; ``code`` is how people write it down. It is stored nowhere."""

    code: str
    private: X25519PrivateKey

    @classmethod
    def made_of(cls, entropy: bytes) -> "BoxKey":
        """Return the key that ``entropy`` makes."""
        derived = HKDF(hashes.SHA256(), _KEY_BYTES, None, b"thidua-box/v1").derive(entropy)
        private = X25519PrivateKey.from_private_bytes(derived)
        return cls(code=_grouped(base64.b32encode(entropy).decode()), private=private)

    @property
    def public(self) -> bytes:
        """Return the half that is kept: the lock that papers are sealed with."""
        return _raw(self.private.public_key())

    def __repr__(self) -> str:
        """Never show the code."""
        return "BoxKey()"


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotPaper:
    """What one member put into the box: a choice for each case, in their order, and a number.

    By ``receipt`` its member finds that it was counted; nothing else knows whose it is.
    """

    choices: tuple[BallotChoice, ...]
    receipt: str


def read_box_code(text: str) -> BoxKey | None:
    """Return the key whose code somebody typed, however grouped; None where it is no code."""
    plain = "".join(text.upper().split()).replace("-", "").replace("0", "O").replace("1", "I")
    try:
        entropy = base64.b32decode(plain)
    except (binascii.Error, ValueError):
        return None
    return BoxKey.made_of(entropy) if len(entropy) == CODE_BYTES else None


def receipt_of(entropy: bytes) -> str:
    """Return the number of a paper."""
    return base64.b32encode(entropy).decode()


def seal_paper(
    locks: Sequence[bytes], paper: BallotPaper, *, about: bytes, ephemeral: bytes
) -> bytes:
    """Return a paper that opens with the keys of all ``locks`` together.

    It serves for the vote ``about`` alone.
    """
    own = X25519PrivateKey.from_private_bytes(ephemeral)
    shared = b"".join(own.exchange(X25519PublicKey.from_public_bytes(each)) for each in locks)
    written = b"".join(_LETTERS[each] for each in paper.choices) + paper.receipt.encode()
    first = _raw(own.public_key())
    cipher = _cipher(shared, first, locks)
    return first + cipher.encrypt(_NONCE, written, about)


def open_paper(
    keys: Sequence[BoxKey], sealed: bytes, *, about: bytes, cases: int
) -> BallotPaper | None:
    """Return a paper of the vote ``about`` on ``cases``; None where it is no such paper.

    ``keys``: of all locks, in the order of the locks.
    """
    first, rest = sealed[:_KEY_BYTES], sealed[_KEY_BYTES:]
    try:
        theirs = X25519PublicKey.from_public_bytes(first)
        shared = b"".join(each.private.exchange(theirs) for each in keys)
        locks = [each.public for each in keys]
        written = _cipher(shared, first, locks).decrypt(_NONCE, rest, about)
    except (InvalidTag, ValueError):
        return None
    if len(written) != cases + _RECEIPT_LETTERS:
        return None
    letters: Sequence[bytes] = [written[place : place + 1] for place in range(cases)]
    if not set(letters) <= set(_CHOICES):
        return None
    choices = tuple(_CHOICES[each] for each in letters)
    return BallotPaper(choices=choices, receipt=written[cases:].decode("ascii"))


def _cipher(shared: bytes, first: bytes, locks: Sequence[bytes]) -> ChaCha20Poly1305:
    info = b"thidua-paper/v1" + first + b"".join(locks)
    derived = HKDF(hashes.SHA256(), _KEY_BYTES, None, info)
    return ChaCha20Poly1305(derived.derive(shared))


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _grouped(letters: str) -> str:
    groups = (letters[place : place + _GROUP] for place in range(0, len(letters), _GROUP))
    return "-".join(groups)
