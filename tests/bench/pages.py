"""A list page of 50 items against the same page without a database, over HTTP on the same server."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2

from api.app import create_app
from api.auth.callers import session_cookie
from api.auth.sessions import OpenSession, fingerprint, new_secret
from api.server.run import beside, free_port
from tests.bench.connections import KINDS, new_url
from tests.bench.product import Product, fill, open_product
from tests.bench.results import Line, ratio
from workflow.model import Method

_ITEMS, _REQUESTS = 60, 150


class Remembered:
    """A database that is asked once by each reader and then answers from memory."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._kept: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    async def read(self, fn: Callable[[Any], Any]) -> Any:
        key = getattr(fn, "__code__", fn)
        if key not in self._kept:
            self._kept[key] = await self._database.read(fn)
        return self._kept[key]


def open_session(product: Product, person: Any) -> dict[str, str]:
    """Return the cookie of a new session of a person."""
    secret = new_secret()
    product.parts.database.write_blocking(
        OpenSession(person=person, id_hash=fingerprint(secret), factor=Method.PIN)
    )
    return {session_cookie(product.parts.settings): secret}


def _rate(port: int, cookies: dict[str, str]) -> tuple[float, bytes]:
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", cookies=cookies) as client:
        client.get("/items")
        began = time.perf_counter()
        for _ in range(_REQUESTS):
            answer = client.get("/items")
        rate = _REQUESTS / (time.perf_counter() - began)
    assert answer.status_code == 200
    assert answer.text.count('href="/items/DN-') >= 50
    return rate, answer.content


def _of(kind: str, rounds: int) -> Line:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="thidua-bench"))
        url = stack.enter_context(new_url(kind, Path(folder)))
        product = open_product(Path(folder) / "data", url)
        asyncio.run(fill(product, _ITEMS))
        cookies = open_session(product, product.person("officer@so.example"))
        without = replace(product.parts, database=Remembered(product.parts.database))
        ports = free_port(None), free_port(None)
        for parts, port in zip((product.parts, without), ports, strict=True):
            stack.enter_context(beside(create_app(parts, has_clock=False), port))
        ours, alone = [], []
        for _ in range(rounds):
            rate, page = _rate(ports[0], cookies)
            ours.append(rate)
            rate, same = _rate(ports[1], cookies)
            alone.append(rate)
            assert len(page) == len(same)
        product.parts.close()
    return ratio(f"P6 list page of 50, {kind}", ours, alone)


def measure(rounds: int) -> list[Line]:
    """Return a line for each database."""
    return [_of(kind, rounds) for kind in KINDS]
