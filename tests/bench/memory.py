"""Memory of a serving process: idle, over many decisions, documents, and a day of ticks.

Each must leave it flat: what grows is measured over the last half.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median as middle

import httpx2

from api.auth.tokens import new_token
from api.bootstrap import ROOT
from api.server.run import free_port
from notifications.tick import tick
from tests.bench.connections import accepts
from tests.bench.product import Product, fill, open_product
from tests.bench.results import Line
from tests.waiting import until

_ITEMS = _CALLERS = 64
_VERSIONS = range(2, 10)
"""Of an item when it is decided on: so few, that histories stay as long as in life."""
_SAMPLES = 40
_SHOWN_PARTS = (1, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40)
_DOCUMENTS, _MINUTES = 1_000, 24 * 60


def token_for(product: Product, person: int) -> str:
    """Return a token of a person's, good for years."""
    secret, command = new_token(person, product.parts.clock.now() + timedelta(days=3650))
    product.parts.database.write_blocking(command)
    return secret


def resident(process: int) -> float:
    """Return a process's resident memory in MB."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _request(port: int, code: str, token: str, body: dict[str, object]) -> bytes:
    sent = json.dumps(body).encode()
    return (
        f"POST /api/v1/items/{code}/transitions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(sent)}\r\n\r\n"
    ).encode() + sent


async def _back_and_forth(
    port: int, codes: Iterator[str], tokens: tuple[str, str], left: list[None]
) -> None:
    """Let the head approve items and the Office return them, each a few times, while any is left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for code, version in ((each, number) for each in codes for number in _VERSIONS):
        body: dict[str, object] = {"transition": "approve_department", "version": version}
        if version % 2:
            body |= {"transition": "return", "to": "submitted", "comment": "Bổ sung"}
        writer.write(_request(port, code, tokens[version % 2], body))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        answer = await reader.readexactly(
            int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        )
        assert b" 200 " in head.split(b"\r\n", 1)[0], answer
        left.pop()
    writer.close()


async def _decided(
    port: int, codes: list[str], tokens: tuple[str, str], process: int
) -> list[float]:
    """Return the memory after each of so many equal parts of the decisions."""
    decisions = len(codes) * len(_VERSIONS)
    left: list[None] = [None] * decisions
    seen: list[float] = []

    async def watch() -> None:
        while left:
            if len(left) <= decisions - decisions * (len(seen) + 1) // _SAMPLES:
                seen.append(resident(process))
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    waiting = iter(codes)
    await asyncio.gather(*(_back_and_forth(port, waiting, tokens, left) for _ in range(_CALLERS)))
    await watching
    return [*seen, resident(process)]


def growth(seen: list[float]) -> float:
    """Return how much memory grew from the middle to the end."""
    half = len(seen) // 2
    return middle(seen[-5:]) - middle(seen[half - 2 : half + 3])


def _printed(port: int, code: str, token: str, process: int) -> list[float]:
    """Return the memory after each of so many equal parts of the documents."""
    seen = []
    base = f"http://127.0.0.1:{port}/api/v1/items/{code}/documents"
    with httpx2.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        for number in range(1, _DOCUMENTS + 1):
            answer = client.get(f"{base}/merit-report.{('pdf', 'docx')[number % 2]}")
            assert answer.status_code == 200, answer.text
            if number % (_DOCUMENTS // _SAMPLES) == 0:
                seen.append(resident(process))
    return seen


def ticks(folder: Path) -> list[float]:
    """Return this process's memory over a day of ticks, one a minute of the agency's clock."""
    product = open_product(folder)
    clock, seen = product.parts.clock, []

    async def tick_all() -> None:
        for minute in range(1, _MINUTES + 1):
            clock.advance(timedelta(minutes=1))
            await tick(product.parts.database, product.parts.reminders)
            if minute % (_MINUTES // _SAMPLES) == 0:
                seen.append(resident(os.getpid()))

    asyncio.run(fill(product, _ITEMS))
    asyncio.run(tick_all())
    product.parts.close()
    return seen


def _of_ticks() -> list[float]:
    """Return the same of a process of its own."""
    with tempfile.TemporaryDirectory(prefix="thidua-bench") as folder:
        command = [sys.executable, "-m", "tests.bench.memory", folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return [float(each) for each in done.stdout.split()]


def measure(decisions: int) -> list[Line]:
    """Return the memory of a server on SQLite, in MB, over so many decisions, and so on."""
    with tempfile.TemporaryDirectory(prefix="thidua-bench") as folder:
        port = free_port(None)
        product = open_product(Path(folder), base_url=f"http://127.0.0.1:{port}")
        codes = asyncio.run(fill(product, decisions // len(_VERSIONS)))
        officer = product.person("officer@so.example")
        tokens = token_for(product, product.head), token_for(product, officer)
        product.parts.close()
        environment = {
            **{each: value for each, value in os.environ.items() if "THIDUA" not in each},
            "THIDUA_DATA_DIR": folder,
            "THIDUA_BASE_URL": f"http://127.0.0.1:{port}",
            "THIDUA_SECRET_KEYS": "bench:" + "0123456789abcdef" * 4,
            "THIDUA_CLOCK": "2022-05-04T08:05:00+07:00",
        }
        serve = [sys.executable, "-m", "api", "serve", "--port", str(port)]
        with subprocess.Popen(
            serve, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as server:
            try:
                until(lambda: accepts(port), seconds=60)
                idle = resident(server.pid)
                seen = asyncio.run(_decided(port, codes, tokens, server.pid))
                printed = _printed(port, codes[0], tokens[0], server.pid)
            finally:
                server.terminate()
    ticked = _of_ticks()
    return [
        Line(name="P13 memory, idle, MB", value=idle),
        Line(name="P13 memory, under load, MB", value=max(seen), beside={"decisions": decisions}),
        *(
            Line(
                name=f"P13 memory, growth over the last half{of}, MB",
                value=growth(each),
                beside={f"{part} of {_SAMPLES}": each[part - 1] for part in _SHOWN_PARTS},
            )
            for of, each in (
                ("", seen),
                (f" of {_DOCUMENTS:,} documents", printed),
                (" of a day's ticks", ticked),
            )
        ),
    ]


if __name__ == "__main__":
    print(*ticks(Path(sys.argv[1])))
