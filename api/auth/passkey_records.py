"""The passkeys that people have: the table ``passkeys`` and the commands that change it.

Owns the rule that each challenge is answered once. It must never verify a signature.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from api.auth.credentials import OfCredentials, end_enrolment, with_office
from api.auth.factor_entries import by_themselves, record_factor
from api.auth.sessions import ask_again
from notifications.occasions import PasskeyAdded
from notifications.outbox import Outbox
from workflow.command import Cause, Upkeep
from workflow.commands.account_changes import keep_undoable, told_elsewhere
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.errors import InvalidRefusal, reason
from workflow.events import AccountChange, AccountChanged
from workflow.history.agency_payloads import FactorRemoved, FactorSet
from workflow.model import Method, PersonId
from workflow.store import schema
from workflow.store.account_changes import Before
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One passkey of a person; ``credential_id`` in base64url."""

    id: int
    credential_id: str
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime


_passkeys = schema.passkeys.c
_PASSKEY = Mapper(Passkey, schema.passkeys)
_OF = Prepared(
    select(*_PASSKEY.columns)
    .where(_passkeys.person == bindparam("of_person"))
    .order_by(_passkeys.id)
)
_ADD = Prepared(insert(schema.passkeys))
_USE = Prepared(
    update(schema.passkeys)
    .where(_passkeys.id == bindparam("of_id"), _passkeys.last_challenge != bindparam("challenge"))
    .values(sign_count=bindparam("count"), last_challenge=bindparam("challenge"))
)
_KNOWN = Prepared(select(_passkeys.id).where(_passkeys.credential_id == bindparam("of_credential")))
_DROP = Prepared(
    delete(schema.passkeys).where(
        _passkeys.id == bindparam("of_id"), _passkeys.person == bindparam("of_person")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPasskey(OfCredentials[None]):
    """Keep a passkey that was verified, and end the code it was added by; tell person and Office.

    ``code_hash``: of that code, as it was kept when it was checked. Refused where the code has
    ended or the passkey is known: so the same twice is, too.
    """

    is_repeatable: ClassVar[bool] = False
    code_hash: str
    label: str
    credential_id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePasskey(Upkeep[bool]):
    """Note that a challenge was answered; answers whether this passkey had not done so before.

    Run again it had, and the signature is asked for anew: no challenge counts twice.
    """

    passkey: int
    sign_count: int
    challenge: str
    contends_for: ClassVar[str] = "passkeys"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPasskey(Upkeep[None]):
    """Forget a passkey of a person."""

    person: PersonId
    passkey: int
    contends_for: ClassVar[str] = "passkeys"


def passkeys_of(connection: Connection, person: PersonId) -> list[Passkey]:
    """Return the passkeys of a person, oldest first."""
    return [_PASSKEY.read(row) for row in _OF.rows(connection, {"of_person": person})]


def use_cases(outbox: Outbox) -> UseCases:
    """Return how each command about passkeys is run."""
    return {
        AddPasskey: one_by_one(AddPasskey, partial(_add, outbox)),
        UsePasskey: one_by_one(UsePasskey, _use),
        DropPasskey: one_by_one(DropPasskey, _drop),
    }


def _use(transaction: Transaction, command: UsePasskey) -> bool:
    values = {
        "of_id": command.passkey,
        "count": command.sign_count,
        "challenge": command.challenge,
    }
    return _USE.run(transaction.connection, values) == 1


def _drop(transaction: Transaction, command: DropPasskey) -> None:
    by_session = by_themselves(command.person, Method.SESSION)
    drop_passkey(transaction, by_session, command.person, command.passkey)


def drop_passkey(transaction: Transaction, cause: Cause, person: PersonId, passkey: int) -> None:
    """Forget a passkey of a person, and record it."""
    if _DROP.run(transaction.connection, {"of_id": passkey, "of_person": person}):
        ask_again(transaction.connection, person, Method.PASSKEY)
        record_factor(transaction, cause, person, FactorRemoved(factor="passkey"))


def _add(outbox: Outbox, transaction: Transaction, command: AddPasskey) -> None:
    connection, now = transaction.connection, transaction.now
    if _KNOWN.one(connection, {"of_credential": command.credential_id}) is not None:
        raise no_passkey()
    if not end_enrolment(connection, command.person, command.code_hash):
        raise InvalidRefusal(
            reason("code", "This code was already used. Ask the administrator for another one.")
        )
    row = {
        "person": command.person,
        "label": command.label,
        "credential_id": command.credential_id,
        "public_key": command.public_key,
    }
    _ADD.run(
        connection,
        {**row, "sign_count": command.sign_count, "last_challenge": "", "created_at": written(now)},
    )
    by_session = by_themselves(command.person, Method.SESSION)
    entry = record_factor(transaction, by_session, command.person, FactorSet(factor="passkey"))
    what = AccountChange.FACTOR
    told = AccountChanged(person=command.person, what=what, by=command.person, at=now)
    elsewhere = list(told_elsewhere(transaction, told))
    added = int(_KNOWN.scalar(connection, {"of_credential": command.credential_id}))
    before: Before = {"factor": "passkey", "passkey": added}
    undo = keep_undoable(transaction, command.person, what, entry.seq, before)
    letters = [
        PasskeyAdded(
            person=each,
            owner=command.person,
            credential_id=command.credential_id,
            undo=undo if each == command.person else "",
        )
        for each in with_office(transaction, command.person)
    ]
    outbox.add(connection, [*letters, *elsewhere])


def no_passkey() -> InvalidRefusal:
    """Return the refusal of what is no passkey for this page, or one that is known already."""
    return InvalidRefusal(
        reason(
            "passkey", "The browser made no passkey for this page. Reload the page, then try again."
        )
    )
