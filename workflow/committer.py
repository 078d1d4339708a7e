"""The committer: one thread that writes, a set of commands at a time.

Owns the only writing connection of a process. It takes what is waiting (no timer), runs it in one
transaction, commits, and only then answers. If a set breaks, its commands run again one by one;
every command is safe to run again, because each looks up what it has already recorded.

Crash order: before COMMIT returns nobody has an answer and nothing is kept; after it everything is
kept, and who lost the answer finds it again by the command's id. Where COMMIT's own answer is lost,
a command that finds what it has recorded runs again; any other one is told that nobody knows.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Connection, Engine

from workflow.command import AnyCommand, Command, Outcome
from workflow.errors import BusyError, OutcomeUnknownError, ThiduaError, UnavailableError
from workflow.messages import Message, lazy
from workflow.store import definitions
from workflow.store.outages import (
    DatabaseFile,
    driver_of,
    failures_of,
    is_outcome_unknown,
    refusal_of_guard,
    unavailability,
)
from workflow.store.prepared import sent_with_commit

Execute: TypeAlias = Callable[
    [Connection, Sequence[AnyCommand]], tuple[Sequence[object], Callable[[], None]]
]
"""Runs commands in the caller's transaction: one outcome, or the refusal, for each, in order; and
what writes the rest, just before the COMMIT."""

_Answer: TypeAlias = "asyncio.Future[Any] | Future[Any]"
SET_SIZE = 64
QUEUE_BOUND = 1024
_ATTEMPTS = 3
_GATHER_SECONDS = 0.0002
_PROBE_SECONDS = 2


class StorageError(ThiduaError):
    """The database could not keep the change: nothing was recorded."""

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy(
            "The server could not write to its database (it may be away, or the disk full), so "
            "nothing was recorded. Tell the administrator, then try again."
        )


class _NotBegunError(UnavailableError):
    """No transaction could be begun, so none of those that wait can be served now."""


class Meter(Protocol):
    """Whoever is told how much there is to write."""

    def queued(self, length: int) -> None:
        """Note how many commands wait."""
        ...

    def taken(self, size: int) -> None:
        """Note that so many commands are run together."""
        ...


@dataclass(slots=True)
class _Waiting:
    """A command and whoever waits for its outcome."""

    command: AnyCommand
    loop: asyncio.AbstractEventLoop | None
    answer: "_Answer"


class Committer:
    """Runs commands on its own thread. Start it once; ``close`` drains what is queued."""

    def __init__(
        self,
        engine: Engine,
        execute: Execute,
        *,
        file: DatabaseFile | None = None,
        admit: Callable[[Connection], None] = lambda _connection: None,
        bound: int = QUEUE_BOUND,
    ) -> None:
        """``admit``: asked of each new connection. Raises UnavailableError where nobody may write.

        ``bound``: how many commands may wait.
        """
        self._engine = engine
        self._file = file
        self._admit = admit
        self._generation = 0
        self._execute = execute
        self._bound = bound
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._failures = failures_of(engine)
        self._troubles: tuple[type[Exception], ...] = (*self._failures, UnavailableError)
        self._is_failing = False
        self._held_back: list[_Waiting] = []
        self._last_size = 0
        self._is_alone = True
        self._connection: Connection | None = None
        self._meter: Meter | None = None
        self._thread = threading.Thread(target=self._work, name="committer", daemon=True)

    @property
    def is_failing(self) -> bool:
        """Return whether the last transaction could not be kept."""
        return self._is_failing

    @property
    def queue_length(self) -> int:
        """Return how many commands wait."""
        return self._queue.qsize() + len(self._held_back)

    def measure(self, meter: Meter) -> None:
        """Tell ``meter`` of every set from now on."""
        self._meter = meter

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Finish what is queued and stop."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    async def submit(self, command: Command[Outcome]) -> Outcome:
        """Queue ``command`` and wait for its outcome.

        Raises its refusal, BusyError, StorageError, OutcomeUnknownError.
        """
        self._refuse_if_full()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._queue.put(_Waiting(command, loop, answer))
        return await answer

    def submit_blocking(self, command: Command[Outcome]) -> Outcome:
        """Do as ``submit`` from a thread that may wait."""
        self._refuse_if_full()
        answer: Future[Outcome] = Future()
        self._queue.put(_Waiting(command, None, answer))
        return answer.result()

    def _refuse_if_full(self) -> None:
        length = self._queue.qsize()
        if length >= self._bound:
            raise BusyError
        if length and self._meter is not None:
            self._meter.queued(length + 1)

    def _work(self) -> None:
        with suppress(*self._troubles):
            self._connected()  # takes part from the start, not only from the first write on
        is_open = True
        while is_open:
            waiting, is_open = self._take()
            if waiting:
                self._tell_meter(len(waiting))
                outcomes = self._run_set([each.command for each in waiting])
                self._is_alone = len(waiting) == 1 and not self.queue_length
                _answer(waiting, outcomes)
            elif is_open:
                self._probe()
        self._drop_connection()

    def _tell_meter(self, size: int) -> None:
        if self._meter is not None:
            self._meter.taken(size)
            self._meter.queued(self.queue_length)

    def _take(self) -> tuple[list[_Waiting], bool]:
        """Return what is waiting, up to the set's size, and whether the queue is still open."""
        candidates, self._held_back = self._held_back, []
        while len(candidates) < SET_SIZE:
            try:
                each = self._queue.get(
                    block=not candidates, timeout=_PROBE_SECONDS if self.is_failing else None
                )
            except queue.Empty:
                break
            if each is None:
                return candidates, False
            candidates.append(each)
            if len(candidates) == 1 and not self._is_alone:
                self._let_queue()  # to give way costs a ninth of a decision: not for one alone
        chosen = self._without_contention(candidates)
        self._last_size = len(chosen)
        return chosen, True

    def _probe(self) -> None:
        """Try to write while nobody asks: health tells of the recovery before anybody comes."""
        try:
            connection = self._begun()
            definitions.touch_settings(connection)
            connection.commit()
        except self._troubles:
            self._drop_connection()
        else:
            self._is_failing = False

    def _let_queue(self) -> None:
        """Let whoever is about to queue do so: a set of one costs the others a commit of waiting.

        Who was answered just now often asks again at once. While they arrive, a fifth of a
        millisecond more spares them that wait; else a full and a small set would alternate.
        """
        time.sleep(0)
        arrived = -1
        while arrived < self._queue.qsize() < self._last_size - 1:
            arrived = self._queue.qsize()
            time.sleep(_GATHER_SECONDS)

    def _without_contention(self, candidates: list[_Waiting]) -> list[_Waiting]:
        """Keep the first command of each key for this set; the others wait for the next one."""
        seen: set[object] = set()
        chosen: list[_Waiting] = []
        for each in candidates:
            key = each.command.contends_for
            if key is not None and key in seen:
                self._held_back.append(each)
            else:
                seen.add(key)
                chosen.append(each)
        return chosen

    def _run_set(self, commands: list[AnyCommand]) -> list[object]:
        try:
            outcomes = self._transaction(commands)
        except _NotBegunError as exc:
            return [self._not_kept(exc)] * len(commands)
        except OutcomeUnknownError as exc:
            return self._one_by_one(commands, unknown=exc)
        except Exception:  # noqa: BLE001 - whatever broke the set, each is tried alone
            return self._one_by_one(commands, unknown=None)
        self._is_failing = False
        return outcomes

    def _one_by_one(
        self, commands: list[AnyCommand], *, unknown: OutcomeUnknownError | None
    ) -> list[object]:
        """Run each command in a transaction of its own, until none can be begun any more.

        ``unknown``: the commit of them all was lost, so each may have been kept already.
        """
        outcomes: list[object] = []
        for command in commands:
            try:
                outcomes.append(self._run_alone(command, unknown))
            except _NotBegunError as exc:
                left = len(commands) - len(outcomes)
                return [*outcomes, *[unknown or self._not_kept(exc)] * left]
        return outcomes

    def _run_alone(self, command: AnyCommand, unknown: OutcomeUnknownError | None) -> object:
        """Run one command; after a commit of unknown outcome, only one that may run again."""
        failure: BaseException = StorageError()
        for _ in range(_ATTEMPTS):
            if unknown is not None and not command.is_repeatable:
                return unknown
            try:
                outcome = self._transaction([command])[0]
            except OutcomeUnknownError as exc:
                failure = unknown = exc
            except self._troubles as exc:
                failure = unknown or self._not_kept(exc)
                if isinstance(exc, _NotBegunError) and unknown is None:
                    raise
                if (
                    type(exc) is UnavailableError
                ):  # locked, full or too slow: waiting once was enough
                    break
            except Exception as exc:  # noqa: BLE001 - the caller gets it, whatever it is
                return exc
            else:
                self._is_failing = False
                return outcome
        return failure

    def _not_kept(self, cause: BaseException) -> StorageError:
        failure = StorageError()
        failure.__cause__ = cause
        return failure

    def _transaction(self, commands: list[AnyCommand]) -> list[object]:
        """Run commands and commit. Raises what the database could not do, or their own error."""
        connection = self._begun()
        driver = driver_of(connection)
        is_complete = False
        try:
            outcomes, finish = self._execute(connection, commands)
            with sent_with_commit(connection):
                finish()
                is_complete = True
        except self._failures as exc:
            trouble = unavailability(exc, driver)
            # Before COMMIT returns nothing is kept, or, where its answer was lost, nobody knows.
            if is_complete and is_outcome_unknown(exc, trouble):
                trouble = OutcomeUnknownError()
            raise self._failed(exc, trouble) from exc
        except BaseException:
            connection.rollback()
            raise
        return list(outcomes)

    def _begun(self) -> Connection:
        """Return the connection in a transaction. Raises _NotBegunError."""
        try:
            self._mind_the_file()
            connection = self._connected()
            connection.begin()
            return connection
        except self._troubles as exc:
            self._is_failing = True
            self._drop_connection()
            raise _NotBegunError from exc

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
            try:
                self._admit(self._connection)
            except BaseException:
                # Half admitted it is in a transaction that nobody ends, and no other could begin.
                self._drop_connection()
                raise
        return self._connection

    def _mind_the_file(self) -> None:
        """Leave a file that another one has replaced.

        Raises UnavailableError where there is none: nothing would be kept.
        """
        if self._file is not None:
            present = self._file.generation()
            if present != self._generation:
                self._generation = present
                self._drop_connection()

    def _failed(self, exc: Exception, trouble: UnavailableError | None) -> Exception:
        """Let the connection go; return what ``exc`` means, itself where the statement failed."""
        if trouble is not None:
            self._is_failing = True
        self._drop_connection()
        return trouble or refusal_of_guard(exc) or exc

    def _drop_connection(self) -> None:
        """Close the connection for good: its pool may have been thrown away since."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _answer(waiting: Iterable[_Waiting], outcomes: Iterable[object]) -> None:
    """Answer everyone, with one wake-up for each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Answer, object]]] = {}
    for each, outcome in zip(waiting, outcomes, strict=True):
        if each.loop is None:
            _settle([(each.answer, outcome)])
        else:
            by_loop.setdefault(each.loop, []).append((each.answer, outcome))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, answers)
        except RuntimeError:
            continue  # the loop closed while its commands were written, and nobody waits


def _settle(answers: Iterable[tuple[_Answer, object]]) -> None:
    for future, outcome in answers:
        if future.cancelled():
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
