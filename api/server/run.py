"""Run the web application under uvicorn, in the foreground or beside other work."""

import asyncio
import errno
import logging
import multiprocessing
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Literal

import uvicorn
from starlette.types import ASGIApp

from api.file_lock import lock_file
from api.server.bounds import Bounds
from notifications.translation import translate
from workflow.errors import InvalidInputError

if sys.platform != "win32":
    import resource

_START_SECONDS = 30
_PORTS = range(20_000, 32_000)
_BACKLOG = 2048
"""Connections that wait to be accepted; a short queue overflows, and then all wait for seconds."""
_HANDLES = 64
"""Of one listening socket. libuv accepts one connection of each in a round of its loop, so that a
round that answers many requests would let a whole queue of new clients wait."""
_SWITCH_SECONDS = 0.0005
"""How long a thread may keep the interpreter: each row that the loop reads would else wait 5 ms."""
Protocol = Literal["httptools", "h11"]
_PROTOCOLS = {
    "httptools": "api.server.httptools_protocol:BoundedHttpToolsProtocol",
    "h11": "api.server.h11_protocol:BoundedH11Protocol",
}
LAST_SECONDS = 15
"""How long the rest may take after the open requests: mail under way, the queue, reports."""
STOP_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
)


def server_config(
    app: ASGIApp | str, protocol: Protocol | None = None, *, workers: int = 1
) -> uvicorn.Config:
    """Return how a server process is set up: quiet, bounded, believing no forwarded header itself.

    ``app``: the application, or for several workers the name of what makes one. ``protocol``: by
    default ``httptools`` where it is installed, which has wheels for most machines.
    """
    leave_no_core()
    logging.getLogger("uvicorn.error").addFilter(_is_about_us)
    sys.setswitchinterval(_SWITCH_SECONDS)
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        access_log=False,  # a link's token would be in it
        log_level="warning",
        log_config=None,  # its lines go the way of all others
        server_header=False,
        lifespan="on",
        http=_PROTOCOLS[protocol or ("httptools" if find_spec("httptools") else "h11")],
        ws="none",
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=Bounds().idle_seconds,
        timeout_graceful_shutdown=Bounds().stop_seconds,
        # A new worker on a busy machine is not a broken one.
        timeout_worker_healthcheck=_START_SECONDS,
    )


def _is_about_us(record: logging.LogRecord) -> bool:
    """Return whether a line of the server's is about us: what clients send wrongly is answered."""
    return record.msg != "Invalid HTTP request received."


class Server(uvicorn.Server):
    """A server that ends in time, whatever is open; then its process closes the database."""

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to end; from then on the process ends in time."""
        super().run(sockets)
        end_in_time()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on every signal that asks for it; uvicorn would raise it again and end at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in STOP_SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def server(app: ASGIApp, protocol: Protocol | None = None) -> Server:
    """Return the server of ``app``, to be run on a bound socket."""
    return Server(server_config(app, protocol))


def bound_socket(host: str, port: int, chosen_by: str = "--port") -> socket.socket:
    """Return a socket bound to a port, before anybody is told that it serves.

    Raises InvalidInputError.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        # What is accepted inherits it. asyncio's own loop sets it on none of these, and an answer
        # of two writes then waits 40 ms for the caller's acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, OverflowError) as exc:
        if getattr(exc, "errno", None) == errno.EADDRINUSE:
            raise InvalidInputError(
                translate(
                    "Port {port} is used by another program. Stop that program, or "
                    "choose another port by {chosen_by}.",
                    port=port,
                    chosen_by=chosen_by,
                )
            ) from None
        raise InvalidInputError(
            translate(
                "Cannot open port {port} at {host} ({name}). Choose another address or port.",
                port=port,
                host=host,
                name=type(exc).__name__,
            )
        ) from None


def handles_of(listening: socket.socket) -> list[socket.socket]:
    """Return the handles by which a server accepts what waits at a socket, many in a round."""
    return [listening, *(listening.dup() for _ in range(_HANDLES - 1))]


async def told_to_stop() -> None:
    """Wait for a signal that asks the process to end."""
    loop, is_told = asyncio.get_running_loop(), asyncio.Event()
    for each in STOP_SIGNALS:
        signal.signal(each, lambda *_: loop.call_soon_threadsafe(is_told.set))
    await is_told.wait()


def leave_no_core() -> None:
    """Let nothing that was in memory stay in a file when the process dies."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_in_time() -> None:
    """End the process in a while even if a thread is at work; what it does may be cut off."""
    watchdog = threading.Timer(LAST_SECONDS, os._exit, (0,))
    watchdog.daemon = True
    watchdog.start()


def end_with_parent() -> None:
    """Stop this process as a signal would once the one that started it is gone, however it went.

    Nobody would roll or stop it any more, and it would keep the port from the next server.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def free_port(wanted: int | None) -> int:
    """Return ``wanted``, or a free port of this machine where it is 0 or None.

    It is none of those that systems give to connections going out, so that none of these takes it
    before it is bound.
    """
    if wanted:
        return wanted
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", secrets.choice(_PORTS)))
            return int(probe.getsockname()[1])


@contextmanager
def beside(
    app: ASGIApp, port: int, protocol: Protocol | None = None
) -> Iterator[asyncio.AbstractEventLoop]:
    """Serve in a thread while the block runs; yield that server's event loop."""
    listening = handles_of(bound_socket("127.0.0.1", port))
    running = server(app, protocol)
    loops: list[asyncio.AbstractEventLoop] = []
    has_started = threading.Event()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        serving = asyncio.create_task(running.serve(listening))
        while not running.started and not serving.done():  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
        has_started.set()
        await serving

    def run() -> None:
        with asyncio.Runner(loop_factory=running.config.get_loop_factory()) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, name="web", daemon=True)
    thread.start()
    if not has_started.wait(_START_SECONDS) or not running.started:
        raise InvalidInputError(
            translate("Cannot open the port {port}. Choose another one with --port.", port=port)
        )
    try:
        yield loops[0]
    finally:
        running.should_exit = True
        thread.join(_START_SECONDS)


def lock_data_dir(folder: Path) -> IO[str]:
    """Return the held lock of a data directory, let go by closing it.

    Raises InvalidInputError where another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "serve.lock").open("a+")
    try:
        lock_file(file, waits=False)
    except OSError:
        file.close()
        raise InvalidInputError(
            translate(
                "The data folder {folder} is served by another process. With SQLite "
                "only one process runs; stop the other or use PostgreSQL.",
                folder=folder,
            )
        ) from None
    return file
