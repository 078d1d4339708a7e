"""Passwords, PINs and one-time codes: how they are kept and checked.

Owns the table ``credentials``, whose second factors the vault seals. Hashes are argon2id, computed
outside transactions and off the event loop, at most two at once. Every attempt at a second factor
is counted before it is judged, so parallel guesses do not escape the count.
"""

import asyncio
import hmac
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import Connection, bindparam, insert, select, update

from api.auth.secret_encryption import SEALED, Vault
from notifications.occasions import FactorLocked
from notifications.outbox import Outbox
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.database import Database
from workflow.errors import FactorLockedRefusal, SecondFactorRefusal, reason
from workflow.model import OFFICE, Method, PersonId
from workflow.rules import missing_factor
from workflow.store import schema
from workflow.store.instants import read, written
from workflow.store.prepared import Prepared

if TYPE_CHECKING:
    from argon2 import PasswordHasher

ATTEMPTS = 5
LOCK = timedelta(minutes=15)
SAMPLE_PIN = "246810"
"""The PIN of the sample agency, as its file and the manual tell everybody."""
SECRET_MOST = 1024
"""Characters of a typed secret that are looked at; no secret that was ever set is longer."""

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")

_credentials = schema.credentials.c
_FIND = Prepared(
    select(
        _credentials.password_hash,
        _credentials.pin_hash,
        _credentials.totp_secret,
        _credentials.totp_step,
        _credentials.failures,
        _credentials.locked_until,
        _credentials.enrol_hash,
        _credentials.enrol_until,
    ).where(_credentials.person == bindparam("of_person"))
)
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


_WITH_PASSWORD = Prepared(
    select(_credentials.person).where(_credentials.password_hash.is_not(None))
)


