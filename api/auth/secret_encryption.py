"""The vault: PIN hashes, TOTP secrets and enrolment codes under keys that are not in the database.

Owns the sealing of those columns and the ring of data keys (setting ``vault``). A data key is
random; it is kept wrapped under each of ``THIDUA_SECRET_KEYS``, so a new key needs no new row and
works before and after a restart. When a key is retired, the data key it could unwrap is replaced
and every row sealed anew. AES-256-GCM binds a value to its person and column: one copied to
somebody else's row opens nothing. Must never keep an unwrapped key.

A database or a backup alone holds cipher text only: a PIN of six digits cannot be guessed from it.
"""

import base64
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, bindparam, or_, select, update

from api.auth.factor_entries import record_factor
from workflow.command import MACHINE, Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.errors import InvalidInputError
from workflow.history.agency_payloads import FactorsResealed
from workflow.messages import lazy
from workflow.model import PersonId
from workflow.queries.subject_ties import is_as_recorded
from workflow.store import definitions, schema
from workflow.store.prepared import Prepared

SEALED = ("pin_hash", "totp_secret", "enrol_hash")
"""The columns of ``credentials`` that are kept sealed."""
RING = "vault"
_PREFIX = "e1"
_KEY_BYTES, _NONCE_BYTES, _ID_BYTES = 32, 12, 4
_PARTS = 3

