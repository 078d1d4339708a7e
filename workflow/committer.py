"""The committer: one thread that writes, a set of commands at a time.

Owns the only writing connection of a process. It takes what is waiting (no timer), runs it in one transaction, commits,
and only then answers. If a set breaks, its commands run again one by one; every command is safe to run again, because
each looks up what it has already recorded.

Crash order: before COMMIT returns nobody has an answer and nothing is kept; after it everything is kept, and who lost
the answer finds it again by the command's id.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from workflow.errors import BusyError, Refusal, ThiduaError
from workflow.speech import say

Command = Any
"""A frozen dataclass; its ``key`` names what it contends for (two of one key never share a set), or is None."""
Outcome = Any
Runner = Callable[[Connection, Sequence[Command]], Sequence[Outcome | Refusal]]
"""Runs commands of one type in the caller's transaction: one outcome, or the refusal, for each, in order."""

SET_SIZE = 64
QUEUE_BOUND = 1024
_ATTEMPTS = 3
_GATHER_SECONDS = 0.0002


class StorageError(ThiduaError):
    """The database could not keep the change: nothing was recorded."""

    def __str__(self) -> str:
        return say("Máy chủ không ghi được dữ liệu (có thể đĩa đã đầy) nên chưa ghi nhận gì. Hãy báo quản trị viên rồi thử lại.")


class _Waiting:
    """A command and whoever waits for its outcome."""

    __slots__ = ("answer", "command", "loop")

    def __init__(self, command: Command, loop: asyncio.AbstractEventLoop | None, answer: Any) -> None:  # noqa: ANN401 - either kind of future
        self.command = command
        self.loop = loop
        self.answer = answer


class Committer:
    """Runs commands on its own thread. Start it once; ``close`` drains what is queued."""

    def __init__(self, engine: Engine, runners: Mapping[type, Runner], *, bound: int = QUEUE_BOUND, set_size: int = SET_SIZE) -> None:
        self._engine = engine
        self._runners = runners
        self._bound = bound
        self._set_size = set_size
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        # Hot statements run on the driver's cursor, so its errors come unwrapped beside SQLAlchemy's.
        self._storage_failures = (DBAPIError, engine.dialect.loaded_dbapi.Error)
        self._held_back: list[_Waiting] = []
        self._last_size = 0
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._work, name="committer", daemon=True)

    def learn(self, runners: Mapping[type, Runner]) -> None:
        """Run further kinds of command from now on; those of parts that are loaded after the start."""
        self._runners = {**self._runners, **runners}

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Finish what is queued and stop."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    async def submit(self, command: Command) -> Outcome:
        """Queue ``command`` and wait for its outcome. Raises its refusal, BusyError, StorageError."""
        self._refuse_if_full()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._queue.put(_Waiting(command, loop, answer))
        return await answer

    def submit_blocking(self, command: Command) -> Outcome:
        """Do as ``submit`` from a thread that may wait."""
        self._refuse_if_full()
        answer: Future[Outcome] = Future()
        self._queue.put(_Waiting(command, None, answer))
        return answer.result()

    def _refuse_if_full(self) -> None:
        if self._queue.qsize() >= self._bound:
            raise BusyError

    def _work(self) -> None:
        is_open = True
        while is_open:
            waiting, is_open = self._take()
            if waiting:
                _answer(waiting, self._run_set([each.command for each in waiting]))
        self._drop_connection()

    def _take(self) -> tuple[list[_Waiting], bool]:
        """Return what is waiting, up to the set's size, and whether the queue is still open."""
        candidates, self._held_back = self._held_back, []
        while len(candidates) < self._set_size:
            try:
                each = self._queue.get(block=not candidates)
            except queue.Empty:
                break
            if each is None:
                return candidates, False
            candidates.append(each)
            if len(candidates) == 1:
                self._let_queue()
        chosen = self._without_contention(candidates)
        self._last_size = len(chosen)
        return chosen, True

    def _let_queue(self) -> None:
        """Let whoever is about to queue do so: a set of one would cost the others a commit of waiting.

        Whoever was answered just now often asks again at once. While they are still arriving, a fifth of a millisecond more
        spares them that wait; else two groups would take turns for ever, a full set and a small one.
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
            key = each.command.key
            if key is not None and key in seen:
                self._held_back.append(each)
            else:
                seen.add(key)
                chosen.append(each)
        return chosen

    def _run_set(self, commands: list[Command]) -> list[Outcome | BaseException]:
        try:
            return self._transaction(commands)
        except Exception:  # noqa: BLE001 - whatever broke the set, its commands are tried alone and speak for themselves
            return [self._run_alone(command) for command in commands]

    def _run_alone(self, command: Command) -> Outcome | BaseException:
        failure: BaseException = StorageError()
        for _ in range(_ATTEMPTS):
            try:
                return self._transaction([command])[0]
            except self._storage_failures as exc:
                failure = StorageError()
                failure.__cause__ = exc
            except Exception as exc:  # noqa: BLE001 - the caller gets it, whatever it is
                return exc
        return failure

    def _transaction(self, commands: list[Command]) -> list[Outcome | BaseException]:
        connection = self._open_connection()
        try:
            with connection.begin():
                return self._run_by_type(connection, commands)
        except self._storage_failures:
            self._drop_connection()
            raise

    def _run_by_type(self, connection: Connection, commands: list[Command]) -> list[Outcome | BaseException]:
        kinds = dict.fromkeys(type(command) for command in commands)
        if len(kinds) == 1:
            return list(self._runners[type(commands[0])](connection, commands))
        outcomes: list[Outcome | BaseException] = [None] * len(commands)
        for kind in kinds:
            places = [place for place, command in enumerate(commands) if type(command) is kind]
            for place, outcome in zip(places, self._runners[kind](connection, [commands[place] for place in places]), strict=True):
                outcomes[place] = outcome
        return outcomes

    def _open_connection(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except self._storage_failures:
                connection.invalidate()


def _answer(waiting: Iterable[_Waiting], outcomes: Iterable[Outcome | BaseException]) -> None:
    """Answer everyone, with one wake-up for each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Any, Outcome | BaseException]]] = {}
    for each, outcome in zip(waiting, outcomes, strict=True):
        if each.loop is None:
            _settle([(each.answer, outcome)])
        else:
            by_loop.setdefault(each.loop, []).append((each.answer, outcome))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, answers)
        except RuntimeError:  # the loop closed while its commands were written; they are, and nobody waits for the answer
            continue


def _settle(answers: Iterable[tuple[Any, Outcome | BaseException]]) -> None:
    for future, outcome in answers:
        if future.cancelled():
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
