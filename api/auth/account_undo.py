"""Take back a change of one's own account: the command behind the link in the mail that told of it.

Owns what signs in: a factor or password that was set ends, and with it all that was opened by it.
Nothing earlier is put back in its place: who knew that once might know it still. What is kept of
the person themselves, ``workflow.commands.undo_change`` takes back.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from sqlalchemy import Connection

from api.auth.credentials import FACTORS, put_secret
from api.auth.factor_entries import record_factor
from api.auth.passkey_records import drop_passkey, passkeys_of
from api.auth.tokens import end_access
from notifications.code_issuer import CodeIssuer
from workflow.command import Command
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.commands.undo_change import begin_undo, end_undo, take_back
from workflow.events import AccountChange
from workflow.history.agency_payloads import FactorRemoved
from workflow.lookups.account_changes import decided_meanwhile, factors_set_since
from workflow.store import history
from workflow.store.account_changes import UndoableChange
from workflow.store.history import StoredEntry

NO_PASSWORD = "!"  # noqa: S105 - what no password hashes to
"""Kept in place of a password that was taken back: whoever has one is not invited by mail."""
_OPENS_NOTHING = {AccountChange.POSITION, AccountChange.DELEGATION, AccountChange.ABSENCE}
"""The changes by which nobody signs in."""
_COLUMNS = {factor: column for column, factor in FACTORS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAccountChange(Command[int]):
    """Take back the change ``change`` of the actor's account; answers the entry's number."""

    change: bytes
    contends_for: ClassVar[str] = "people"


def use_cases(codes: CodeIssuer) -> UseCases:
    """Return how the command is run."""
    return {UndoAccountChange: one_by_one(UndoAccountChange, partial(_undo, codes), _recalled)}


def _recalled(_connection: Connection, _command: UndoAccountChange, made: StoredEntry) -> int:
    return made.seq


def _undo(codes: CodeIssuer, transaction: Transaction, command: UndoAccountChange) -> int:
    connection, now = transaction.connection, transaction.now
    change = begin_undo(transaction, command.change, command.cause)
    # Before anything goes back: going back is by the same person, and no decision made meanwhile.
    meanwhile = decided_meanwhile(connection, change)
    take_back(transaction, change, command.cause)
    _end_factors(transaction, change, command)
    if change.what not in _OPENS_NOTHING:
        codes.end_all(connection, change.person)
        end_access(connection, change.person, now)
    return end_undo(transaction, change, command.cause, meanwhile)


def _end_factors(
    transaction: Transaction, change: UndoableChange, command: UndoAccountChange
) -> None:
    """End the factor that was set, and after another address whatever was set from there."""
    person = change.person
    match change.what:
        case AccountChange.FACTOR | AccountChange.PASSWORD:
            before = change.goes_back_to
            if before["factor"] == "passkey":
                drop_passkey(transaction, command.cause, person, before["passkey"])
            else:
                _end(transaction, command, before["factor"], had_one=True)
        case AccountChange.ADDRESS:
            for factor, had_one in factors_set_since(transaction.connection, change).items():
                if factor == "passkey":
                    _drop_passkeys_since(transaction, command, change)
                else:
                    _end(transaction, command, factor, had_one=had_one)
        case _:
            pass


def _end(
    transaction: Transaction, command: UndoAccountChange, factor: str, *, had_one: bool
) -> None:
    person = command.cause.actor
    if person is None:
        raise ValueError("nobody takes back what is theirs")
    is_kept = factor == "password" and had_one
    put_secret(transaction.connection, person, _COLUMNS[factor], NO_PASSWORD if is_kept else None)
    record_factor(transaction, command.cause, person, FactorRemoved(factor=factor))


def _drop_passkeys_since(
    transaction: Transaction, command: UndoAccountChange, change: UndoableChange
) -> None:
    person = change.person
    made = history.entry_at(transaction.connection, f"person:{person}", change.seq)
    for each in passkeys_of(transaction.connection, person):
        if made is None or each.created_at >= made.at:
            drop_passkey(transaction, command.cause, person, each.id)
