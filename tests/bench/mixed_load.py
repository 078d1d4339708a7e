"""An hour's ordinary day in open loop: pages, API and links at 70 % of what the machine carries, with misuse beside it.

    python3 -m tests.bench.mixed_load [--seconds 60] [--share 0.7] [--half-open 0] [--dear 0] [--items 300] [--rate N]

Requests arrive when they are due, whether or not earlier ones were answered, and their time counts from then: a server
that stalls cannot slow its own measurement down. Prints errors, p50, p95, p99 of each kind, and the server's memory.
"""

import argparse
import asyncio
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles

from api.auth.sessions import OpenSession, fingerprint, new_secret
from api.cli.demo.mailbox import DemoMailbox
from api.server.run import free_port
from tests.bench.memory import token_for
from tests.bench.product import Product, fill, open_product
from tests.waiting import until
from workflow.model import Method

KEYS = "bench:" + "0123456789abcdef" * 4
CLIENT, MISUSER, DEAR = "127.0.0.2", "127.0.0.3", "127.0.0.4"
_CALIBRATION_SECONDS = 5
_CALIBRATION_CONNECTIONS = 16
_LONGEST = 30
_LINKS = 50
_PAUSE = 5.0
Target = tuple[str, bytes]


@dataclass
class Results:
    """What came of the requests of one run, by kind."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def tell(self) -> None:
        every = [each for times in self.seconds.values() for each in times]
        for kind, times in [*sorted(self.seconds.items()), ("all", every)]:
            at = quantiles(times, n=100) if len(times) > 1 else times * 99
            figures = "  ".join(
                f"p{place} {at[place - 1] * 1000:7.1f} ms" for place in (50, 95, 99)
            )
            print(
                f"{kind:<10} {len(times):>8} requests  {figures}  max {max(times) * 1000:7.1f} ms"
            )
        print(f"errors: {len(self.errors)}", *self.errors[:5])


class Pool:
    """Kept connections of one client address."""

    def __init__(self, port: int, source: str) -> None:
        self._port = port
        self._source = source
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, request: bytes) -> int:
        """Send a request, read its answer whole, and return the status."""
        while self._idle:
            reader, writer = self._idle.pop()
            with suppress(OSError, EOFError):
                return await self._exchange(reader, writer, request)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self._port, local_addr=(self._source, 0), limit=1 << 20
        )
        return await self._exchange(reader, writer, request)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> int:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        if b"connection: close" in head:
            writer.close()
        else:
            self._idle.append((reader, writer))
        return int(head[9:12])


@contextmanager
def serving(folder: Path, items: int) -> Iterator[tuple[int, int, list[Target], list[Target]]]:
    """Serve a filled product in a process of its own; yield process id, port, ordinary targets and dear ones."""
    mailbox = DemoMailbox(folder / "mail")
    mailbox.start()
    port = free_port(None)
    product = open_product(folder / "data", base_url=f"http://127.0.0.1:{port}")
    codes = asyncio.run(fill(product, items))
    session, token = _keys(product)
    product.parts.close()
    environment = {
        each: value for each, value in os.environ.items() if not each.startswith("THIDUA_")
    } | {
        "THIDUA_DATA_DIR": str(folder / "data"),
        "THIDUA_BASE_URL": f"http://127.0.0.1:{port}",
        "THIDUA_SECRET_KEYS": KEYS,
        "THIDUA_SMTP_URL": mailbox.url,
        "THIDUA_MAIL_FROM": "thidua@so.example",
        "THIDUA_CLOCK": "2022-05-04T08:05:00+07:00",
    }
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            links = until(lambda: _links(mailbox), seconds=120)
            yield (
                process.pid,
                port,
                _ordinary(port, codes, links, session, token),
                _dear(port, codes, session, token),
            )
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            mailbox.stop()


def _links(mailbox: DemoMailbox) -> list[str]:
    """Return the links of a good many mails, or nothing yet."""
    links = [link for mail in mailbox.mails() for link in mail.decision_links]
    return links[:_LINKS] if len(links) >= _LINKS else []


def _keys(product: Product) -> tuple[str, str]:
    write, person = product.parts.database.write_blocking, product.person("officer@so.example")
    session = new_secret()
    write(OpenSession(person=person, id_hash=fingerprint(session), factor=Method.PIN))
    token = token_for(product, person)
    return f"Cookie: thidua={session}\r\n", f"Authorization: Bearer {token}\r\n"


def _get(port: int, path: str, extra: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{extra}\r\n".encode()


def _ordinary(
    port: int, codes: list[str], links: list[str], session: str, token: str
) -> list[Target]:
    some = random.Random(1).sample(codes, min(len(codes), 50))  # noqa: S311 - a repeatable choice
    targets = [
        ("page", _get(port, path, session))
        for path in ["/", "/items", "/deadlines", *(f"/items/{code}" for code in some)]
    ]
    targets += [
        ("api", _get(port, path, token))
        for path in ["/api/v1/items?limit=20", *(f"/api/v1/items/{code}" for code in some)]
    ]
    targets += [("link", _get(port, "/a/" + link.rsplit("/", 1)[1], "")) for link in links]
    return targets


def _dear(port: int, codes: list[str], session: str, token: str) -> list[Target]:
    pages = [
        "/items.xlsx",
        "/items.csv",
        "/items/board",
        "/deadlines/board.xlsx",
        f"/items/{codes[0]}/versions",
        f"/items/{codes[0]}/way.svg",
    ]
    search = "/api/v1/items?limit=200&q=" + "a" * 199 + "b"
    return [
        *(("dear", _get(port, path, session)) for path in pages),
        ("dear", _get(port, search, token)),
    ]


async def timed(pool: Pool, target: Target, due: float, results: Results) -> None:
    """Ask once and note what came of it; the time counts from when the request was due."""
    kind, request = target
    try:
        status = await asyncio.wait_for(pool.ask(request), _LONGEST)
        if status != 200:
            results.errors.append(f"{status} {request.split(b' ', 2)[1][:60].decode()}")
    except (OSError, EOFError, TimeoutError) as exc:
        results.errors.append(f"{type(exc).__name__} {request.split(b' ', 2)[1][:60].decode()}")
    results.seconds.setdefault(kind, []).append(time.perf_counter() - due)


async def capacity(port: int, targets: list[Target]) -> float:
    """Return how many of the targets a second are answered in closed loop."""
    pool, results, order = (
        Pool(port, CLIENT),
        Results(),
        itertools.cycle(random.Random(2).sample(targets, len(targets))),  # noqa: S311 - repeatable
    )
    ends_at = time.perf_counter() + _CALIBRATION_SECONDS

    async def caller() -> None:
        while time.perf_counter() < ends_at:
            await timed(pool, next(order), time.perf_counter(), results)

    await asyncio.gather(*(caller() for _ in range(_CALIBRATION_CONNECTIONS)))
    if results.errors:
        print("while measuring what it carries:", results.errors[:5])
    return sum(map(len, results.seconds.values())) / _CALIBRATION_SECONDS


async def arrive(port: int, targets: list[Target], rate: float, seconds: float) -> Results:
    """Send ``rate`` requests a second, each when it is due."""
    pool, results, chance, running = Pool(port, CLIENT), Results(), random.Random(3), set()  # noqa: S311 - repeatable
    began = due = time.perf_counter()
    while due - began < seconds:
        due += chance.expovariate(rate)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(timed(pool, chance.choice(targets), due, results))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return results


async def half_open(port: int, count: int) -> None:
    """Keep ``count`` requests begun and never finished; begin anew, after a while, where one is ended."""

    async def one() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", port, local_addr=(MISUSER, 0)
                )
                writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
                await reader.read()
                writer.close()
            await asyncio.sleep(_PAUSE)

    await asyncio.gather(*(one() for _ in range(count)))


async def dear(
    port: int, targets: list[Target], count: int, results: Results, seconds: float
) -> None:
    """Ask for the dearest things, ``count`` at a time, again and again."""
    pool, order, ends_at = Pool(port, DEAR), itertools.cycle(targets), time.perf_counter() + seconds

    async def one() -> None:
        while time.perf_counter() < ends_at:
            await timed(pool, next(order), time.perf_counter(), results)

    await asyncio.gather(*(one() for _ in range(count)))


def misuse(port: int, targets: list[Target], options: argparse.Namespace) -> None:
    """Misuse the server; in a process of its own, which must not slow the measurement."""

    async def both() -> None:
        results = Results()
        holding = asyncio.create_task(half_open(port, options.half_open))
        await dear(port, targets, options.dear, results, options.seconds)
        if results.seconds:
            results.tell()
        await asyncio.wait([holding])

    asyncio.run(both())


def memory(process: int) -> int:
    """Return a process's resident memory in MB."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) >> 10


