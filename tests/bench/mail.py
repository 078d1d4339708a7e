"""A thousand letters from the outbox against a bare client that hands the same bytes to the same relay over one connection."""

import asyncio
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosmtplib
from sqlalchemy import text

from api.server.run import free_port
from notifications.delivery import Delivery, Post
from notifications.messages import Ending
from notifications.relay import parse_relay
from notifications.smtp import Letter, Session, SmtpTransport
from tests.bench.product import Product, fill, open_product
from workflow.addresses import parse_mailbox

LETTERS = 1000
AT_MOST = 1.5


def relay(port: int) -> subprocess.Popen[bytes]:
    """Start a relay in a process of its own, which takes everything and keeps nothing."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "aiosmtpd",
        "-n",
        "-c",
        "aiosmtpd.handlers.Sink",
        "-l",
        f"127.0.0.1:{port}",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process
    process.kill()
    raise RuntimeError("the relay did not start")


class Recording(SmtpTransport):
    """The product's own transport, which remembers what it handed over."""

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        async with super().session() as session:
            yield _Recorder(session)


_KEPT: list[Letter] = []


class _Recorder:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def send(self, letter: Letter) -> tuple[Ending, str]:
        _KEPT.append(letter)
        return await self._session.send(letter)


async def bare(port: int, letters: list[Letter]) -> float:
    """Return the seconds that a client needs which has the letters ready."""
    began = time.perf_counter()
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port)
    await client.connect()
    for letter in letters:
        await client.mail("thidua@so.example")
        await client.rcpt(letter.recipient)
        await client.data(letter.content)
    await client.quit()
    return time.perf_counter() - began


async def ours(product: Product, port: int) -> tuple[float, list[Letter]]:
    """Return the seconds from the first claim to the last settled letter, and what was handed over."""
    parts = product.parts
    await fill(product, LETTERS)
    transport = Recording(
        relay=parse_relay(f"smtp://127.0.0.1:{port}?tls=none"), sender="thidua@so.example"
    )
    post = Post(
        context=parts.context,
        keys=parts.keys,
        agency=parts.agency,
        base_url="http://127.0.0.1:8000",
        sender=parse_mailbox("thidua@so.example"),
        transport=transport,
    )
    _KEPT.clear()
    began = time.perf_counter()
    counts = await Delivery(parts.database, post).deliver_due()
    lasted = time.perf_counter() - began
    assert counts.sent == len(_KEPT) >= LETTERS, counts
    with parts.engines.read.connect() as connection:
        assert (
            connection.execute(
                text("SELECT count(*) FROM outbox WHERE state IN ('new', 'leased')")
            ).scalar()
            == 0
        )
    return lasted, list(_KEPT)


def measure(rounds: int) -> dict[str, Any]:
    """Return how long the product takes against the bare client, rounds interleaved."""
    folder = Path(tempfile.mkdtemp(prefix="thidua-bench"))
    port = free_port(None)
    server = relay(port)
    product = open_product(folder)
    ratios, letters = [], 0

    async def interleaved() -> None:
        nonlocal letters
        for _ in range(rounds):
            lasted, kept = await ours(product, port)
            ratios.append(lasted / await bare(port, kept))
            letters = len(kept)

    asyncio.run(interleaved())
    product.parts.close()
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)
    return {
        "goal": f"Mail: {letters} letters, times a bare client",
        "ratio": round(statistics.median(ratios), 2),
        "spread": [round(min(ratios), 2), round(max(ratios), 2)],
        "at_most": AT_MOST,
    }
