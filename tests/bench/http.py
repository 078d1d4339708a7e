"""HTTP decisions against an echo with the same models, on the same server settings, by the same client."""

import asyncio
import json
import multiprocessing
import os
import secrets
import shutil
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from api.app import create_app
from api.auth.sessions import fingerprint, new_secret
from api.auth.tokens import CreateToken
from api.json_response import OrjsonResponse
from api.logs import configure_logs
from api.middleware import OutermostMiddleware
from api.server.run import beside, free_port
from api.v1.schemas.items import TransitionRequest
from tests.bench.product import HEAD, Product, fill, open_product

CONNECTIONS = 32
_latencies: dict[str, list[tuple[float, float]]] = {}


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


def token_for(product: Product) -> str:
    secret = new_secret()
    ends = product.parts.clock.now() + timedelta(days=1)
    product.parts.database.write_blocking(
        CreateToken(
            id=secrets.token_hex(8),
            token_hash=fingerprint(secret),
            person=product.head,
            expires_at=ends,
        )
    )
    return secret


def measure(rounds: int, count: int) -> dict[str, list[tuple[float, float]]]:
    """Return echo and ours in requests a second, rounds interleaved, for both databases; both log as the product does."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_logs(stream=nowhere)
        return _measure(rounds, count)


def _measure(rounds: int, count: int) -> dict[str, list[tuple[float, float]]]:
    from tests.bench.__main__ import new_url

    found: dict[str, list[tuple[float, float]]] = {}
    for kind in ("SQLite", "PostgreSQL"):
        folder = Path(tempfile.mkdtemp(prefix="thidua-bench"))
        with new_url(kind, folder) as url:
            port, echo_port = free_port(None), free_port(None)
            product = open_product(folder, url, base_url=f"http://127.0.0.1:{port}")
            token = token_for(product)
            assert HEAD
            sample = asyncio.run(fill(product, 1))[0]
            answer = {
                "code": sample,
                "fields": {"text": "x" * 900},
                "holders": [{"email": HEAD, "since": None, "due_at": None}] * 2,
            }
            with (
                beside(create_app(product.parts, has_clock=False), port),
                beside(echo_app(product.parts, answer), echo_port),
            ):
                for _ in range(rounds):
                    for connections, share in ((CONNECTIONS, 1), (8, 2)):
                        echo, echoed = drive(
                            echo_port, token, [sample] * (count * 2 // share), connections
                        )
                        ours, spent = drive(
                            port, token, asyncio.run(fill(product, count // share)), connections
                        )
                        if connections == CONNECTIONS:
                            found.setdefault(
                                f"P5 HTTP decision, 32 connections, {kind}", []
                            ).append((echo, ours))
                        seen = _latencies.setdefault(
                            f"P5 p99 with {connections} connections, {kind}", []
                        )
                        seen.append((ninety_ninth(echoed), ninety_ninth(spent)))
            product.parts.close()
        shutil.rmtree(folder, ignore_errors=True)
    return found


def ninety_ninth(seconds: list[float]) -> float:
    """Return the 99th percentile, in milliseconds."""
    return statistics.quantiles(seconds, n=100)[98] * 1000


def latencies() -> list[dict[str, Any]]:
    """Return the p99 latencies that ``measure`` saw, in milliseconds, echo's beside ours."""
    return [
        {
            "goal": name,
            "echo_ms": round(statistics.median(echo for echo, _ in seen), 1),
            "milliseconds": round(statistics.median(ours for _, ours in seen), 1),
            "at_most": 60 if "32" in name else 8,
        }
        for name, seen in _latencies.items()
    ]