async def watch(process: int, seen: list[int]) -> None:
    """Note the memory once a second."""
    while True:
        seen.append(memory(process))
        await asyncio.sleep(1)


async def run(
    options: argparse.Namespace, process: int, port: int, targets: tuple[list[Target], list[Target]]
) -> int:
    """Measure, load, tell; return 1 where there was an error."""
    ordinary, dearest = targets
    carried = await capacity(port, ordinary)
    rate = options.rate or carried * options.share
    print(
        f"carries {carried:.0f} a second; {rate:.0f} a second for {options.seconds} s, {options.half_open} half-open, {options.dear} dear",
        flush=True,
    )
    seen: list[int] = []
    beside = get_context("spawn").Process(target=misuse, args=(port, dearest, options), daemon=True)
    if options.half_open or options.dear:
        beside.start()
    watching = asyncio.create_task(watch(process, seen))
    results = await arrive(port, ordinary, rate, options.seconds)
    watching.cancel()
    if beside.pid:
        await asyncio.sleep(_PAUSE)
        beside.kill()
        beside.join()
    results.tell()
    tenth = max(len(seen) // 10, 1)
    print(
        f"memory: {seen[0]} MB at first, median {sorted(seen[:tenth])[tenth // 2]} then {sorted(seen[-tenth:])[tenth // 2]} MB, most {max(seen)} MB"
    )
    return 1 if results.errors else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.bench.mixed_load")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--share", type=float, default=0.7)
    parser.add_argument(
        "--rate",
        type=float,
        default=0,
        help="requests a second, instead of a share of what is carried",
    )
    parser.add_argument("--half-open", type=int, default=0)
    parser.add_argument("--dear", type=int, default=0)
    parser.add_argument("--items", type=int, default=300)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="thidua-load"))
    try:
        with serving(folder, options.items) as (process, port, ordinary, dearest):
            return asyncio.run(run(options, process, port, (ordinary, dearest)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
