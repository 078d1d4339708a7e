"""The write commands about set-up codes: ask for a reset, use a code up, issue one to print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

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

    def use(connection: Connection, commands: Sequence[UseCode]) -> list[bool]:
        return [codes.use(connection, command.code) for command in commands]

    def issue(connection: Connection, commands: Sequence[IssueCode]) -> list[str]:
        return [codes.issue(connection, each.person, each.purpose, seed=each.seed) for each in commands]

    return {AskReset: ask, UseCode: use, IssueCode: issue}
