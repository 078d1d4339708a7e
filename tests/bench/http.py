"""HTTP decisions against an echo with the same models, on the same server settings, by the same client."""

import asyncio
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median as middle
from statistics import quantiles
from threading import Thread
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from api.app import create_app
from api.json_response import OrjsonResponse
from api.logs import configure_logs
from api.middleware import OutermostMiddleware
from api.server.run import Server, beside, bound_socket, free_port, server_config
from api.v1.schemas.items import TransitionRequest
from tests.bench.connections import KINDS, new_url
from tests.bench.memory import token_for
from tests.bench.product import HEAD, fill, open_product
from tests.bench.results import Line, median, ratio
from tests.waiting import until

CONNECTIONS = 32


def echo_app(parts: Any, answer: dict[str, Any]) -> Any:
    """Return an application that parses the same body and answers as much, without a database."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/api/v1/items/{code}/transitions")
    async def echo(request: Request, code: str) -> Response:
        body = TransitionRequest.model_validate_json(await request.body())
        return OrjsonResponse(
            {**answer, "code": code, "transition": body.transition}, headers={"ETag": '"3"'}
        )

    return OutermostMiddleware(app, parts.settings)


def load(port: int, token: str, codes: list[str], connections: int, out: Any) -> None:
    """Send one decision for each code over kept connections; runs in a process of its own."""

    async def run() -> tuple[float, list[float]]:
        remaining = iter(codes)
        latencies: list[float] = []
        body = json.dumps({"transition": "approve_department", "version": 2}).encode()

        async def connection() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for code in remaining:
                head = (
                    f"POST /api/v1/items/{code}/transitions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                began = time.perf_counter()
                writer.write(head.encode() + body)
                answer = await reader.readuntil(b"\r\n\r\n")
                assert b" 200 " in answer.split(b"\r\n", 1)[0], answer
                length = int(answer.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
                await reader.readexactly(length)
                latencies.append(time.perf_counter() - began)
            writer.close()

        began = time.perf_counter()
        await asyncio.gather(*(connection() for _ in range(connections)))
        return len(codes) / (time.perf_counter() - began), latencies

    out.put(asyncio.run(run()))


def drive(port: int, token: str, codes: list[str], connections: int) -> tuple[float, list[float]]:
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    process = context.Process(target=load, args=(port, token, codes, connections, out))
    process.start()
    found = out.get(timeout=300)
    process.join()
    return found  # type: ignore[no-any-return]


@contextmanager
def echoing(app: ASGIApp, port: int) -> Iterator[None]:
    """Serve in a thread on h11 and asyncio, as when the goal was set."""
    config = server_config(app, "h11")
    config.loop = "asyncio"
    running = Server(config)
    listening = bound_socket("127.0.0.1", port)
    thread = Thread(target=lambda: asyncio.run(running.serve([listening])), daemon=True)
    thread.start()
    until(lambda: running.started)
    yield
    running.should_exit = True
    thread.join(30)


def measure(rounds: int, count: int) -> list[Line]:
    """Return echo against ours, rounds interleaved, for both databases; both log as the product does."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_logs(stream=nowhere)
        return [line for kind in KINDS for line in _of(kind, rounds, count)]


def _of(kind: str, rounds: int, count: int) -> list[Line]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thidua-bench")))
        url = stack.enter_context(new_url(kind, folder))
        port, echo_port = free_port(None), free_port(None)
        product = open_product(folder / "data", url, base_url=f"http://127.0.0.1:{port}")
        token = token_for(product, product.head)
        sample = asyncio.run(fill(product, 1))[0]
        answer = {
            "code": sample,
            "fields": {"text": "x" * 900},
            "holders": [{"email": HEAD, "since": None, "due_at": None}] * 2,
        }
        stack.enter_context(beside(create_app(product.parts, has_clock=False), port))
        stack.enter_context(echoing(echo_app(product.parts, answer), echo_port))
        seen: dict[tuple[str, int], list[tuple[float, list[float]]]] = {}
        for _ in range(rounds):
            for connections, share in ((CONNECTIONS, 1), (8, 2)):
                echoed = [sample] * (count * 2 // share)
                codes = asyncio.run(fill(product, count // share))
                seen.setdefault(("echo", connections), []).append(
                    drive(echo_port, token, echoed, connections)
                )
                seen.setdefault(("ours", connections), []).append(
                    drive(port, token, codes, connections)
                )
        product.parts.close()
    return list(_lines(kind, seen))


def _lines(
    kind: str, seen: dict[tuple[str, int], list[tuple[float, list[float]]]]
) -> Iterator[Line]:
    ours, echo = ([rate for rate, _ in seen[who, CONNECTIONS]] for who in ("ours", "echo"))
    beside = {"ours": round(middle(ours)), "echo": round(middle(echo))}
    yield ratio(f"P5 HTTP decision, {CONNECTIONS} connections, {kind}", ours, echo, **beside)
    for connections in (CONNECTIONS, 8):
        ours, echo = (
            [ninety_ninth(spent) for _, spent in seen[who, connections]] for who in ("ours", "echo")
        )
        name = f"P5 p99 with {connections} connections, {kind}, ms"
        yield median(name, ours, echo=round(middle(echo), 1))


def ninety_ninth(seconds: list[float]) -> float:
    """Return the 99th percentile, in milliseconds."""
    return quantiles(seconds, n=100)[98] * 1000
