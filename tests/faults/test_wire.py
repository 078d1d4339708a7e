"""What arrives on the wire: bounded, unambiguous, in time; by both protocols alike."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from api.network import parse_proxies
from api.server.bounds import Bounds
from api.server.connections import Connections
from api.server.run import Protocol, beside, bound_socket, free_port
from tests.waiting import until

SMALL = Bounds(
    connections=40,
    connections_per_client=20,
    head_seconds=1,
    idle_seconds=5,
    body_bytes=200_000,
    body_grace_seconds=1,
    answer_grace_seconds=1,
    answer_bytes_per_second=10_000_000,
    lingering_seconds=0.25,
    stop_seconds=4,
)
HOST = b"Host: 127.0.0.1\r\n"
BIG = 20_000_000


class Echo:
    """An application that says what it was asked; the protocols find the bounds on it as on the product's outermost layer."""

    def __init__(self, bounds: Bounds = SMALL) -> None:
        self.connections = Connections(parse_proxies("127.0.0.9"), bounds)
        self.bodies: list[bytes] = []
        self.gone = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["path"] != "/early":
            body, more = b"", True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    self.gone += 1
                    return
                body, more = body + message.get("body", b""), message.get("more_body", False)
            self.bodies.append(body)
        answer = (
            b"x" * BIG
            if scope["path"] == "/big"
            else f"{scope['method']} {scope['path']} {len(scope['headers'])}".encode()
        )
        headers = [(b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


@dataclass
class Wire:
    app: Any
    port: int
    loop: asyncio.AbstractEventLoop

    def open(self, source: str = "127.0.0.1", **options: Any) -> socket.socket:
        made = socket.socket()
        for option, value in options.items():
            made.setsockopt(socket.SOL_SOCKET, getattr(socket, option), value)
        made.settimeout(20)
        made.bind((source, 0))
        made.connect(("127.0.0.1", self.port))
        return made

    def ask(self, *pieces: bytes, source: str = "127.0.0.1") -> bytes:
        """Send pieces and return everything that is answered until the server closes."""
        with self.open(source) as made:
            with suppress(OSError):
                for piece in pieces:
                    made.sendall(piece)
            return _all_of(made)

    def is_serving(self, source: str) -> bool:
        return b" 200 " in self.ask(
            b"GET / HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n", source=source
        )


def _all_of(made: socket.socket) -> bytes:
    answer = b""
    with suppress(ConnectionResetError):
        while piece := made.recv(65536):
            answer += piece
    return answer


@contextmanager
def served(app: ASGIApp, protocol: Protocol) -> Iterator[Wire]:
    port = free_port(None)
    with beside(app, port, protocol) as loop:
        yield Wire(app, port, loop)


@pytest.fixture(scope="module", params=["httptools", "h11"])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return request.param  # type: ignore[no-any-return]  # pytest's


@pytest.fixture(scope="module")
def shared(protocol: Protocol) -> Iterator[Wire]:
    with served(Echo(), protocol) as made:
        yield made


@pytest.fixture
def wire(shared: Wire) -> Wire:
    until(lambda: len(shared.app.connections) == 0)
    shared.app.bodies, shared.app.gone = [], 0
    return shared


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:80]
    return int(answer[9:12])


POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKS = b"3\r\nabc\r\n0\r\n\r\n"
AMBIGUOUS = {
    "length and chunks": POST
    + b"Content-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\n"
    + CHUNKS,
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n" + CHUNKS,
    "in other letters": POST + b"cOnTENT-lENGTH: 13\r\ntRANSFER-eNCODING: cHUNKED\r\n\r\n" + CHUNKS,
    "with an underscore": POST
    + b"Content-Length: 13\r\nTransfer_Encoding: chunked\r\n\r\n"
    + CHUNKS,
    "with a tab": POST + b"Content-Length: 13\r\nTransfer-Encoding:\tchunked\r\n\r\n" + CHUNKS,
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n" + CHUNKS,
    "folded": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + CHUNKS,
    "a folded header of no meaning": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "two equal lengths": POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of lengths": POST + b"Content-Length: 3, 3\r\n\r\nabc",
    "a signed length": POST + b"Content-Length: +3\r\n\r\nabc",
    "a length beyond measure": POST + b"Content-Length: 99999999999999999999999\r\n\r\nabc",
    "chunked twice": POST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
    + CHUNKS,
    "chunked not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKS,
    "another coding first": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKS,
    "nearly chunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS,
    "a vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNKS,
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "bare LF": b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n",
    "a bare LF within": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\nX: y\r\n\r\n",
    "a bare LF at the end": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\n",
    "a bare CR": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\rX: y\r\n\r\n",
    "a NUL": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\x00b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + b"Host: other\r\n\r\n",
    "HTTP/2.0": b"GET / HTTP/2.0\r\n" + HOST + b"\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 no HTTP at all\r\n\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_message_whose_end_can_be_doubted_is_refused_and_closed(wire, name):
    hidden = b"GET /hidden HTTP/1.1\r\n" + HOST + b"\r\n"
    answer = wire.ask(AMBIGUOUS[name] + hidden)
    assert status(answer) in {400, 501}
    assert answer.count(b"HTTP/1.1 ") == 1
    assert wire.app.bodies == []


@pytest.mark.parametrize(
    "chunks",
    [
        b"3\nabc\r\n0\r\n\r\n",
        b"3;a=\nb\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabcXX0\r\n\r\n",
        b"-1\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
    ],
)
def test_a_malformed_chunk_reaches_nobody(wire, chunks):
    answer = wire.ask(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert status(answer) in {400, 408}
    assert wire.app.bodies == []


def test_what_honest_programs_send_is_served(wire):
    both = (
        POST
        + b"Content-Length: 3\r\n\r\nabc"
        + POST
        + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\n"
    )
    answer = wire.ask(both)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert wire.app.bodies == [b"abc", b"abc"]
    assert status(wire.ask(b"GET /old HTTP/1.0\r\n\r\n")) == 200
    upgrade = b"GET /up HTTP/1.1\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n"
    assert status(wire.ask(upgrade + HOST + b"\r\n")) == 200
    slow = [
        bytes([each]) for each in b"GET /slow HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n"
    ]
    assert status(wire.ask(*slow)) == 200


def test_a_trailer_is_no_header(wire):
    answer = wire.ask(
        POST
        + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"
    )
    assert answer.endswith(b"POST / 3")


LONG = {
    "an endless target": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    "an endless header": (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    "a header that never ends": (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 300_000, 431),
    "many headers": (
        b"GET / HTTP/1.1\r\n"
        + HOST
        + b"".join(b"X-%d: a\r\n" % each for each in range(200))
        + b"\r\n",
        431,
    ),
    "a body of its length": (POST + b"Content-Length: 200001\r\n\r\n" + b"x" * 200_001, 413),
    "a body of chunks": (
        POST
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"ffff\r\n"
        + b"x" * 65535
        + b"\r\n"
        + 3 * (b"ffff\r\n" + b"x" * 65535 + b"\r\n"),
        413,
    ),
}


@pytest.mark.parametrize("name", LONG)
def test_what_is_too_long_is_refused_with_its_status(wire, name):
    sent, expected = LONG[name]
    answer = wire.ask(sent)
    # A target that comes in one piece and is far too long has its head refused by its size, whichever is looked at first.
    assert status(answer) in {expected, 431}
    assert wire.app.bodies == []


@pytest.mark.parametrize(
    "endless",
    [
        b"1;" + b"a" * 65_000 + b"\r\nx\r\n",  # extensions
        b"1\r\nx\r\n" * 8_000,  # framing more than body
        b"4000\r\n" + b"x" * 16384 + b"\r\n",
    ],
)
@pytest.mark.parametrize("path", [b"/", b"/early"])
def test_a_body_without_end_is_counted_whether_or_not_anybody_reads_it(wire, endless, path):
    sent = 0
    with wire.open() as made, suppress(OSError):
        made.sendall(
            b"POST " + path + b" HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\n"
        )
        while sent < 30_000_000:
            made.sendall(endless)
            sent += len(endless)
    assert sent < 30_000_000
    assert wire.app.bodies == []


def test_endless_trailers_are_ended(wire):
    sent = 0
    with wire.open() as made, suppress(OSError):
        made.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n")
        while sent < 30_000_000:
            made.sendall(b"X: " + b"a" * 1000 + b"\r\n")
            sent += 1005
    assert sent < 30_000_000


@pytest.mark.parametrize(
    "begun", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", b"\r\n"]
)
def test_a_head_has_a_time_to_arrive(wire, begun):
    answer = wire.ask(begun)
    assert answer == b"" or status(answer) in {400, 408}


def test_drops_do_not_prolong_a_head(wire):
    drops = 0
    with wire.open() as made:
        made.sendall(b"GET / HTTP/1.1\r\n")
        made.settimeout(0.2)
        answer = b""
        while not answer and drops < 300:
            drops += 1
            made.sendall(b"X: y\r\n")
            with suppress(TimeoutError):
                answer = made.recv(1000)
    assert status(answer) == 408


@pytest.mark.parametrize(
    "begun", [b"Content-Length: 100\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"]
)
def test_a_body_has_a_time_to_arrive(wire, begun):
    assert status(wire.ask(POST + begun)) == 408
    assert wire.app.bodies == []
    until(lambda: wire.app.gone == 1)


def test_whoever_does_not_take_an_answer_is_let_go(wire):
    with wire.open(SO_RCVBUF=4096) as made:
        made.sendall(b"GET /big HTTP/1.1\r\n" + HOST + b"\r\n")
        until(lambda: len(wire.app.connections) == 1)
        until(lambda: len(wire.app.connections) == 0)


def test_pipelined_requests_are_answered_in_order_and_a_flood_of_them_is_ended(wire):
    few = b"".join(b"GET /%d HTTP/1.1\r\n" % each + HOST + b"\r\n" for each in range(5))
    answer = wire.ask(few + b"GET /last HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
    assert [answer.find(b"GET /%d " % each) for each in range(5)] == sorted(
        answer.find(b"GET /%d " % each) for each in range(5)
    )
    assert answer.count(b"HTTP/1.1 200") == 6
    with wire.open() as made, suppress(OSError):
        made.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 20_000)
    assert wire.is_serving("127.0.0.2")


def test_a_valid_request_before_a_refused_one_gets_its_answer(wire):
    answer = wire.ask(b"GET /first HTTP/1.1\r\n" + HOST + b"\r\n" + AMBIGUOUS["length and chunks"])
    assert b"GET /first" in answer
    assert wire.app.bodies == [b""]


def test_half_open_requests_cost_only_whoever_holds_them(wire):
    held = [wire.open() for _ in range(60)]
    for each in held:
        with suppress(OSError):
            each.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
    try:
        assert wire.is_serving("127.0.0.2")
        until(lambda: len(wire.app.connections) <= SMALL.connections_per_client)
        assert wire.is_serving("127.0.0.1"), (
            "who waits gives way, so even the same address is served"
        )
    finally:
        for each in held:
            each.close()


def test_however_many_clients_hold_half_requests_another_is_served(wire):
    held = [wire.open(f"127.0.1.{each % 50 + 1}") for each in range(120)]
    try:
        until(lambda: len(wire.app.connections) <= SMALL.connections)
        assert wire.is_serving("127.0.0.2")
    finally:
        for each in held:
            each.close()


def test_a_trusted_proxy_is_never_counted_as_a_client(wire):
    held = [wire.open("127.0.0.9") for _ in range(SMALL.connections_per_client + 5)]
    try:
        until(lambda: len(wire.app.connections) == len(held))
        assert wire.is_serving("127.0.0.9")
    finally:
        for each in held:
            each.close()


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nX: ",
        POST + b"Content-Length: 1000\r\n\r\nabc",
        b"GET /big HTTP/1.1\r\n" + HOST + b"\r\n",
    ],
)
def test_no_client_holds_up_the_stop(protocol, begun):
    patient = replace(SMALL, head_seconds=600, body_grace_seconds=600, answer_grace_seconds=600)
    with served(Echo(patient), protocol) as wire:
        made = wire.open(SO_RCVBUF=4096)
        made.sendall(begun)
        until(lambda: len(wire.app.connections) == 1)
        began = time.monotonic()
    assert time.monotonic() - began < patient.head_seconds / 4, "its patience was not waited for"
    made.close()


def test_a_queue_of_new_clients_is_let_in_together(wire):
    """A round of the loop may answer many requests, and each new client would wait for one of its own."""
    waiting = SMALL.connections_per_client
    was_blocked, may_go_on, rounds = threading.Event(), threading.Event(), []

    def block() -> None:
        was_blocked.set()
        may_go_on.wait(20)

    async def let_in() -> None:
        while len(wire.app.connections) < waiting:
            rounds.append(1)
            await asyncio.sleep(0)

    wire.loop.call_soon_threadsafe(block)
    assert was_blocked.wait(20)
    letting = asyncio.run_coroutine_threadsafe(let_in(), wire.loop)
    held = [wire.open() for _ in range(waiting)]
    try:
        may_go_on.set()
        letting.result(20)
        assert len(rounds) < waiting / 2
    finally:
        for each in held:
            each.close()


def test_what_is_accepted_sends_at_once():
    """An answer of two writes waits for no acknowledgement, on whichever loop it is served."""
    with bound_socket("127.0.0.1", 0) as listening:
        address = listening.getsockname()
        with socket.create_connection(address), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
