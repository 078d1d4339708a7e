"""The lock after wrong PINs and codes: attempts at a second factor, counted before they are judged.

So parallel guesses do not escape, and a crash leaves an attempt spent. It must never judge a secret
(``passwords`` and ``passkeys`` do).
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import bindparam, update

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.credentials import OfCredentials, Secrets, find_secrets, with_office
from api.auth.secret_encryption import Vault
from notifications.occasions import FACTOR_ATTEMPTS as ATTEMPTS
from notifications.occasions import FACTOR_LOCK as LOCK
from notifications.occasions import FactorLocked
from notifications.outbox import Outbox
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.database import Database
from workflow.errors import FactorLockedRefusal, SecondFactorRefusal, reason
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.prepared import Prepared

_credentials = schema.credentials.c
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
class CountFactorAttempt(OfCredentials[Secrets | None]):
    """Count an attempt at a second factor before judging it.

    Answers the secrets, or None while locked. Run again it counts once more, never too few.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearFactorAttempts(OfCredentials[bool]):
    """Record a right factor.

    Answers whether ``totp_step`` was unused; run again it was not, and the next code is asked for.
    """

    totp_step: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfLock(OfCredentials[None]):
    """Tell a person and the Office that the second factor is locked."""


async def begin_factor_attempt(database: Database, person: PersonId) -> Secrets:
    """Count an attempt before it is judged and return what to judge it by.

    Raises SecondFactorRefusal while locked.
    """
    secrets: Secrets | None = await database.write(CountFactorAttempt(person=person))
    if secrets is None:
        raise FactorLockedRefusal(
            reason(
                "second-factor-locked",
                "The code is locked for {minutes} minutes after {tries} wrong entries. Wait, "
                "then try again, or tell the administrator.",
                minutes=LOCK // timedelta(minutes=1),
                tries=ATTEMPTS,
            )
        )
    return secrets


async def fail_factor_attempt(
    database: Database, person: PersonId, secrets: Secrets
) -> SecondFactorRefusal:
    """Note a wrong one, tell person and Office of the lock at the fifth; return its refusal."""
    await database.write(NoteAccess(what=AccessKind.FACTOR_REFUSED, person=person))
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


def use_cases(outbox: Outbox, vault: Vault) -> UseCases:
    """Return how each command about attempts is run."""
    return {
        CountFactorAttempt: one_by_one(CountFactorAttempt, partial(_count, vault)),
        ClearFactorAttempts: one_by_one(ClearFactorAttempts, _clear),
        TellOfLock: one_by_one(TellOfLock, partial(_tell, outbox)),
    }


def _count(vault: Vault, transaction: Transaction, command: CountFactorAttempt) -> Secrets | None:
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


def _clear(transaction: Transaction, command: ClearFactorAttempts) -> bool:
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
