"""What is kept of a person's secrets: password, PIN, one-time codes, enrolment.

Owns the table ``credentials``, whose second factors the vault seals; ``factor_attempts`` counts in
it. It must never judge a secret.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar

from sqlalchemy import Connection, bindparam, insert, select, update

from api.auth.factor_entries import BY_COMMAND_LINE, record_factor
from api.auth.secret_encryption import SEALED, Vault
from api.auth.sessions import ask_again
from notifications.outbox import Outbox
from workflow.command import Outcome, Upkeep
from workflow.commands.account_changes import told_of
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.events import AccountChange, AccountChanged
from workflow.history.agency_payloads import FactorSet
from workflow.model import OFFICE, Method, PersonId
from workflow.store import schema
from workflow.store.account_changes import Before
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared

FACTORS = {"password_hash": "password", "pin_hash": "pin", "totp_secret": "totp"}
"""What history calls the factor of a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What is kept of a person's secrets.

    What is sealed is opened only to be judged, by ``CountFactorAttempt``.
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


def find_secrets(connection: Connection, person: PersonId) -> Secrets | None:
    """Return what is kept of a person's secrets, or None."""
    return _SECRETS.find(_FIND.one(connection, {"of_person": person}))


def end_enrolment(connection: Connection, person: PersonId, kept_hash: str) -> bool:
    """Use up an enrolment code; return whether it was still there."""
    return _END_ENROLMENT.run(connection, {"of_person": person, "of_hash": kept_hash}) == 1


def put_secret(connection: Connection, person: PersonId, name: str, value: str | None) -> None:
    """Set one column of what is kept of a person's secrets; the caller has sealed ``value``."""
    if find_secrets(connection, person) is None:
        _NEW.run(connection, {"person": person, "totp_step": 0, "failures": 0})
    _PUT[name].run(connection, {"of_person": person, "new_value": value})


def use_cases(outbox: Outbox, vault: Vault) -> UseCases:
    """Return how each command about credentials is run."""
    return {
        PutSecret: one_by_one(PutSecret, partial(_put, outbox, vault)),
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
    if command.name not in FACTORS:
        return
    factor = FACTORS[command.name]
    if command.name in SEALED:
        ask_again(connection, person, Method(factor))
    entry = record_factor(transaction, BY_COMMAND_LINE, person, FactorSet(factor=factor))
    if command.tells and factor in {"pin", "totp"}:
        told = AccountChanged(person=person, what=AccountChange.FACTOR, by=None, at=transaction.now)
        before: Before = {"factor": factor}
        letters = told_of(transaction, BY_COMMAND_LINE, told, entry.seq, before)
        outbox.add(connection, letters)


def with_office(transaction: Transaction, person: PersonId) -> Collection[PersonId]:
    """Return who hears what happened to a person's second factor: that person and the Office."""
    office = (each.id for each in transaction.directory.in_positions(OFFICE))
    return dict.fromkeys([person, *office])
