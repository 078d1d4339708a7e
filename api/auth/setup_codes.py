"""The write commands about set-up codes: ask for a reset, set a password by a code, issue one to print.

Whatever makes a code ends those before it. A password that is set ends what was opened with the one before: sessions,
tokens, the calendar's address. Must never say whether an address belongs to anybody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from api.auth import access_log
from api.auth.access_log import NoteAccess
from api.auth.passwords import put_secret, with_password
from api.auth.sessions import end_access
from notifications.letters.setup_tokens import CodeIssuer, SetupCode
from notifications.messages import Kind
from notifications.outbox import NewMessage, Outbox
from workflow.context import Context
from workflow.model import DIRECTORATE, OFFICE, Person, PersonId
from workflow.store import people
from workflow.store.instants import written


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReset:
    """Mail whoever has this address a code to set a new password, if they may reset it by mail; answers nothing."""

    email: str
    key: str = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteAgain:
    """Mail a person who has set no password a fresh invitation; answers whether one goes."""

    person: PersonId
    key: str = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword:
    """Set a password by a code, which is used up; answers whether it was live. Ends sessions, tokens and other codes."""

    code: SetupCode
    password_hash: str
    key: str = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCode:
    """Issue a code to hand over in person; answers the code."""

    person: PersonId
    purpose: str
    seed: str
    key: str = "codes"


def runners(
    context: Context, outbox: Outbox, codes: CodeIssuer
) -> dict[type, Callable[..., Sequence[Any]]]:
    """Return how the committer runs the commands about set-up codes."""

    def ask(connection: Connection, commands: Sequence[AskReset]) -> list[None]:
        for command in commands:
            _ask(context, connection, outbox, codes, command)
        return [None] * len(commands)

    def invite(connection: Connection, commands: Sequence[InviteAgain]) -> list[bool]:
        known, now = with_password(connection), written(context.clock())
        asked = [each.person for each in commands if each.person not in known]
        for each in asked:
            codes.end_all(connection, each)
        outbox.add(
            connection,
            [
                NewMessage(
                    key=f"invitation:{each}:{now}", kind=Kind.INVITATION, person=each, params={}
                )
                for each in asked
            ],
        )
        return [each.person in asked for each in commands]

    def set_password(connection: Connection, commands: Sequence[SetPassword]) -> list[bool]:
        return [_set_password(context, connection, codes, command) for command in commands]

    def issue(connection: Connection, commands: Sequence[IssueCode]) -> list[str]:
        return [_issue(connection, codes, command) for command in commands]

    return {AskReset: ask, InviteAgain: invite, SetPassword: set_password, IssueCode: issue}


def _ask(
    context: Context, connection: Connection, outbox: Outbox, codes: CodeIssuer, command: AskReset
) -> None:
    now = written(context.clock())
    person = people.person_by_email(connection, command.email)
    # Written whoever asks: without it only a known address would wait for the disk.
    access_log.note(
        connection,
        context.clock(),
        NoteAccess(what="reset_asked", person=person.id if person else None),
    )
    if person is not None and may_reset_by_mail(person):
        codes.end_all(connection, person.id)
        outbox.add(
            connection,
            [
                NewMessage(
                    key=f"reset:{person.id}:{now}", kind=Kind.RESET, person=person.id, params={}
                )
            ],
        )


def may_reset_by_mail(person: Person) -> bool:
    """Return whether a password may be reset by mail: not for the Office and the Director."""
    return person.is_active and person.position not in OFFICE | DIRECTORATE


def _set_password(
    context: Context, connection: Connection, codes: CodeIssuer, command: SetPassword
) -> bool:
    if not codes.use(connection, command.code):
        return False
    person = command.code.person
    put_secret(connection, person, "password_hash", command.password_hash)
    codes.end_all(connection, person)
    end_access(connection, person, context.clock())
    return True


def _issue(connection: Connection, codes: CodeIssuer, command: IssueCode) -> str:
    codes.end_all(connection, command.person)
    return codes.issue(connection, command.person, command.purpose, seed=command.seed)
