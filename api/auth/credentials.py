"""What is kept of a person's secrets: password, PIN, one-time codes, enrolment; and their attempts.

Owns the table ``credentials``, whose second factors the vault seals, and the count of attempts:
each is counted before it is judged, so parallel guesses do not escape. It must never judge a
secret.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from sqlalchemy import Connection, bindparam, insert, select, update

from api.auth.factor_entries import BY_COMMAND_LINE, record_factor
from api.auth.secret_encryption import SEALED, Vault
from notifications.occasions import FactorLocked
from notifications.outbox import Outbox
from workflow.command import Outcome, Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.events import AccountChange, AccountChanged
from workflow.history.agency_payloads import FactorSet
from workflow.model import OFFICE, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared

ATTEMPTS = 5
FACTORS = {"password_hash": "password", "pin_hash": "pin", "totp_secret": "totp"}
"""What history calls the factor of a column."""
LOCK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What is kept of a person's secrets.

    What is sealed is opened only to be judged, by ``CountAttempt``.
    """

    password_hash: str | None
    pin_hash: str | None
    totp_secret: str | None
    totp_step: int
    failures: int
    locked_until: datetime | None
    enrol_hash: str | None = None
    enrol_until: datetime | None = None
    enrol_kept: str | None = None
    """The enrolment code's hash as it is kept, sealed; tells whether it is still the same."""


_credentials = schema.credentials.c
_SECRETS = Mapper(Secrets, schema.credentials, without=("enrol_kept",))
_FIND = Prepared(select(*_SECRETS.columns).where(_credentials.person == bindparam("of_person")))
_END_ENROLMENT = Prepared(
    update(schema.credentials)
    .where(
        _credentials.person == bindparam("of_person"),
        _credentials.enrol_hash == bindparam("of_hash"),
    )
    .values(enrol_hash=None, enrol_until=None)
)
_NEW = Prepared(insert(schema.credentials))
_PUT = {
    name: Prepared(
        update(schema.credentials)
        .where(_credentials.person == bindparam("of_person"))
        .values({name: bindparam("new_value")})
    )
    for name in ("password_hash", "pin_hash", "totp_secret", "enrol_hash", "enrol_until")
}
_COUNT = Prepared(
    update(schema.credentials)
    .where(_credentials.person == bindparam("of_person"))
    .values(failures=bindparam("new_failures"), locked_until=bindparam("until"))
)
_CLEAR = Prepared(
    update(schema.credentials)
    .where(
        _credentials.person == bindparam("of_person"), _credentials.totp_step < bindparam("step")
    )
    .values(failures=0, locked_until=None, totp_step=bindparam("step"))
)
_CLEAR_PIN = Prepared(
    update(schema.credentials)
    .where(_credentials.person == bindparam("of_person"))
    .values(failures=0, locked_until=None)
)

_WITH_PASSWORD = Prepared(
    select(_credentials.person).where(_credentials.password_hash.is_not(None))
)


