"""What both protocols on the wire have in common: each connection is watched from its first byte.

Owns what a connection tells its watch. How a request is read, and when it is answered, the two
protocols say.
"""

import asyncio
from typing import TYPE_CHECKING

from api.server.bounds import BAD_REQUEST
from api.server.connections import ARRIVING_SECONDS, Connections, Watch, connections_of

if TYPE_CHECKING:
    from uvicorn.protocols.http.flow_control import FlowControl


class WatchedProtocol(asyncio.Protocol):
    """Stands before one of uvicorn's protocols; both are given the events of the connection."""

    app: object
    client: tuple[str, int] | None
    flow: "FlowControl"
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    bounded: Connections
    watch: Watch | None = None
    refused_with = BAD_REQUEST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # uvicorn narrows the argument likewise.
        """Count the connection, and end it where there is no room."""
        super().connection_made(transport)
        self.bounded = connections_of(self.app)
        self.watch = self.bounded.admit(self, self.client[0] if self.client else "")
        if self.watch is None:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        if self.watch is not None:
            self.bounded.release(self.watch)

    def data_received(self, data: bytes) -> None:
        """Read what has arrived, if it may be read."""
        if self.watch is not None and self.watch.received(len(data)):
            super().data_received(data)

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

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Refuse the request with the status that suits it."""
        if self.watch is not None:
            self.watch.refuse(self.refused_with)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: who asks for another protocol is answered in this one (RFC 9110 §7.8)."""

    def shutdown(self) -> None:
        """Close what nobody uses; what is being asked and answered is finished within its time."""
        if self.watch is not None and self.watch.stop():
            self.loop.call_later(ARRIVING_SECONDS, self.shutdown)
        elif not self.transport.is_closing():
            self.finish()

    def finish(self) -> None:
        """Let the answer that is being made be the last, or close the connection."""
        raise NotImplementedError

    def is_reading_paused(self) -> bool:
        """Return whether it is we who keep the client from sending."""
        return self.flow.read_paused

    def is_answering(self) -> bool:
        """Return whether a request is being answered."""
        raise NotImplementedError

    def answer_last(self) -> bool:
        """Let the answer that is on its way be the last; return whether there is one."""
        raise NotImplementedError

    def forsake(self) -> None:
        """Tell whoever works on a request that nobody waits for the answer."""
        raise NotImplementedError
