"""A thousand letters from the outbox against a loop that builds an EmailMessage each and hands it over on one connection.

Beside it, a bare client that has the bytes ready.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from statistics import median as middle

import aiosmtplib
from sqlalchemy import text

from api.server.run import free_port
from notifications.delivery import Delivery, Post
from notifications.messages import Ending
from notifications.relay import parse_relay
from notifications.smtp import Letter, Session, SmtpTransport
from tests.bench.connections import accepts
from tests.bench.product import Product, fill, open_product
from tests.bench.results import Line, ratio
from tests.waiting import until
from workflow.addresses import parse_mailbox

LETTERS = 1000


@contextmanager
def relay(port: int) -> Iterator[None]:
    """Run a relay in a process of its own, which takes everything and keeps nothing."""
    with subprocess.Popen([sys.executable, "-m", "tests.bench.sink", str(port)]) as process:
        try:
            until(lambda: accepts(port))
            yield
        finally:
            process.kill()


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
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
        for letter in letters:
            await client.mail("thidua@so.example")
            await client.rcpt(letter.recipient)
            await client.data(letter.content)
    return time.perf_counter() - began


def parts_of(letter: Letter) -> dict[str, str]:
    """Return what a loop needs to build a letter anew."""
    read = message_from_bytes(letter.content, policy=SMTP)
    plain, html = (read.get_body((each,)) for each in ("plain", "html"))
    assert plain
    assert html
    return {
        **{each: str(read[each]) for each in ("From", "To", "Subject", "Message-ID", "Date")},
        "plain": plain.get_content(),
        "html": html.get_content(),
    }


async def loop(port: int, letters: list[dict[str, str]]) -> float:
    """Return the seconds of a loop that builds an EmailMessage for each letter and sends it."""
    began = time.perf_counter()
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
        for letter in letters:
            message = EmailMessage(policy=SMTP)
            for each in ("From", "To", "Subject", "Message-ID", "Date"):
                message[each] = letter[each]
            message.set_content(letter["plain"])
            message.add_alternative(letter["html"], subtype="html")
            await client.send_message(message)
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


async def _rounds(product: Product, port: int, rounds: int) -> list[tuple[float, float, float]]:
    found = []
    for _ in range(rounds):
        lasted, kept = await ours(product, port)
        made = [parts_of(each) for each in kept]
        found.append(
            (
                len(kept) / lasted,
                len(kept) / await loop(port, made),
                len(kept) / await bare(port, kept),
            )
        )
    return found


def measure(rounds: int) -> list[Line]:
    """Return letters a second against the loop, rounds interleaved."""
    port = free_port(None)
    with tempfile.TemporaryDirectory(prefix="thidua-bench") as folder, relay(port):
        product = open_product(Path(folder))
        rates = asyncio.run(_rounds(product, port, rounds))
        product.parts.close()
    sent, looped, handed = (list(each) for each in zip(*rates, strict=True))
    beside = {
        "ours": round(middle(sent)),
        "loop": round(middle(looped)),
        "bare": round(middle(handed)),
    }
    return [ratio("P8 outbox, times a loop of EmailMessage", sent, looped, **beside)]
