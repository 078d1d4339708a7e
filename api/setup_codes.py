"""The write commands about set-up codes: ask for a reset, use a code up, issue one to print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from api.credentials import with_password
from notifications.codes import CodeIssuer, SetupCode
from notifications.messages import Kind
from notifications.outbox import NewMessage, Outbox
from workflow.model import PersonId
from workflow.service import Context
from workflow.store.instants import written


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReset:
    """Mail a person a code to set a new password."""

    person: PersonId
    key: str = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteAgain:
    """Mail a person who has set no password a fresh invitation; answers whether one goes."""

    person: PersonId
    key: str = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCode:
    """Use a code up; answers whether it was live."""

    code: SetupCode
    key: str = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCode:
    """Issue a code to print for the first administrator; answers the code."""

    person: PersonId
    purpose: str
    seed: str
    key: str = "codes"


def runners(context: Context, outbox: Outbox, codes: CodeIssuer) -> dict[type, Callable[..., Sequence[Any]]]:
    """Return how the committer runs the commands about set-up codes."""

    def ask(connection: Connection, commands: Sequence[AskReset]) -> list[None]:
        now = written(context.clock())
        messages = [NewMessage(key=f"reset:{each.person}:{now}", kind=Kind.RESET, person=each.person, params={}) for each in commands]
        outbox.add(connection, messages)
        return [None] * len(commands)

    def invite(connection: Connection, commands: Sequence[InviteAgain]) -> list[bool]:
        known, now = with_password(connection), written(context.clock())
        asked = [each.person for each in commands if each.person not in known]
        outbox.add(connection, [NewMessage(key=f"invitation:{each}:{now}", kind=Kind.INVITATION, person=each, params={}) for each in asked])
        return [each.person in asked for each in commands]

    def use(connection: Connection, commands: Sequence[UseCode]) -> list[bool]:
        return [codes.use(connection, command.code) for command in commands]

    def issue(connection: Connection, commands: Sequence[IssueCode]) -> list[str]:
        return [codes.issue(connection, each.person, each.purpose, seed=each.seed) for each in commands]

    return {AskReset: ask, InviteAgain: invite, UseCode: use, IssueCode: issue}
