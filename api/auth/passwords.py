"""Passwords, PINs and one-time codes: how they are hashed and judged.

Hashes are argon2id, computed outside transactions and off the event loop, at most two at once.
Nothing is judged before the attempt is counted.
"""

import asyncio
import hmac
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.auth.credentials import Secrets
from api.auth.factor_attempts import (
    ClearFactorAttempts,
    begin_factor_attempt,
    fail_factor_attempt,
)
from workflow.database import Database
from workflow.errors import SecondFactorRefusal, reason
from workflow.messages import Message, lazy
from workflow.model import Method, PersonId
from workflow.rules import missing_factor

SAMPLE_PIN = "246810"
"""The PIN of the sample agency, as its file and the manual tell everybody."""
SECRET_MOST = 1024
"""Characters of a typed secret that are looked at; no secret that was ever set is longer."""

_PIN = re.compile(r"[0-9]{6,12}")
_RUNS = ("0123456789012345", "9876543210987654")

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)


def in_one_form(secret: str) -> str:
    """Return a typed secret in the form that is hashed (NIST SP 800-63B, NFKC).

    Keyboards and systems write "ế" as one, two or three characters, and digits in full width.
    """
    return unicodedata.normalize("NFKC", secret[:SECRET_MOST]).encode("utf-8", "replace").decode()


def pin_problem(pin: str) -> Message | None:
    """Return what is wrong with a PIN that somebody chose, or None."""
    if not _PIN.fullmatch(pin):
        return lazy("A PIN has 6 to 12 digits.")
    is_run = any(pin in each for each in _RUNS)
    if len(set(pin)) == 1 or is_run or pin == SAMPLE_PIN:
        return lazy("This PIN is too easy to guess. Choose digits that make no row.")
    return None


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
    if len(given) > SECRET_MOST:
        given, kept = "", None
    # Asked for in either case: the first unknown name after a start must take no longer than a
    # known one.
    nobody = _nobody()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCode:
    """A PIN, or the code of an app, as somebody typed it; both are read without spaces."""

    pin: str | None = None
    totp: str | None = None

    def in_one_form(self) -> "TypedCode":
        """Return it as it is judged."""
        return TypedCode(
            pin=None if self.pin is None else "".join(in_one_form(self.pin).split()),
            totp=None if self.totp is None else "".join(in_one_form(self.totp).split()),
        )


async def prove_factor(
    database: Database,
    person: PersonId | None,
    typed: TypedCode,
    *,
    now: datetime,
    is_loopback: bool,
) -> Method:
    """Return the method that was proven.

    Raises SecondFactorRefusal where none was given, or it is wrong or locked. The sample agency's
    PIN, which everybody knows, proves nothing outside this machine, whoever has it.
    """
    given = typed.in_one_form()
    pin, totp = given.pin, given.totp
    if person is None or (pin is None and totp is None):
        raise SecondFactorRefusal(missing_factor())
    if pin == SAMPLE_PIN and totp is None and not is_loopback:
        raise SecondFactorRefusal(
            reason(
                "sample-pin",
                "The sample PIN works only in a trial on this machine. Ask an "
                "administrator for a PIN of your own.",
            )
        )
    secrets = await begin_factor_attempt(database, person)
    step = _totp_step(secrets, totp, now) if totp is not None else None
    is_right = step is not None if totp is not None else await matches(secrets.pin_hash, pin or "")
    if is_right and await database.write(ClearFactorAttempts(person=person, totp_step=step)):
        return Method.TOTP if totp is not None else Method.PIN
    raise await fail_factor_attempt(database, person, secrets)


def _totp_step(secrets: Secrets, given: str, now: datetime) -> int | None:
    if secrets.totp_secret is None:
        return None
    return totp_step(secrets.totp_secret, given, now, after=secrets.totp_step)


def totp_step(secret: str, given: str, now: datetime, *, after: int = 0) -> int | None:
    """Return the 30-second step of the code ``given``, ±1, never one used (RFC 6238 §5.2)."""
    code = pyotp.TOTP(secret)
    present = int(now.timestamp()) // 30
    for step in (present - 1, present, present + 1):
        if step > after and hmac.compare_digest(code.at(step * 30).encode(), given.encode()):
            return step
    return None
