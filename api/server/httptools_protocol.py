"""HTTP/1.1 on the wire by httptools: uvicorn's fast protocol, with bounds.

Owns what it tells a connection's watch. httptools itself bounds neither target, heads nor trailers,
and would add trailers to the headers of a request that is being answered. It never judges what is
asked for.
"""

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.server.bounds import BAD_REQUEST, HEAD_TOO_LARGE, TOO_LARGE, URI_TOO_LONG, refused_head
from api.server.connections import Watch, connections_of

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.config import Config
    from uvicorn.server import ServerState


class _RefusedError(Exception):
    """A request breaks a bound; raised through the parser, which stops at once."""


class BoundedHttpToolsProtocol(HttpToolsProtocol):
    """uvicorn's protocol around httptools, bounded."""

    watch: Watch | None = None

    def __init__(
        self,
        config: "Config",
        server_state: "ServerState",
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.bounded = connections_of(self.app)
        self.answered: RequestResponseCycle | None = None
        self._refused_with = BAD_REQUEST
        self._head_bytes = 0
        self._in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Count the connection, and end it where there is no room."""
        super().connection_made(transport)
        self.watch = self.bounded.admit(self, self.client[0] if self.client else "")
        if self.watch is None:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and tell the answer that is being made, should it not be the newest."""
        super().connection_lost(exc)
        self.forsake()
        self.pipeline.clear()
        if self.watch is not None:
            self.bounded.release(self.watch)

    def data_received(self, data: bytes) -> None:
        """Read what has arrived, if it may be read."""
        if self.watch is not None and self.watch.received(len(data)):
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Refuse the request with the status that suits it."""
        if self.watch is not None:
            self.watch.refuse(self._refused_with)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: whoever asks for another protocol is answered in this one (RFC 9110 §7.8)."""

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
        self._refused_with = status
        raise _RefusedError

    def pause_writing(self) -> None:
        """Begin to count how long the client does not take its answer."""
        super().pause_writing()
        if self.watch is not None:
            self.watch.writing_stops(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Stop counting."""
        super().resume_writing()
        if self.watch is not None:
            self.watch.writing_goes_on()

    def shutdown(self) -> None:
        """Finish the answer that is being made, within the time there is."""
        if self.watch is not None:
            self.watch.stop()
        if not self.answer_last():
            super().shutdown()

    def is_answering(self) -> bool:
        """Return whether a request is being answered."""
        return self.answered is not None and not self.answered.response_complete

    def is_reading_paused(self) -> bool:
        """Return whether it is we who keep the client from sending."""
        return self.flow.read_paused

    def answer_last(self) -> bool:
        """Let an answer that has begun, or is not for the request being read, be the last; return whether there is one."""
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
