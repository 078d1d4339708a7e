"""A command that comes again: the same under its id gets what it got, another under that id is refused.

An id is its giver's own; what a command says is known by its digest, kept with the entry that it made. A refused command
made no entry, so its id is free. Reads only.
"""

from typing import Protocol

from sqlalchemy import Connection

from workflow.errors import KeyReusedRefusal
from workflow.model import PersonId
from workflow.store import history
from workflow.store.history import StoredEntry


class Identified(Protocol):
    """A command that can be told when it comes again."""

    @property
    def actor(self) -> PersonId | None:
        """Return who gives it."""

    @property
    def command_id(self) -> str:
        """Return its id."""

    @property
    def digest(self) -> str:
        """Return the digest of what it says."""


def made_by(connection: Connection, command: Identified) -> StoredEntry | KeyReusedRefusal | None:
    """Return the entry that ``command`` made when it ran before, the refusal where another command had its id, or None."""
    made = history.entries_by_command(connection, [command.command_id]).get(
        (command.actor, command.command_id)
    )
    if made is not None and is_other(made, command.digest):
        return KeyReusedRefusal()
    return made


def is_other(made: StoredEntry, digest: str) -> bool:
    """Return whether an entry was made by a command that said something else; entries of old kept no digest and are taken as they are."""
    return bool(made.command_digest) and made.command_digest != digest
