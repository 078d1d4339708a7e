"""Set-up codes: one-time capabilities to set a password or a first factor, mailed or printed.

Owns the table ``setup_codes``. The code is derived from keys and row, like a link's token, so the
database alone opens nothing. Codes live a day (invitation) or half an hour (reset); using one uses
it up, and a new one ends the earlier.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, literal_column, select, update

from notifications.mails import MAILS
from notifications.messages import Carried
from notifications.occasions import INVITATION_LIVES, RESET_LIVES
from notifications.outbox_states import UNSENT, OutboxState
from workflow.links import Keys
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared

FIRST_FACTOR = "factor"
"""The purpose of a code that sets a first second factor, once a printed one set the password."""
PRINTED = "admin"
"""The purpose of a code that the server's command line printed, to hand over in person."""
LIFETIMES = {
    "invitation": INVITATION_LIVES,
    "reset": RESET_LIVES,
    PRINTED: RESET_LIVES,
    FIRST_FACTOR: RESET_LIVES,
}

_codes = schema.setup_codes.c
_INSERT = Prepared(insert(schema.setup_codes))
_FIND = Prepared(
    select(_codes.person, _codes.purpose, _codes.kid, _codes.expires_at, _codes.used_at).where(
        _codes.id == bindparam("of_id")
    )
)
_EXTEND = Prepared(
    update(schema.setup_codes)
    .where(_codes.id == bindparam("of_id"), _codes.used_at.is_(None))
    .values(expires_at=bindparam("until"))
)
_USE = Prepared(
    update(schema.setup_codes)
    .where(
        _codes.id == bindparam("of_id"),
        _codes.used_at.is_(None),
        _codes.expires_at > bindparam("now"),
    )
    .values(used_at=bindparam("now"))
)
_END = Prepared(
    update(schema.setup_codes)
    .where(_codes.person == bindparam("of_person"), _codes.used_at.is_(None))
    .values(used_at=bindparam("now"))
)
_outbox = schema.outbox.c
_END_LETTERS = Prepared(
    update(schema.outbox)
    .where(
        _outbox.person == bindparam("of_person"),
        _outbox.kind.in_(
            [
                literal_column(f"'{each.kind.value}'")
                for each in MAILS.values()
                if each.carries is Carried.SETUP_CODE
            ]
        ),
        # In the words of the partial index over what is unsent.
        UNSENT,
    )
    .values(state=OutboxState.SUPERSEDED.value, lease_token=None, lease_until=None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupCode:
    """A genuine code's row: whose it is, what for, and whether it can still be used."""

    id: bytes
    person: PersonId
    purpose: str
    is_live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeIssuer:
    """Issues and reads set-up codes."""

    keys: Keys
    clock: Callable[[], datetime]

    def issue(self, connection: Connection, person: PersonId, purpose: str, *, seed: str) -> str:
        """Return the code of ``seed`` for ``person``.

        The same seed gives the same code, so a retried mail carries it again.
        """
        identity = self._identity(seed)
        until = written(self.clock() + LIFETIMES[purpose])
        if _FIND.one(connection, {"of_id": identity}) is None:
            row = {
                "id": identity,
                "person": person,
                "purpose": purpose,
                "kid": self.keys.newest,
                "expires_at": until,
            }
            _INSERT.run(connection, row)
        else:
            _EXTEND.run(connection, {"of_id": identity, "until": until})
        mac = self._mac(self.keys.newest, identity, person, purpose)
        return f"s1.{self.keys.newest}.{identity.hex()}.{mac}"

    def read(self, connection: Connection, code: str) -> SetupCode | None:
        """Return the row of ``code`` if it is genuine, else None."""
        try:
            version, kid, identifier, mac = code.split(".")
            identity = bytes.fromhex(identifier)
        except ValueError:
            return None
        if version != "s1" or kid not in self.keys.by_kid:
            return None
        row = _FIND.one(connection, {"of_id": identity})
        if (
            row is None
            or row.kid != kid
            or not hmac.compare_digest(
                self._mac(row.kid, identity, row.person, row.purpose).encode(), mac.encode()
            )
        ):
            return None
        is_live = row.used_at is None and read_required(row.expires_at) > self.clock()
        return SetupCode(
            id=identity, person=PersonId(row.person), purpose=row.purpose, is_live=is_live
        )

    def is_issued(self, connection: Connection, seed: str) -> bool:
        """Return whether the code of ``seed`` was issued before, whatever became of it."""
        return _FIND.one(connection, {"of_id": self._identity(seed)}) is not None

    def use(self, connection: Connection, code: SetupCode) -> bool:
        """Use a code up; return whether it was still live."""
        return _USE.run(connection, {"of_id": code.id, "now": written(self.clock())}) == 1

    def end_all(self, connection: Connection, person: PersonId) -> None:
        """End every code of ``person``, and the letters under way that would bring another."""
        _END.run(connection, {"of_person": person, "now": written(self.clock())})
        _END_LETTERS.run(connection, {"of_person": person})

    def totp_secret(self, code: SetupCode) -> str:
        """Return the authenticator's secret that ``code`` may set, in base32; not kept yet."""
        message = f"thidua-totp/v1\0{self.keys.deployment}\0{code.person}\0".encode() + code.id
        newest = self.keys.by_kid[self.keys.newest]
        return base64.b32encode(hmac.new(newest, message, hashlib.sha256).digest()[:20]).decode()

    def _identity(self, seed: str) -> bytes:
        return hmac.new(
            self.keys.by_kid[self.keys.newest], b"thidua-code-id/v1" + seed.encode(), hashlib.sha256
        ).digest()[:16]

    def _mac(self, kid: str, identity: bytes, person: PersonId, purpose: str) -> str:
        message = (
            f"thidua-code/v1\0{self.keys.deployment}\0{person}\0{purpose}\0".encode() + identity
        )
        return hmac.new(self.keys.by_kid[kid], message, hashlib.sha256).hexdigest()
