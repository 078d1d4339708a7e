"""HTTP/1.1 on the wire by httptools: uvicorn's fast protocol, with bounds.

Owns what it tells a connection's watch. httptools itself bounds neither target, heads nor trailers,
and would add trailers to the headers of a request that is being answered. It never judges what is
asked for.
"""

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.server.bounds import BAD_REQUEST, HEAD_TOO_LARGE, TOO_LARGE, URI_TOO_LONG, refused_head
from api.server.watched_protocol import WatchedProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application


class _RefusedError(Exception):
    """A request breaks a bound; raised through the parser, which stops at once."""


class BoundedHttpToolsProtocol(WatchedProtocol, HttpToolsProtocol):
    """uvicorn's protocol around httptools, bounded."""

    answered: RequestResponseCycle | None = None
    _head_bytes = 0
    _in_head = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and tell the answer that is being made."""
        super().connection_lost(exc)
        self.forsake()
        self.pipeline.clear()

    def on_message_begin(self) -> None:
        """Begin to count a head."""
        super().on_message_begin()
        self._head_bytes, self._in_head = 0, True
        if self.watch is not None:
            self.watch.head_begins()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        super().on_url(url)
        if len(self.url) > self.bounded.bounds.target_bytes:
            self._refuse(URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; of a trailer only its size."""
        self._head_bytes += len(name) + len(value)
        bounds = self.bounded.bounds
        if self._head_bytes > bounds.head_bytes or len(self.headers) > bounds.headers:
            self._refuse(HEAD_TOO_LARGE)
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Judge the head before anything acts on it."""
        bounds = self.bounded.bounds
        status = refused_head(self.headers, self.parser.get_http_version(), self.url, bounds)
        if status is not None:
            self._refuse(status)
        if len(self.pipeline) >= bounds.pipelined:
            self._refuse(BAD_REQUEST)
        super().on_headers_complete()
        if self.watch is not None:
            self.watch.head_ends()
        self._in_head, self._head_bytes = False, 0
        if self.parser.should_upgrade():
            # The parser takes what follows for another protocol's bytes.
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Count a piece of the body, wanted or not."""
        if self.watch is not None and self.watch.is_too_large(len(body)):
            self._refuse(TOO_LARGE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request has come whole."""
        if self.watch is not None:
            self.watch.message_ends()
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        self.answered = cycle
        super()._start_asgi_task(cycle, app)

    def _refuse(self, status: int) -> None:
        self.refused_with = status
        raise _RefusedError

    def finish(self) -> None:
        """Let the answer that is being made be the last, or close the connection."""
        if not self.answer_last():
            HttpToolsProtocol.shutdown(self)

    def is_answering(self) -> bool:
        """Return whether a request is being answered."""
        return self.answered is not None and not self.answered.response_complete

    def answer_last(self) -> bool:
        """Let an answer that has begun, or not for what is being read, be the last."""
        answered = self.answered
        if (
            answered is None
            or answered.response_complete
            or not (answered.response_started or answered is not self.cycle or self._in_head)
        ):
            return False
        answered.keep_alive = False
        self.pipeline.clear()
        return True

    def forsake(self) -> None:
        """Tell whoever works on a request that nobody waits for the answer."""
        if self.answered is not None and not self.answered.response_complete:
            self.answered.disconnected = True
            self.answered.message_event.set()
