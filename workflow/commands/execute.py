"""Run commands: the one way, whatever they ask for.

Owns the transaction that handlers write in, the replay of a command that comes again, the refusal
of one command alone, and the single publishing of all that happened. Never decides who may do what:
handlers do, by the cause of the command.

A refused command leaves no row. One that is refused after its first write breaks the set, which is
taken back; its commands then run again one by one, and it is refused alone.

Crash order: everything here is inside one database transaction, so a crash before its commit leaves
nothing, and a crash after it leaves all, mails included; whoever lost the answer asks again by the
command's id.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection

from workflow.command import AnyCommand, Cause, Command, Outcome
from workflow.context import Context
from workflow.errors import InvalidInputError, KeyReusedRefusal, Refusal
from workflow.events import Event
from workflow.people import Directory
from workflow.store import history
from workflow.store.history import StoredEntry
from workflow.store.prepared import Question, ask_ahead
from workflow.store.writes import writes_on

Publish: TypeAlias = Callable[[Connection, Sequence[Event]], None]
"""Called at most once, last, inside the transaction that the events come from."""
CommandType = TypeVar("CommandType", bound=AnyCommand)


@dataclass(slots=True, kw_only=True)
class Transaction:
    """What a handler writes in: one connection, one instant, and what is told at the end."""

    context: Context
    connection: Connection
    events: list[Event] = field(default_factory=list)
    last_writes: list[Callable[[], None]] = field(default_factory=list)
    _now: datetime | None = None

    @property
    def now(self) -> datetime:
        """Return the one instant of the command or set.

        Ask after the lock: whoever waited for it acts later than whoever held it.
        """
        if self._now is None:
            self._now = self.context.clock()
        return self._now

    @property
    def directory(self) -> Directory:
        """Return who works here on the day of the transaction, its own changes included."""
        return self.context.directory(self.connection, self.now)

    def emit(self, events: Iterable[Event]) -> None:
        """Let ``events`` be published when all commands of the transaction have run."""
        self.events.extend(events)

    def write_last(self, write: Callable[[], None]) -> None:
        """Let ``write`` run with the publishing, sent together; its row counts are not seen."""
        self.last_writes.append(write)


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """How one type of command is run, and its outcome read again from the entry that it made.

    ``recall`` None: it makes no entry under its id, and running it again changes nothing more.
    """

    run: Callable[[Transaction, Sequence[Any]], Sequence[object]]
    recall: Callable[[Connection, Any, StoredEntry], object] | None
    ahead: Callable[..., Sequence[Question]] = lambda *_: ()
    """What it asks the database first, in this order: on PostgreSQL in one round trip."""


UseCases: TypeAlias = Mapping[type, UseCase]
Recall: TypeAlias = Callable[[Connection, CommandType, StoredEntry], Outcome]


def one_by_one(
    _kind: Callable[..., Command[Outcome]],
    handle: Callable[[Transaction, CommandType], Outcome],
    recall: Recall[CommandType, Outcome] | None = None,
) -> UseCase:
    """Return the use case of a handler that takes one command and raises its refusal."""

    def run(transaction: Transaction, commands: Sequence[CommandType]) -> list[object]:
        return [_handled(transaction, handle, command) for command in commands]

    return UseCase(run=run, recall=recall)


def as_set(
    _kind: Callable[..., Command[Outcome]],
    handle: Callable[[Transaction, Sequence[CommandType]], Sequence[Outcome | Refusal]],
    recall: Recall[CommandType, Outcome] | None = None,
    ahead: Callable[[Context, Sequence[CommandType]], Sequence[Question]] = lambda *_: (),
) -> UseCase:
    """Return the use case of a handler that takes a whole set and returns the refusals in it."""
    return UseCase(run=handle, recall=recall, ahead=ahead)


def _handled(
    transaction: Transaction,
    handle: Callable[[Transaction, CommandType], object],
    command: CommandType,
) -> object:
    alone = Transaction(context=transaction.context, connection=transaction.connection)
    before = writes_on(transaction.connection)
    try:
        outcome = handle(alone, command)
    except (Refusal, InvalidInputError) as refusal:
        if writes_on(transaction.connection) != before:
            raise  # the set is taken back and run one by one: what is refused leaves no row
        return refusal  # raised before its first write, so the other commands go on
    transaction.events += alone.events
    transaction.last_writes += alone.last_writes
    return outcome


def execute(
    context: Context,
    publish: Publish,
    use_cases: UseCases,
    connection: Connection,
    commands: Sequence[AnyCommand],
) -> tuple[list[object], Callable[[], None]]:
    """Run ``commands`` in the caller's transaction; return each outcome or refusal, in order.

    And what remains to be written, which may be sent together with the COMMIT.
    """
    outcomes: list[object] = [None] * len(commands)
    transaction = Transaction(context=context, connection=connection)
    for kind in dict.fromkeys(type(command) for command in commands):
        _write_last(transaction)
        places = [place for place, command in enumerate(commands) if type(command) is kind]
        found = _run(transaction, use_cases[kind], [commands[place] for place in places])
        for place, outcome in zip(places, found, strict=True):
            outcomes[place] = outcome

    def finish() -> None:
        _write_last(transaction)
        if transaction.events:
            publish(connection, transaction.events)

    if transaction.last_writes:
        return outcomes, finish
    finish()
    return outcomes, lambda: None


def _write_last(transaction: Transaction) -> None:
    writes, transaction.last_writes = transaction.last_writes, []
    for write in writes:
        write()


def _run(
    transaction: Transaction, use_case: UseCase, commands: Sequence[AnyCommand]
) -> list[object]:
    """Run commands of one type, less those that ran before."""
    connection = transaction.connection
    ask_ahead(connection, _ahead(transaction.context, use_case, commands))
    if use_case.recall is None:
        return list(use_case.run(transaction, commands))
    outcomes = _replayed(connection, use_case.recall, commands)
    new = [place for place in range(len(commands)) if place not in outcomes]
    if new:
        ran = use_case.run(transaction, [commands[place] for place in new])
        outcomes |= dict(zip(new, ran, strict=True))
    refused = [place for place in new if isinstance(outcomes[place], Refusal)]
    if refused:
        # The same command may have been kept by another process while this one waited for its lock.
        again = _replayed(connection, use_case.recall, [commands[place] for place in refused])
        outcomes |= {refused[place]: outcome for place, outcome in again.items()}
    return [outcomes[place] for place in range(len(commands))]


def _ahead(
    context: Context, use_case: UseCase, commands: Sequence[AnyCommand]
) -> Iterator[Question]:
    """Yield what a use case asks first, and whether its commands ran before.

    In this order: what another process kept while this one waited for a lock is then known.
    """
    yield from use_case.ahead(context, commands)
    if use_case.recall is not None:
        yield history.BY_COMMAND.of(each.cause.command_id for each in commands)


def _replayed(
    connection: Connection,
    recall: Callable[[Connection, Any, StoredEntry], object],
    commands: Sequence[AnyCommand],
) -> dict[int, object]:
    """Return the outcomes of those commands that ran before, by their place."""
    made = history.entries_by_command(connection, [each.cause.command_id for each in commands])
    found: dict[int, object] = {}
    for place, command in enumerate(commands):
        entry = made.get((command.cause.actor, command.cause.command_id)) if made else None
        if entry is not None:
            found[place] = (
                KeyReusedRefusal()
                if _is_other(entry, command.cause)
                else recall(connection, command, entry)
            )
    return found


def entry_of(connection: Connection, cause: Cause) -> StoredEntry | None:
    """Return the entry that a command of this cause made before. Raises KeyReusedRefusal."""
    made = history.entries_by_command(connection, [cause.command_id])
    entry = made.get((cause.actor, cause.command_id))
    if entry is not None and _is_other(entry, cause):
        raise KeyReusedRefusal
    return entry


def _is_other(entry: StoredEntry, cause: Cause) -> bool:
    """Return whether a command that said something else made ``entry``."""
    return bool(entry.command_digest) and entry.command_digest != cause.digest
