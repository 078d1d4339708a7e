"""The commands about set-up codes: ask for a reset, set a password or first factor, issue one.

Whatever makes a code ends those before it. A password that is set ends what was opened with the one
before: sessions, tokens, the calendar's address. Must never say whether an address belongs to
anybody.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from sqlalchemy import Connection

from api.auth import access_log
from api.auth.access_log import AccessKind, NoteAccess
from api.auth.credentials import FACTORS, find_secrets, put_secret, with_password
from api.auth.factor_entries import by_themselves, record_factor
from api.auth.passkey_records import passkeys_of
from api.auth.secret_encryption import Vault
from api.auth.tokens import end_access
from notifications.code_issuer import FIRST_FACTOR, CodeIssuer, SetupCode
from notifications.occasions import ResetAsked
from notifications.outbox import Outbox
from workflow.command import Command, Upkeep
from workflow.commands.account_changes import told_of
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.commands.recording import require_manager
from workflow.events import AccountChange, AccountChanged, PersonInvited
from workflow.history.agency_payloads import FactorSet
from workflow.model import DIRECTORATE, OFFICE, Method, Person, PersonId
from workflow.people import Directory, signs_in_with_factor
from workflow.store import people


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReset(Upkeep[None]):
    """Mail whoever has this address a code to set a new password, if they may reset it by mail.

    Answers nothing. Run again it supersedes the letter that it wrote before.
    """

    email: str
    contends_for: ClassVar[str] = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteAgain(Command[bool]):
    """Mail a person who has set no password a fresh invitation; answers whether one goes."""

    person: PersonId
    contends_for: ClassVar[str] = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword(Upkeep[bool]):
    """Set a password by a code and end sessions and tokens; answers whether it was live."""

    code: SetupCode
    password_hash: str
    contends_for: ClassVar[str] = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFirstFactor(Upkeep[bool]):
    """Set the first factor of somebody who needs one to sign in; answers whether it was set.

    ``name``: the column, ``pin_hash`` or ``totp_secret``. Never instead of another: mail and links
    replace no factor.
    """

    code: SetupCode
    name: str
    value: str
    contends_for: ClassVar[str] = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCode(Upkeep[str]):
    """Issue a code to hand over in person; answers the code."""

    person: PersonId
    purpose: str
    seed: str
    contends_for: ClassVar[str] = "codes"


def use_cases(outbox: Outbox, codes: CodeIssuer, vault: Vault) -> UseCases:
    """Return how each command about set-up codes is run."""
    return {
        AskReset: one_by_one(AskReset, partial(_ask, outbox, codes)),
        InviteAgain: one_by_one(InviteAgain, partial(_invite, outbox, codes)),
        SetPassword: one_by_one(SetPassword, partial(_set_password, outbox, codes)),
        SetFirstFactor: one_by_one(
            SetFirstFactor, partial(_set_first_factor, outbox, codes, vault)
        ),
        IssueCode: one_by_one(IssueCode, partial(_issue, codes)),
    }


def _ask(outbox: Outbox, codes: CodeIssuer, transaction: Transaction, command: AskReset) -> None:
    connection, now = transaction.connection, transaction.now
    person = people.person_by_email(connection, command.email)
    # Written whoever asks: without it only a known address would wait for the disk.
    access_log.note(
        connection,
        now,
        NoteAccess(what=AccessKind.RESET_ASKED, person=person.id if person else None),
    )
    if person is not None and may_reset_by_mail(person):
        codes.end_all(connection, person.id)
        outbox.add(connection, [ResetAsked(person=person.id, at=now)])


def _invite(
    outbox: Outbox, codes: CodeIssuer, transaction: Transaction, command: InviteAgain
) -> bool:
    require_manager(transaction, command.cause)
    if command.person in with_password(transaction.connection):
        return False
    codes.end_all(transaction.connection, command.person)
    outbox.add(transaction.connection, [PersonInvited(person=command.person, at=transaction.now)])
    return True


def may_reset_by_mail(person: Person) -> bool:
    """Return whether a password may be reset by mail: not for the Office and the Director."""
    return person.is_active and person.position not in OFFICE | DIRECTORATE


def _set_password(
    outbox: Outbox, codes: CodeIssuer, transaction: Transaction, command: SetPassword
) -> bool:
    connection, person = transaction.connection, command.code.person
    had_one = person in with_password(connection)
    if command.code.purpose == FIRST_FACTOR:
        return False
    if not codes.use(connection, command.code):
        # A hash bears its own salt: the same one is there only where this command has run before.
        kept = find_secrets(connection, person)
        return kept is not None and kept.password_hash == command.password_hash
    put_secret(connection, person, "password_hash", command.password_hash)
    by_code = by_themselves(person, Method.LINK)
    entry = record_factor(transaction, by_code, person, FactorSet(factor="password"))
    codes.end_all(connection, person)
    end_access(connection, person, transaction.now)
    if had_one:
        told = AccountChanged(
            person=person, what=AccountChange.PASSWORD, by=None, at=transaction.now
        )
        outbox.add(
            connection, told_of(transaction, by_code, told, entry.seq, {"factor": "password"})
        )
    return True


def awaits_first_factor(connection: Connection, person: Person, directory: Directory) -> bool:
    """Return whether a person needs a factor to sign in today, and has none."""
    if not signs_in_with_factor(person, directory):
        return False
    kept = find_secrets(connection, person.id)
    has_typed = kept is not None and (kept.pin_hash is not None or kept.totp_secret is not None)
    return not has_typed and not passkeys_of(connection, person.id)


def without_first_factor(connection: Connection, directory: Directory) -> list[Person]:
    """Return who works here, and cannot sign in for want of a factor."""
    working = [each for each in directory.people.values() if each.is_active]
    return [each for each in working if awaits_first_factor(connection, each, directory)]


def _set_first_factor(
    outbox: Outbox,
    codes: CodeIssuer,
    vault: Vault,
    transaction: Transaction,
    command: SetFirstFactor,
) -> bool:
    connection, person = transaction.connection, command.code.person
    directory = transaction.directory
    is_asked = command.code.purpose == FIRST_FACTOR and awaits_first_factor(
        connection, directory.people[person], directory
    )
    if not is_asked or not codes.use(connection, command.code):
        kept = getattr(find_secrets(connection, person), command.name, None)
        return vault.open(connection, person, command.name, kept) == command.value
    sealed = vault.seal(connection, person, command.name, command.value)
    put_secret(connection, person, command.name, sealed)
    by_code = by_themselves(person, Method.LINK)
    factor = FACTORS[command.name]
    entry = record_factor(transaction, by_code, person, FactorSet(factor=factor))
    told = AccountChanged(person=person, what=AccountChange.FACTOR, by=None, at=transaction.now)
    outbox.add(connection, told_of(transaction, by_code, told, entry.seq, {"factor": factor}))
    return True


def _issue(codes: CodeIssuer, transaction: Transaction, command: IssueCode) -> str:
    connection = transaction.connection
    if not codes.is_issued(connection, command.seed):
        codes.end_all(connection, command.person)
    return codes.issue(connection, command.person, command.purpose, seed=command.seed)
