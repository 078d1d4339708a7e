"""HTTP/1.1 on the wire by h11: uvicorn's protocol in pure Python, where httptools has no wheel.

Owns what it tells a connection's watch, and the strictness that h11 lacks: it must refuse all that
httptools refuses, for what two readers read otherwise is what desynchronises them. It never judges
what is asked for.
"""

import asyncio
import re
from typing import TypeAlias

import h11
from h11._receivebuffer import ReceiveBuffer
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.server.bounds import BAD_REQUEST, TOO_LARGE, Bounds, refused_head
from api.server.connections import Watch
from api.server.watched_protocol import WatchedProtocol

_Event: TypeAlias = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]
_LOOSE_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_HEAD_END = re.compile(rb"\n\r?\n")


class StrictReceiveBuffer(ReceiveBuffer):
    """h11's buffer, which takes heads and trailers only as RFC 9112 §2.2 and §5.2 write them.

    h11 takes a bare LF for a line's end, joins folded lines, and makes one length of several that
    are equal.
    """

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """Return the lines up to the first empty one.

        Raises LocalProtocolError, which h11 turns into the client's fault.
        """
        end = _HEAD_END.search(self._data)
        if end is not None and _LOOSE_LINE_END.search(self._data, 0, end.end()):
            raise h11.LocalProtocolError("a line that does not end with CRLF")
        lines = super().maybe_extract_lines()
        if any(line.startswith((b" ", b"\t")) for line in lines or []):
            raise h11.LocalProtocolError("a folded line")
        lengths = [line for line in lines or [] if line[:15].lower() == b"content-length:"]
        if len(lengths) > 1 or any(b"," in line for line in lengths):
            raise h11.LocalProtocolError("several lengths")
        return lines


class WatchedConnection(h11.Connection):
    """h11's connection, which tells what it has read before anybody acts on it."""

    def __init__(self, watch: Watch, bounds: Bounds) -> None:
        super().__init__(h11.SERVER, bounds.head_bytes)
        self._receive_buffer = StrictReceiveBuffer()
        self._watch = watch
        self._bounds = bounds
        self.refused_with = BAD_REQUEST

    def next_event(self) -> _Event:
        """Return the next event.

        Raises RemoteProtocolError where it breaks a bound; ``refused_with`` is the status then.
        """
        try:
            event = super().next_event()
            self._judge(event)
        except h11.RemoteProtocolError as exc:
            self.refused_with = exc.error_status_hint
            raise
        return event

    def _judge(self, event: _Event) -> None:
        if isinstance(event, h11.Request):
            version = event.http_version.decode("ascii")
            status = refused_head(list(event.headers), version, event.target, self._bounds)
            if status is not None:
                raise h11.RemoteProtocolError("a head that is refused", error_status_hint=status)
            self._watch.head_ends()
        elif isinstance(event, h11.Data) and self._watch.is_too_large(len(event.data)):
            raise h11.RemoteProtocolError("a body that is too large", error_status_hint=TOO_LARGE)
        elif isinstance(event, h11.EndOfMessage):
            self._watch.message_ends()


class BoundedH11Protocol(WatchedProtocol, H11Protocol):
    """uvicorn's protocol around h11, bounded."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Read the connection by the strict parser."""
        super().connection_made(transport)
        if self.watch is not None:
            self.conn = WatchedConnection(self.watch, self.bounded.bounds)

    def handle_events(self) -> None:
        """Act on what was read, unless the connection is over."""
        if self.watch is not None and not self.watch.is_over:
            super().handle_events()

    def send_400_response(self, msg: str) -> None:
        """Refuse the request with the status that suits it."""
        if isinstance(self.conn, WatchedConnection):
            self.refused_with = self.conn.refused_with
        super().send_400_response(msg)

    def finish(self) -> None:
        """Let the answer that is being made be the last, or close the connection."""
        if self.watch is None or not self.watch.is_over:
            H11Protocol.shutdown(self)

    def is_answering(self) -> bool:
        """Return whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def answer_last(self) -> bool:
        """Let an answer that has begun be the last; return whether one has."""
        if not self.is_answering() or not self.cycle.response_started:
            return False
        self.cycle.keep_alive = False
        return True

    def forsake(self) -> None:
        """Tell whoever works on a request that nobody waits for the answer."""
        if self.is_answering():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