def with_password(connection: Connection) -> set[PersonId]:
    """Return who has set a password."""
    return {PersonId(row.person) for row in _WITH_PASSWORD.rows(connection, {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class PutSecret(Upkeep[None]):
    """Set a hash or a TOTP secret of a person (``name`` is the column)."""

    is_repeatable: ClassVar[bool] = True
    person: PersonId
    name: str
    value: str
    contends_for: ClassVar[str] = "credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountAttempt(Upkeep[Secrets | None]):
    """Count an attempt at a second factor before judging it.

    Answers the secrets, or None while locked.
    """

    person: PersonId

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"credentials:{self.person}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearAttempts(Upkeep[bool]):
    """Record a right factor.

    ``totp_step`` is the step used. Answers whether that step was unused.
    """

    person: PersonId
    totp_step: int | None

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"credentials:{self.person}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfLock(Upkeep[None]):
    """Tell a person and the Office that the second factor is locked."""

    person: PersonId

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"credentials:{self.person}"


def find_secrets(connection: Connection, person: PersonId) -> Secrets | None:
    """Return what is kept of a person's secrets, or None."""
    row = _FIND.one(connection, {"of_person": person})
    if row is None:
        return None
    return Secrets(
        password_hash=row.password_hash,
        pin_hash=row.pin_hash,
        totp_secret=row.totp_secret,
        totp_step=row.totp_step,
        failures=row.failures,
        locked_until=read(row.locked_until),
        enrol_hash=row.enrol_hash,
        enrol_until=read(row.enrol_until),
    )


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
        PutSecret: one_by_one(PutSecret, partial(_put, vault)),
        CountAttempt: one_by_one(CountAttempt, partial(_count, vault)),
        ClearAttempts: one_by_one(ClearAttempts, _clear),
        TellOfLock: one_by_one(TellOfLock, partial(_tell, outbox)),
    }


def _put(vault: Vault, transaction: Transaction, command: PutSecret) -> None:
    connection, value = transaction.connection, command.value
    if command.name in SEALED:
        value = vault.seal(connection, command.person, command.name, value)
    put_secret(connection, command.person, command.name, value)


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
    person, now = command.person, transaction.now
    office = [each.id for each in transaction.directory.in_positions(OFFICE)]
    told = dict.fromkeys([person, *office])
    outbox.add(
        transaction.connection, [FactorLocked(person=each, owner=person, at=now) for each in told]
    )


@lru_cache(maxsize=1)
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415 - with the first sign-in, not before the first answer

    return PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)


def in_one_form(secret: str) -> str:
    """Return a typed secret in the form that is hashed: compatibility letters and marks alike (NIST SP 800-63B, NFKC).

    Keyboards and systems write "ế" as one, two or three characters, and digits in full width.
    """
    return unicodedata.normalize("NFKC", secret[:SECRET_MOST]).encode("utf-8", "replace").decode()


async def hash_secret(secret: str) -> str:
    """Return the argon2id hash of a password or PIN."""
    return await asyncio.get_running_loop().run_in_executor(_threads, hash_secret_blocking, secret)


def hash_secret_blocking(secret: str) -> str:
    """Do as ``hash_secret`` from a thread that may wait."""
    return _hasher().hash(in_one_form(secret))


async def matches(kept: str | None, given: str) -> bool:
    """Return whether ``given`` is the secret kept; takes as long for nobody's secret."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _matches, kept, given)


def _matches(kept: str | None, given: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - as ``_hasher``

    if len(given) > SECRET_MOST:
        given, kept = "", None
    nobody = _nobody()  # asked for in either case: the first unknown name after a start must not take longer than a known one
    # A hash of before this form was kept may be of the secret as it was typed.
    for form in dict.fromkeys((in_one_form(given), given.encode("utf-8", "replace").decode())):
        try:
            if _hasher().verify(kept or nobody, form):
                return kept is not None
        except (VerificationError, InvalidHashError):
            continue
    return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Return a hash to compare with where there is none, so that both cases take as long."""
    return _hasher().hash("nobody has this password")


async def prove_factor(
    database: Database,
    person: PersonId | None,
    *,
    pin: str | None,
    totp: str | None,
    now: datetime,
    is_loopback: bool,
) -> Method:
    """Return the method that was proven. Raises SecondFactorRefusal where none was given, or it is wrong or locked.

    The sample agency's PIN, which everybody knows, proves nothing outside this machine, whoever has
    it.
    """
    if person is None or (pin is None and totp is None):
        raise SecondFactorRefusal(missing_factor())
    pin = None if pin is None else "".join(in_one_form(pin).split())
    totp = None if totp is None else "".join(in_one_form(totp).split())
    if pin == SAMPLE_PIN and totp is None and not is_loopback:
        raise SecondFactorRefusal(
            reason(
                "sample-pin",
                "The sample PIN works only in a trial on this machine. Ask an "
                "administrator for a PIN of your own.",
            )
        )
    secrets = await begin_attempt(database, person)
    step = _totp_step(secrets, totp, now) if totp is not None else None
    is_right = step is not None if totp is not None else await matches(secrets.pin_hash, pin or "")
    if is_right and await database.write(ClearAttempts(person=person, totp_step=step)):
        return Method.TOTP if totp is not None else Method.PIN
    raise await wrong_factor(database, person, secrets)


async def begin_attempt(database: Database, person: PersonId) -> Secrets:
    """Count an attempt before it is judged and return what to judge it by.

    Raises SecondFactorRefusal while locked.
    """
    secrets: Secrets | None = await database.write(CountAttempt(person=person))
    if secrets is None:
        raise FactorLockedRefusal(
            reason(
                "second-factor-locked",
                "The code is locked for 15 minutes after five wrong entries. Wait, "
                "then try again, or tell the administrator.",
            )
        )
    return secrets


async def wrong_factor(
    database: Database, person: PersonId, secrets: Secrets
) -> SecondFactorRefusal:
    """Return the refusal of a wrong attempt; the fifth tells person and Office."""
    if secrets.failures >= ATTEMPTS:
        await database.write(TellOfLock(person=person))
    left = max(ATTEMPTS - secrets.failures, 0)
    return SecondFactorRefusal(
        reason(
            "second-factor",
            "The PIN, authenticator code or passkey is wrong. Attempts left: {left}.",
            left=left,
        )
    )


def _totp_step(secrets: Secrets, given: str, now: datetime) -> int | None:
    """Return the 30-second step that ``given`` is the code of, ±1 step, never one used before (RFC 6238 §5.2)."""
    if secrets.totp_secret is None:
        return None
    import pyotp  # noqa: PLC0415 - with the first code

    code = pyotp.TOTP(secrets.totp_secret)
    present = int(now.timestamp()) // 30
    for step in (present - 1, present, present + 1):
        if step > secrets.totp_step and hmac.compare_digest(
            code.at(step * 30).encode(), given.encode()
        ):
            return step
    return None
