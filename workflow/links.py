"""Links: capabilities mailed to one person, above all to decide one item, in one step.

Owns the token (how it is derived from keys and row, and how one is read) and the one ladder of such
a link's status, with what each rung refuses. The row holds no secret that the keys do not complete,
and the keys none that the row does not. Pure: keys, ids and instants are arguments.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Protocol, TypeVar

from workflow import canonical
from workflow.errors import LinkEndedRefusal, LinkRefusal, reason
from workflow.model import ContentHash, ItemId, PersonId

_SHAPE = re.compile(r"([abkpru]1)\.([A-Za-z0-9_-]{1,16})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")
ID_BYTES = 16


class Purpose(StrEnum):
    """What a link is for, as its token begins."""

    DECISION = "a1"
    """To decide one item."""
    PROPOSAL = "p1"
    """To confirm or reject one proposal."""
    BALLOT = "b1"
    """To cast one paper in a vote of the council."""
    UNDO = "u1"
    """To take back one change of one's own account."""
    ANSWER = "r1"
    """To answer a dossier: of the body outside that it was sent to."""
    PACKAGE = "k1"
    """To fetch the package of a dossier, likewise."""


_BOUND_AS = {
    Purpose.DECISION: b"thidua-link/v1",
    Purpose.PROPOSAL: b"thidua-proposal-link/v1",
    Purpose.BALLOT: b"thidua-ballot-link/v1",
    Purpose.UNDO: b"thidua-undo-link/v1",
    Purpose.ANSWER: b"thidua-answer-link/v1",
    Purpose.PACKAGE: b"thidua-package-link/v1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The row of a link.

    It is live while step and content hash are the item's, and it is unused and unrevoked.
    """

    id: bytes
    kid: str
    person: PersonId
    item: ItemId
    step: int
    content_hash: ContentHash
    expires_at: datetime
    used_at: datetime | None = None
    used_entry: int | None = None
    revoked_at: datetime | None = None
    revoke_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientLink:
    """The row of a link to what left with one number: for whom, mailed where, until when.

    ``item_id``, ``version``: of the dispatch; ``recipient``: an id of the agency's file, ``name``
    and ``address`` as they were.
    """

    id: bytes
    item_id: ItemId
    version: int
    recipient: str
    name: str
    address: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    @property
    def bound(self) -> tuple[bytes, ...]:
        """Return all that its tokens are bound to."""
        return (
            self.id,
            str(self.item_id).encode(),
            str(self.version).encode(),
            self.recipient.encode(),
            self.address.encode(),
            canonical.instant(self.expires_at).encode(),
        )


class BoundRow(Protocol):
    """A row that tokens derive from."""

    @property
    def bound(self) -> tuple[bytes, ...]:
        """Return all that its tokens are bound to, its id first."""


BoundRowT = TypeVar("BoundRowT", bound=BoundRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of a deployment by key id, newest first; the newest derives, all verify."""

    deployment: str
    by_kid: Mapping[str, bytes]

    @property
    def newest(self) -> str:
        """Return the id of the key that new links are derived with."""
        return next(iter(self.by_kid))

    def __repr__(self) -> str:
        """Name the keys without showing them."""
        return f"Keys(deployment={self.deployment!r}, kids={list(self.by_kid)!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedToken:
    """The parts of a token that has the right shape; nothing is proven yet."""

    purpose: Purpose
    kid: str
    id: bytes
    mac: bytes


class RevokeReason(StrEnum):
    """Why a link was revoked, as its row says."""

    LEFT = "left"
    """Its person works here no more."""
    ADDRESS_CHANGED = "address-changed"
    NOT_ME = "not_me"
    """Whoever got it said that it was not meant for them."""


class LinkStatus(StrEnum):
    """What a genuine link is good for, or why for nothing any more."""

    LIVE = "live"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"
    MOVED = "moved"
    CHANGED = "changed"


def status_of(link: Link, *, step: int, content_hash: str, now: datetime) -> LinkStatus:
    """Return the status of a link to an item that is in ``step`` with that content.

    The page and the decision both go by it.

    The order says what a reader hears first. A link has expired from its very last instant on. No
    due date ends one.
    """
    if link.used_entry is not None:
        return LinkStatus.USED
    if link.revoked_at is not None:
        return LinkStatus.REVOKED
    if link.expires_at <= now:
        return LinkStatus.EXPIRED
    if link.step != step:
        return LinkStatus.MOVED
    return LinkStatus.LIVE if link.content_hash == content_hash else LinkStatus.CHANGED


def refusal_of(status: LinkStatus) -> LinkRefusal | None:
    """Return why a link of ``status`` decides nothing any more, or None while it is live."""
    match status:
        case LinkStatus.LIVE:
            return None
        case LinkStatus.USED:
            return LinkRefusal(
                reason(
                    "link-used",
                    "This link was already used for another decision. See the receipt below.",
                )
            )
        case LinkStatus.REVOKED:
            return LinkEndedRefusal(
                reason("link-revoked", "This link was revoked. You may ask for a fresh link.")
            )
        case LinkStatus.EXPIRED:
            return LinkEndedRefusal(
                reason("link-expired", "This link has expired. You may ask for a fresh link.")
            )
        case LinkStatus.MOVED:
            return LinkRefusal(
                reason(
                    "link-moved",
                    "The item has moved to another step, so this link no longer serves.",
                )
            )
        case LinkStatus.CHANGED:
            return LinkRefusal(
                reason(
                    "link-changed",
                    "The content of the item changed after the link was sent. A new link "
                    "is sent to you within minutes.",
                )
            )


def token(keys: Keys, link: Link) -> str:
    """Return the token of ``link``. Raises KeyError if its key is retired."""
    return _written(keys, Purpose.DECISION, link.kid, _bound(link))


def token_for(keys: Keys, purpose: Purpose, bound: Sequence[bytes]) -> str:
    """Return the token of a row that is bound to ``bound``, its id first; by the newest key."""
    return _written(keys, purpose, keys.newest, bound)


def parse(text: str, purpose: Purpose = Purpose.DECISION) -> ParsedToken | None:
    """Return the parts of ``text``, or None where it is not exactly what is written for this.

    That is RFC 4648 §5 without padding.
    """
    found = _SHAPE.fullmatch(text)
    if found is None or not text.isascii() or found[1] != purpose:
        return None
    identity, mac = _decode(found[3]), _decode(found[4])
    if identity is None or mac is None:
        return None
    return ParsedToken(purpose=purpose, kid=found[2], id=identity, mac=mac)


def is_genuine(keys: Keys, link: Link, parsed: ParsedToken) -> bool:
    """Return whether ``parsed`` was derived for ``link`` by this deployment; in constant time."""
    return parsed.kid == link.kid and is_bound(keys, parsed, _bound(link))


def is_bound(keys: Keys, parsed: ParsedToken, bound: Sequence[bytes]) -> bool:
    """Return whether ``parsed`` was derived by this deployment for what is bound so."""
    if parsed.kid not in keys.by_kid:
        return False
    return hmac.compare_digest(_mac(keys, parsed.purpose, parsed.kid, bound), parsed.mac)


def find_by_token(
    keys: Keys, token: str, purpose: Purpose, find: Callable[[bytes], BoundRowT | None]
) -> BoundRowT | None:
    """Return the row that ``token`` was derived from; None where it is unknown or forged.

    ``find``: a row by its id.
    """
    parsed = parse(token, purpose)
    row = find(parsed.id) if parsed is not None else None
    if parsed is None or row is None or not is_bound(keys, parsed, row.bound):
        return None
    return row


def _bound(link: Link) -> tuple[bytes, ...]:
    return (
        link.id,
        str(link.person).encode(),
        str(link.item).encode(),
        str(link.step).encode(),
        link.content_hash.encode(),
        canonical.instant(link.expires_at).encode(),
    )


def _written(keys: Keys, purpose: Purpose, kid: str, bound: Sequence[bytes]) -> str:
    return f"{purpose}.{kid}.{_encode(bound[0])}.{_encode(_mac(keys, purpose, kid, bound))}"


def _mac(keys: Keys, purpose: Purpose, kid: str, bound: Sequence[bytes]) -> bytes:
    """Return HMAC-SHA256 over every part the link is bound to.

    Each is prefixed by its length, so that none can flow into the next.
    """
    parts = (_BOUND_AS[purpose], keys.deployment.encode(), *bound)
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.new(keys.by_kid[kid], message, sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes | None:
    """Return the bytes of ``text``, or None where its trailing bits are not canonical."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if _encode(raw) == text else None
