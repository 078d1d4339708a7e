"""Every connection of one process: how many there are, whose they are, and how long each may take.

Owns the counts per client and the deadlines of reading and writing. The two protocols report what
happens on the wire; one sweep a second ends what has run out of time. It must never count a trusted
proxy as a client: who is behind it is counted by request, in the middleware.
"""

import asyncio
import time
from enum import Enum, auto
from http import HTTPStatus
from math import inf
from typing import Protocol

from api.network import Proxies, counted_as
from api.server.bounds import HEAD_TOO_LARGE, TIMED_OUT, TOO_LARGE, Bounds

_SWEEP_SECONDS = 1.0
ARRIVING_SECONDS = 2.0
"""How long after a connection was made, when the process stops, its request may still begin."""


class Served(Protocol):
    """What a watch asks of the protocol whose connection it watches."""

    transport: asyncio.Transport

    def is_answering(self) -> bool:
        """Return whether a request is being answered."""
        ...

    def answer_last(self) -> bool:
        """Let the answer that is on its way be the last; return whether there is one."""
        ...

    def forsake(self) -> None:
        """Tell whoever works on a request that nobody waits for the answer."""
        ...

    def is_reading_paused(self) -> bool:
        """Return whether it is we who keep the client from sending."""
        ...


class _Phase(Enum):
    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    OVER = auto()
    CLOSING = auto()


class Watch:
    """The time and the bytes of one connection; made by ``Connections.admit``."""

    __slots__ = (
        "_bounds",
        "_connections",
        "_phase",
        "_received",
        "_served",
        "_since",
        "_stop_by",
        "_until",
        "_write_until",
        "body",
        "client",
    )

    def __init__(self, connections: "Connections", served: Served, client: str | None) -> None:
        self._connections = connections
        self._bounds = connections.bounds
        self._served = served
        self.client = client
        self.body = 0
        self._phase = _Phase.IDLE
        self._received = 0
        self._since = self._until = self._write_until = self._stop_by = inf
        self.head_begins()

    @property
    def is_over(self) -> bool:
        """Return whether the connection only waits for its end; what arrives is thrown away."""
        return self._phase in {_Phase.OVER, _Phase.CLOSING}

    @property
    def is_waiting(self) -> bool:
        """Return whether nothing has been asked that is not answered."""
        return self._phase in {_Phase.IDLE, _Phase.HEAD} and not self._served.is_answering()

    @property
    def is_unfinished(self) -> bool:
        """Return whether a request has not come whole."""
        return self._phase in {_Phase.HEAD, _Phase.BODY}

    def received(self, count: int) -> bool:
        """Count what has arrived, whatever a header says of it; return whether it may be read."""
        self._received += count
        if self.is_over:
            if self._received > self._bounds.lingering_bytes:
                self._served.transport.abort()
            return False
        if self._phase is _Phase.IDLE:
            self.head_begins()
        if self._phase is _Phase.HEAD and self._received - count > self._bounds.head_bytes:
            # httptools keeps a header to itself until it is whole.
            self.refuse(HEAD_TOO_LARGE)
            return False
        # Chunk sizes, extensions and trailers count: a body of framing alone has no end.
        if self._received > self._bounds.body_bytes + 4 * self._bounds.head_bytes + count:
            self.refuse(TOO_LARGE)
            return False
        return True

    def head_begins(self) -> None:
        """Note that a request begins: its head has a time to arrive, however it is spread."""
        self._phase, self._received = _Phase.HEAD, 0
        self._until = self._connections.now() + self._bounds.head_seconds

    def head_ends(self) -> None:
        """Note that a head is whole: now its body has a time to arrive."""
        self._phase, self.body, self._received = _Phase.BODY, 0, 0
        self._since = self._connections.now()
        self._until = self._since + self._bounds.body_grace_seconds

    def is_too_large(self, count: int) -> bool:
        """Count ``count`` bytes of the body; return whether that is too many."""
        self.body += count
        return self.body > self._bounds.body_bytes

    def message_ends(self) -> None:
        """Note that a request has come whole; the time of its answer is not the client's doing."""
        self._phase, self._received, self._until = _Phase.IDLE, 0, inf

    def writing_stops(self, waiting: int) -> None:
        """Note that the client takes no answer; ``waiting`` bytes of it have a time to leave."""
        bounds = self._bounds
        self._write_until = (
            self._connections.now()
            + bounds.answer_grace_seconds
            + waiting / bounds.answer_bytes_per_second
        )

    def writing_goes_on(self) -> None:
        """Note that what waited has left."""
        self._write_until = inf

    def refuse(self, status: int) -> None:
        """Say why, where it can be said, and end the connection; let the client read it before."""
        if self.is_over:
            return
        was_answered = self._phase is _Phase.BODY and not self._served.is_answering()
        self._phase, self._received, self._until = _Phase.OVER, 0, inf
        if self._served.answer_last():
            return
        self._until = self._connections.now() + self._bounds.lingering_seconds
        self._served.forsake()
        transport = self._served.transport
        if transport.is_closing():
            return
        if not was_answered:
            transport.write(_refusal(status))
        # Closing with unread bytes would reset the connection and take the answer away.
        transport.write_eof()

    def end(self) -> None:
        """End the connection at once."""
        self._phase = _Phase.CLOSING
        self._served.transport.abort()

    def stop(self) -> bool:
        """Note that the process is to stop: what is unfinished after half its time is ended.

        Return, the first time, whether a request has just begun to arrive: closing the connection
        now would refuse somebody who has done nothing but come in this moment.
        """
        if self._stop_by < inf:
            return False
        now = self._connections.now()
        self._stop_by = now + self._bounds.stop_seconds / 2
        begun = self._until - self._bounds.head_seconds
        return self._phase is _Phase.HEAD and now - begun < ARRIVING_SECONDS

    def sweep(self, now: float) -> None:
        """End what has run out of time."""
        transport = self._served.transport
        if now >= self._write_until or (
            now >= self._stop_by and (self.is_unfinished or self._write_until < inf)
        ):
            self.end()
        elif transport.is_closing() and self._phase is not _Phase.CLOSING:
            # It was closed with an answer still to be taken.
            self._phase, self._until = _Phase.CLOSING, inf
            self.writing_stops(transport.get_write_buffer_size())
        elif now >= self._until:
            self._expire(now)

    def _expire(self, now: float) -> None:
        match self._phase:
            case _Phase.OVER:
                self._served.transport.abort()
            case _Phase.HEAD if not self._served.is_answering():
                self.refuse(TIMED_OUT)
            case _Phase.BODY if not self._served.is_reading_paused():
                self._expire_body(now)
            case _:
                self._since += _SWEEP_SECONDS
                self._until = now + _SWEEP_SECONDS

    def _expire_body(self, now: float) -> None:
        bounds = self._bounds
        earned = bounds.body_grace_seconds + self.body / bounds.body_bytes_per_second
        self._until = self._since + min(earned, bounds.body_seconds)
        if now >= self._until:
            self.refuse(TIMED_OUT)