def with_password(connection: Connection) -> set[PersonId]:
    """Return who has set a password."""
    return {PersonId(row.person) for row in _WITH_PASSWORD.rows(connection, {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class PutSecret(Upkeep[None]):
    """Set a hash or a TOTP secret of a person (``name`` is the column)."""

    person: PersonId
    name: str
    value: str
    tells: bool = True
    """Whether the person is told of a factor; not of the sample's, which everybody knows."""
    contends_for: ClassVar[str] = "credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCredentials(Upkeep[Outcome]):
    """A command about one person's second factor."""

    person: PersonId

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"credentials:{self.person}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountAttempt(OfCredentials[Secrets | None]):
    """Count an attempt at a second factor before judging it.

    Answers the secrets, or None while locked. Run again it counts once more, never too few.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearAttempts(OfCredentials[bool]):
    """Record a right factor.

    Answers whether ``totp_step`` was unused; run again it was not, and the next code is asked for.
    """

    totp_step: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfLock(OfCredentials[None]):
    """Tell a person and the Office that the second factor is locked."""


def find_secrets(connection: Connection, person: PersonId) -> Secrets | None:
    """Return what is kept of a person's secrets, or None."""
    return _SECRETS.find(_FIND.one(connection, {"of_person": person}))


def end_enrolment(connection: Connection, person: PersonId, kept_hash: str) -> bool:
    """Use up an enrolment code; return whether it was still there."""
    return _END_ENROLMENT.run(connection, {"of_person": person, "of_hash": kept_hash}) == 1


def put_secret(connection: Connection, person: PersonId, name: str, value: str | None) -> None:
    """Set one column of what is kept of a person's secrets, sealed where it is to be."""
    if find_secrets(connection, person) is None:
        _NEW.run(connection, {"person": person, "totp_step": 0, "failures": 0})
    _PUT[name].run(connection, {"of_person": person, "new_value": value})


def use_cases(outbox: Outbox, vault: Vault) -> UseCases:
    """Return how each command about credentials is run."""
    return {
        PutSecret: one_by_one(PutSecret, partial(_put, outbox, vault)),
        CountAttempt: one_by_one(CountAttempt, partial(_count, vault)),
        ClearAttempts: one_by_one(ClearAttempts, _clear),
        TellOfLock: one_by_one(TellOfLock, partial(_tell, outbox)),
    }


def _put(outbox: Outbox, vault: Vault, transaction: Transaction, command: PutSecret) -> None:
    connection, person, value = transaction.connection, command.person, command.value
    kept = find_secrets(connection, person)
    present = getattr(kept, command.name) if kept is not None else None
    if isinstance(present, str) and value == vault.open(connection, person, command.name, present):
        return
    if command.name in SEALED:
        value = vault.seal(connection, person, command.name, value)
    put_secret(connection, person, command.name, value)
    if command.name in FACTORS:
        record_factor(transaction, BY_COMMAND_LINE, person, FactorSet(factor=FACTORS[command.name]))
    if command.tells and command.name in {"pin_hash", "totp_secret"}:
        told = AccountChanged(person=person, what=AccountChange.FACTOR, by=None, at=transaction.now)
        outbox.add(connection, [told])


def _count(vault: Vault, transaction: Transaction, command: CountAttempt) -> Secrets | None:
    connection, person, now = transaction.connection, command.person, transaction.now
    secrets = find_secrets(connection, person)
    if secrets is None:
        return Secrets(
            password_hash=None,
            pin_hash=None,
            totp_secret=None,
            totp_step=0,
            failures=0,
            locked_until=None,
        )
    # A lock beyond any lock was set by a clock that ran ahead and has been set right.
    if secrets.locked_until is not None and now < secrets.locked_until <= now + LOCK:
        return None
    failures = 1 if secrets.locked_until is not None else secrets.failures + 1
    # The last attempt locks before it is judged: a crash or a parallel guess leaves the lock, a
    # right answer lifts it.
    until = written(now + LOCK) if failures >= ATTEMPTS else None
    _COUNT.run(connection, {"of_person": person, "new_failures": failures, "until": until})
    return replace(
        secrets,
        failures=failures,
        pin_hash=vault.open(connection, person, "pin_hash", secrets.pin_hash),
        totp_secret=vault.open(connection, person, "totp_secret", secrets.totp_secret),
        enrol_hash=vault.open(connection, person, "enrol_hash", secrets.enrol_hash),
        enrol_kept=secrets.enrol_hash,
    )


def _clear(transaction: Transaction, command: ClearAttempts) -> bool:
    connection = transaction.connection
    if command.totp_step is None:
        return _CLEAR_PIN.run(connection, {"of_person": command.person}) == 1
    return _CLEAR.run(connection, {"of_person": command.person, "step": command.totp_step}) == 1


def _tell(outbox: Outbox, transaction: Transaction, command: TellOfLock) -> None:
    owner = command.person
    kept = find_secrets(transaction.connection, owner)
    # Named by the end of the lock, so that one lock is told of once.
    at = (kept.locked_until if kept is not None else None) or transaction.now
    letters = [
        FactorLocked(person=each, owner=owner, at=at) for each in with_office(transaction, owner)
    ]
    outbox.add(transaction.connection, letters)


def with_office(transaction: Transaction, person: PersonId) -> Collection[PersonId]:
    """Return who hears what happened to a person's second factor: that person and the Office."""
    office = (each.id for each in transaction.directory.in_positions(OFFICE))
    return dict.fromkeys([person, *office])