_credentials = schema.credentials.c
_COLUMNS = [_credentials[name] for name in SEALED]
_ROWS = Prepared(
    select(_credentials.person, *_COLUMNS).where(or_(*(each.is_not(None) for each in _COLUMNS)))
)
_PUT = {
    name: Prepared(
        update(schema.credentials)
        .where(_credentials.person == bindparam("of_person"))
        .values({name: bindparam("sealed")})
    )
    for name in SEALED
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepVault(Upkeep[int]):
    """Bring the ring and every sealed column up to the present keys.

    Answers how many rows no key opens.
    """

    contends_for: ClassVar[str] = "credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class _DataKey:
    """A data key as it is kept: wrapped by key id, in the order in which the keys came to be."""

    id: str
    wraps: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Vault:
    """Seals and opens under the secret keys ``by_kid``, newest first; without any seals nothing."""

    by_kid: Mapping[str, bytes]

    def __repr__(self) -> str:
        """Name the keys without showing them."""
        return f"Vault(kids={list(self.by_kid)!r})"

    @cached_property
    def _keys(self) -> dict[str, bytes]:
        """The keys by id and fingerprint: an id used again for another key is another key."""
        return {
            f"{kid}:{hmac.new(key, b'thidua-vault-id/v1', sha256).hexdigest()[:12]}": key
            for kid, key in self.by_kid.items()
        }

    def seal(self, connection: Connection, person: PersonId, name: str, value: str) -> str:
        """Return ``value`` sealed for a person's column, inside a write; as it is without keys."""
        if not self.by_kid:
            return value
        ring = _locked_ring(connection)
        present = self._first_openable(ring)
        if present is None:
            ring = [self._new_data_key(), *ring]
            _put_ring(connection, ring)
            present = ring[0]
        return self._sealed(present, person, name, value)

    def open(
        self, connection: Connection, person: PersonId, name: str, kept: str | None
    ) -> str | None:
        """Return what was sealed; None where nothing is kept, or no present key opens it here."""
        if kept is None or not is_sealed(kept):
            return kept
        return self._opened(_ring(connection), person, name, kept)

    def needs_keeping(self, connection: Connection) -> bool:
        """Return whether keys have come or gone, or something lies open."""
        if not self.by_kid:
            return False
        present = self._first_openable(_ring(connection))
        kept = [value for _, _, value in _values(connection)]
        if present is None:
            return any(not is_sealed(each) for each in kept)
        is_current = set(self._keys) <= set(present.wraps) and not self._retired(present)
        return not is_current or any(
            not each.startswith(f"{_PREFIX}.{present.id}.") for each in kept
        )

    def keep(self, connection: Connection) -> int:
        """Do as ``KeepVault`` says."""
        if not self.by_kid:
            return 0
        ring = _locked_ring(connection)
        present = self._first_openable(ring)
        is_spent = present is None or self._retired(present)
        present = (
            self._new_data_key() if present is None or is_spent else self._wrapped_for_all(present)
        )
        known = [present, *(each for each in ring if each.id != present.id)]
        _put_ring(connection, known)
        unopened = self._reseal(connection, known, present)
        used = {value.split(".")[1] for _, _, value in _values(connection)}
        # One that opened its rows is done with; one whose secret key may come back waits for it.
        waiting = [each for each in known[1:] if each.id in used and self._unwrapped(each) is None]
        _put_ring(connection, [present, *waiting])
        return unopened

    def _reseal(self, connection: Connection, ring: Sequence[_DataKey], present: _DataKey) -> int:
        unopened = 0
        if connection.dialect.name == "sqlite":
            # What lay open must not stay readable in the file's free space, which backups copy.
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        for person, name, kept in list(_values(connection)):
            if kept.startswith(f"{_PREFIX}.{present.id}."):
                continue
            value = self._opened(ring, person, name, kept) if is_sealed(kept) else kept
            if value is None:
                unopened += 1
                continue
            sealed = self._sealed(present, person, name, value)
            _PUT[name].run(connection, {"of_person": person, "sealed": sealed})
        return unopened

    def unopened(self, connection: Connection) -> int:
        """Return how many values no present key opens."""
        ring = _ring(connection)
        return sum(
            is_sealed(kept) and self._opened(ring, person, name, kept) is None
            for person, name, kept in _values(connection)
        )

    def _retired(self, present: _DataKey) -> bool:
        """Return whether a key older than our newest is gone; a newer one is only about to come."""
        order = list(present.wraps)
        newest = max(order.index(kid) for kid in self._keys if kid in present.wraps)
        return any(kid not in self._keys for kid in order[:newest])

    def _first_openable(self, ring: Sequence[_DataKey]) -> _DataKey | None:
        return next((each for each in ring if any(kid in self._keys for kid in each.wraps)), None)

    def _new_data_key(self) -> _DataKey:
        bare = _DataKey(id=secrets.token_hex(_ID_BYTES), wraps={})
        raw = secrets.token_bytes(_KEY_BYTES)
        return replace(
            bare, wraps={kid: self._wrap(bare.id, kid, raw) for kid in reversed(self._keys)}
        )

    def _wrapped_for_all(self, present: _DataKey) -> _DataKey:
        missing = [kid for kid in reversed(self._keys) if kid not in present.wraps]
        if not missing:
            return present
        raw = self._unwrapped(present)
        if raw is None:
            return self._new_data_key()
        return replace(
            present,
            wraps={**present.wraps, **{kid: self._wrap(present.id, kid, raw) for kid in missing}},
        )

    def _wrap(self, identity: str, kid: str, raw: bytes) -> str:
        return _encrypted(_wrapping(self._keys[kid]), raw, f"thidua-vault/v1\0{identity}\0{kid}")

    def _unwrapped(self, data_key: _DataKey) -> bytes | None:
        opened = (
            _decrypted(
                _wrapping(self._keys[kid]), wrapped, f"thidua-vault/v1\0{data_key.id}\0{kid}"
            )
            for kid, wrapped in data_key.wraps.items()
            if kid in self._keys
        )
        return next((each for each in opened if each is not None), None)

    def _sealed(self, data_key: _DataKey, person: PersonId, name: str, value: str) -> str:
        raw = self._unwrapped(data_key)
        if raw is None:
            raise InvalidInputError(
                lazy(
                    "The ring of keys in the database was tampered with and does not open. "
                    "Restore from a backup."
                )
            )
        sealed = _encrypted(AESGCM(raw), value.encode(), _bound(person, name))
        return f"{_PREFIX}.{data_key.id}.{sealed}"

    def _opened(
        self, ring: Sequence[_DataKey], person: PersonId, name: str, kept: str
    ) -> str | None:
        _, identity, text = kept.split(".")
        data_key = next((each for each in ring if each.id == identity), None)
        raw = self._unwrapped(data_key) if data_key is not None else None
        value = _decrypted(AESGCM(raw), text, _bound(person, name)) if raw is not None else None
        return None if value is None else value.decode()


def use_cases(vault: Vault) -> UseCases:
    """Return how the vault is kept."""

    def keep(transaction: Transaction, _command: KeepVault) -> int:
        return keep_sealed(vault, transaction)

    return {KeepVault: one_by_one(KeepVault, keep)}


def keep_sealed(vault: Vault, transaction: Transaction) -> int:
    """Do as ``KeepVault`` says, and record whose factors were sealed anew.

    No row that was changed past the program is made good by being sealed: it is not recorded.
    """
    connection = transaction.connection
    before = set(_values(connection))
    recorded = {each for each, _, _ in before if is_as_recorded(connection, f"person:{each}")}
    unopened = vault.keep(connection)
    changed = {each for each, _, _ in before - set(_values(connection))}
    for person in sorted(recorded & changed):
        record_factor(transaction, MACHINE, person, FactorsResealed())
    return unopened


def is_sealed(kept: str) -> bool:
    """Return whether a column's value is sealed."""
    return kept.startswith(f"{_PREFIX}.") and kept.count(".") == _PARTS - 1


def _values(connection: Connection) -> Iterator[tuple[PersonId, str, str]]:
    """Yield person, column and value of all that is or should be sealed."""
    for row in _ROWS.rows(connection, {}):
        yield from (
            (PersonId(row.person), name, value)
            for name in SEALED
            if (value := getattr(row, name)) is not None
        )


def _bound(person: PersonId, name: str) -> str:
    return f"thidua-credentials/v1\0{person}\0{name}"


def _ring(connection: Connection) -> list[_DataKey]:
    return _read_ring(definitions.setting(connection, RING))


def _locked_ring(connection: Connection) -> list[_DataKey]:
    """Return the ring, which no other process changes until this transaction ends."""
    definitions.put_setting_once(connection, RING, "[]")
    return _read_ring(definitions.locked_setting(connection, RING))


def _read_ring(stored: str | None) -> list[_DataKey]:
    return [_DataKey(id=each["id"], wraps=each["wraps"]) for each in json.loads(stored or "[]")]


def _put_ring(connection: Connection, ring: Sequence[_DataKey]) -> None:
    definitions.put_setting(
        connection, RING, json.dumps([{"id": each.id, "wraps": dict(each.wraps)} for each in ring])
    )


def _wrapping(secret_key: bytes) -> AESGCM:
    """Return the cipher that wraps data keys; derived, for the secret key also signs links."""
    return AESGCM(
        HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"thidua-vault/v1").derive(
            secret_key
        )
    )


def _encrypted(cipher: AESGCM, raw: bytes, bound_to: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.urlsafe_b64encode(nonce + cipher.encrypt(nonce, raw, bound_to.encode())).decode()


def _decrypted(cipher: AESGCM, text: str, bound_to: str) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode(text)
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):
        return None