class Connections:
    """The connections of one process, in the order in which they came."""

    def __init__(self, proxies: Proxies, bounds: Bounds) -> None:
        self.bounds = bounds
        self._proxies = proxies
        self._all: dict[Watch, None] = {}
        self._by_client: dict[str, dict[Watch, None]] = {}
        self._is_sweeping = False

    def __len__(self) -> int:
        return len(self._all)

    @staticmethod
    def now() -> float:
        """Return the instant by which deadlines are kept."""
        return time.monotonic()

    def admit(self, served: Served, host: str) -> Watch | None:
        """Return the watch over a new connection, or None where there is no room for it.

        Who waits gives way to who comes: the oldest connection on which nothing is being answered
        is ended, of the same client where it has used up its share. So half-open requests, however
        many, cost only whoever holds them.
        """
        client = None if self._proxies.is_trusted(host) else counted_as(host)
        own = self._by_client.get(client, {}) if client is not None else {}
        if len(own) >= self.bounds.connections_per_client and not self._make_room(own):
            return None
        if len(self._all) >= self.bounds.connections and not self._make_room(self._all):
            return None
        watch = Watch(self, served, client)
        self._all[watch] = None
        if client is not None:
            self._by_client.setdefault(client, {})[watch] = None
        self._keep_sweeping()
        return watch

    def release(self, watch: Watch) -> None:
        """Forget a connection that has ended."""
        self._all.pop(watch, None)
        own = self._by_client.get(watch.client or "")
        if own is not None:
            own.pop(watch, None)
            if not own:
                del self._by_client[watch.client or ""]

    def _make_room(self, among: dict[Watch, None]) -> bool:
        """End the oldest connection that waits, else the oldest unfinished, if there is one."""
        candidates = [each for each in among if each.client is not None]
        victim = next((each for each in candidates if each.is_waiting), None) or next(
            (each for each in candidates if each.is_unfinished), None
        )
        if victim is None:
            return False
        self.release(victim)
        victim.end()
        return True

    def _keep_sweeping(self) -> None:
        if not self._is_sweeping:
            self._is_sweeping = True
            asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._is_sweeping = False
        now = self.now()
        for watch in list(self._all):
            watch.sweep(now)
        if self._all:
            self._keep_sweeping()


def connections_of(app: object) -> Connections:
    """Return the connections that the outermost layer of the application holds."""
    connections = getattr(app, "connections", None)
    if not isinstance(connections, Connections):
        raise TypeError("the bounded protocols serve the application's outermost layer only")
    return connections


def _refusal(status: int) -> bytes:
    phrase = HTTPStatus(status).phrase
    head = (
        f"HTTP/1.1 {status} {phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        f"content-length: {len(phrase)}\r\nconnection: close\r\n\r\n"
    )
    return (head + phrase).encode("ascii")
