"""What somebody asks to be changed: a command, who caused it, and what it contends for.

Owns the envelope that every command has in common. Runs nothing and knows no database.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from workflow.model import Method, PersonId, Via

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRecipient:
    """A body outside that a dossier was sent to: its id in the agency's file, its name that day."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Who asks for a change and how.

    ``actor`` None: the machine, the command line, or the ``recipient`` of a dossier by its link.

    ``command_id`` is its giver's own; by it a command is known when it comes again. ``digest``
    identifies the request's body.
    """

    actor: PersonId | None
    on_behalf_of: PersonId | None = None
    via: Via
    method: Method
    command_id: str
    digest: str = ""
    proposal: int | None = None
    """The proposal that the actor confirms by it; its proposer is ``proposed_by``."""
    proposed_by: PersonId | None = None
    recipient: DossierRecipient | None = None
    is_undo: bool = False
    """Whether it takes back what was done before."""

    @property
    def asker(self) -> PersonId | None:
        """Return whose rights it is judged by: who proposed it, else who acts."""
        return self.actor if self.proposed_by is None else self.proposed_by

    @property
    def is_operator(self) -> bool:
        """Return whether it comes from whoever runs the program on its own machine."""
        return self.actor is None and self.via in {Via.CLI, Via.IMPORT}


MACHINE = Cause(actor=None, via=Via.CLOCK, method=Method.NONE, command_id="")
"""Of what the program does by itself, and no history tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Generic[Outcome]):
    """A change that is asked for; ``Outcome`` is what whoever asks is answered."""

    cause: Cause

    @property
    def contends_for(self) -> str | None:
        """Return what it contends for: two commands of one never share a set. None: nothing."""
        return None

    @property
    def is_repeatable(self) -> bool:
        """Return whether it may run again where nobody knows if it was kept."""
        return bool(self.cause.command_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCommand(Command[Outcome]):
    """A command about the item ``code``, whose row it contends for."""

    code: str

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineCommand(Command[Outcome]):
    """A command about one deadline, whose row it contends for."""

    deadline: int

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"deadline:{self.deadline}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCommand(Command[Outcome]):
    """A command about one round of the council, whose row it contends for."""

    round: int

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"round:{self.round}"


AnyCommand: TypeAlias = Command[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep(Command[Outcome]):
    """A command that no history tells of: mail, sessions, what a person keeps for themselves.

    Its handler leaves the rows the same when it runs again, so it may; one that cannot says so.
    """

    cause: Cause = MACHINE
    is_repeatable: ClassVar[bool] = True
