"""Signals: every kind of process ends or rolls in time, whatever is open, and leaves nothing half done."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text

from api.bootstrap import ROOT
from api.cli.demo.mailbox import DemoMailbox
from api.clock import RunningClock
from api.server.run import LAST_SECONDS, free_port
from tests.commands import Command, run_command
from tests.conftest import KEYS, STARTS_AT, new_postgres_url, test_settings
from tests.founded import found_sample
from tests.relay import Relay
from tests.waiting import until
from workflow.store.engines import open_engines

IN_TIME = LAST_SECONDS + 30
"""Seconds; with air for a busy machine. What is held up ends never."""


class Product:
    """Processes of one deployment."""

    def __init__(self, folder, url, smtp_url):
        self.folder = folder
        self.port = free_port(None)
        self.given_url = url
        self.url = url or f"sqlite:///{folder / 'thidua.db'}"
        self.environment = {
            **os.environ,
            "THIDUA_DATABASE_URL": url,
            "THIDUA_DATA_DIR": str(folder),
            "THIDUA_SECRET_KEYS": KEYS,
            "THIDUA_SMTP_URL": smtp_url,
            "THIDUA_MAIL_FROM": "thidua@so.example",
            "THIDUA_CLOCK": "2022-05-04T08:00:00+07:00",
            "THIDUA_BASE_URL": f"http://127.0.0.1:{self.port}",
        }

    def found(self):
        """Give it the sample agency."""
        found_sample(test_settings(self.folder, self.given_url), RunningClock(STARTS_AT))

    def command(self, *words):
        done = run_command(*words, **self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def started(self, *words, is_anew=False):
        """The command while it runs; several workers are always started from nothing."""
        is_anew = is_anew or "--workers" in words
        process = self.anew(*words) if is_anew else Command(words, self.environment)
        try:
            yield process
        finally:
            process.kill()
            process.wait(20)

    def anew(self, *words):
        with (self.folder / f"{words[0]}.log").open("w") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "api", *words],
                cwd=ROOT,
                env=self.environment,
                stdout=file,
                stderr=file,
            )

    def is_alive(self):
        """Whether it answers, however long a busy machine lets one wait for it."""
        address = f"http://127.0.0.1:{self.port}/healthz/live"
        try:
            return httpx2.get(address, timeout=60).status_code == 200
        except httpx2.HTTPError:
            return False

    def outbox(self):
        engines = open_engines(self.url)
        try:
            with engines.read.connect() as connection:
                return dict(
                    connection.execute(
                        text("SELECT state, count(*) FROM outbox GROUP BY state")
                    ).all()
                )
        finally:
            engines.dispose()


@pytest.fixture
def product(request, tmp_path):
    """A deployment on the database that the test names, with a mailbox."""
    mailbox = DemoMailbox(tmp_path / "mail")
    mailbox.start()
    url = (
        new_postgres_url(request.getfixturevalue("postgres"))
        if request.param == "postgresql"
        else ""
    )
    yield Product(tmp_path, url, mailbox.url)
    mailbox.stop()


@contextmanager
def unfinished_request(port):
    """A request whose body does not come."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nemail=a"
        connection.sendall(head.encode())
        yield connection


@pytest.mark.parametrize("product", ["sqlite"], indirect=True)
@pytest.mark.parametrize("words", ["serve", "demo"])
def test_a_server_told_to_end_ends_in_time_with_a_request_unfinished(product, words):
    """As several workers do: see test_metrics, where two are served by."""
    if words != "demo":
        product.found()
    with product.started(words, "--port", str(product.port), is_anew=words == "demo") as process:
        until(product.is_alive)
        with unfinished_request(product.port):
            process.send_signal(signal.SIGTERM)
            assert process.wait(IN_TIME) == 0
        assert not product.is_alive()


@pytest.mark.parametrize("product", ["sqlite"], indirect=True)
@pytest.mark.parametrize("words", ["serve", "demo"])
def test_a_hang_up_ends_a_single_process_as_any_other_end(product, words):
    if words != "demo":
        product.found()
    with product.started(words, "--port", str(product.port)) as process:
        until(product.is_alive)
        process.send_signal(signal.SIGHUP)
        assert process.wait(IN_TIME) == 0


def children_of(process):
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    return {each for each in found if "spawn_main" in command_line(each)}


def command_line(process):
    """Return how a process was started, or nothing where it has ended meanwhile."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.mark.parametrize("product", ["postgresql"], indirect=True)
def test_a_hang_up_rolls_the_workers_which_end_when_whoever_started_them_is_gone(product):
    product.found()
    with product.started("serve", "--workers", "2", "--port", str(product.port)) as process:
        until(product.is_alive)
        before = until(lambda: len(children_of(process)) == 2 and children_of(process))
        process.send_signal(signal.SIGHUP)

        def rolled():
            assert product.is_alive(), "somebody was refused"
            return len(children_of(process)) == 2 and not children_of(process) & before

        workers = until(lambda: rolled() and children_of(process))
        process.kill()
        process.wait(20)
        until(lambda: not any(Path(f"/proc/{each}").exists() for each in workers), IN_TIME)
    assert not product.is_alive()


@pytest.mark.parametrize("product", ["sqlite"], indirect=True)
def test_who_came_in_the_moment_of_the_end_is_answered(product):
    product.found()
    with product.started("serve", "--port", str(product.port)) as process:
        until(product.is_alive)
        with socket.create_connection(("127.0.0.1", product.port)) as connection:
            assert product.is_alive()  # accepted after the other, which is therefore accepted too
            process.send_signal(signal.SIGTERM)
            until(lambda: not product.is_alive())
            connection.sendall(b"GET /healthz/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        assert process.wait(IN_TIME) == 0


class SlowRelay(Relay):
    """Takes each letter and answers only when told to."""

    def __init__(self):
        super().__init__()
        self.may_answer = None
        self.asked = 0

    async def talk(self, reader, writer):
        if self.may_answer is None:
            self.may_answer = asyncio.Semaphore(0)
        with closing(writer):
            await self.hold(reader, writer)

    async def hold(self, reader, writer):
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            verb = line.decode().split(" ")[0].strip().upper()
            if verb == "DATA":
                writer.write(b"354 go\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                self.asked += 1
                await self.may_answer.acquire()
                self.received.append(content)
            writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 OK\r\n")
            await writer.drain()

    def answer(self):
        self.loop.call_soon_threadsafe(self.may_answer.release)


@pytest.fixture
def relay():
    found = SlowRelay()
    found.start()
    yield found
    found.stop()


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGHUP])
def test_a_worker_told_to_end_finishes_its_letter_and_gives_the_others_back(
    postgres, tmp_path, relay, sig
):
    product = Product(
        tmp_path, new_postgres_url(postgres), f"smtp://127.0.0.1:{relay.port}?tls=none"
    )
    product.found()
    sheet = tmp_path / "people.csv"
    rows = [f"Người {number},p{number}@so.example,staff,lanh-su" for number in range(6)]
    sheet.write_text("\n".join(["name,email,position,department", *rows]), "utf-8")
    product.command("people", "import", str(sheet))
    assert product.outbox() == {"new": 6}
    with product.started("worker") as process:
        until(lambda: relay.asked)
        assert product.outbox() == {"leased": 6}
        process.send_signal(sig)
        relay.answer()
        assert process.wait(IN_TIME) == 0
    assert product.outbox() == {"sent": 1, "new": 5}
    assert len(relay.received) == 1


def test_a_worker_whose_relay_never_answers_still_ends_and_settles(postgres, tmp_path, relay):
    product = Product(
        tmp_path, new_postgres_url(postgres), f"smtp://127.0.0.1:{relay.port}?tls=none"
    )
    product.found()
    sheet = tmp_path / "people.csv"
    sheet.write_text(
        "name,email,position,department\nNgười Một,p1@so.example,staff,lanh-su\nNgười Hai,p2@so.example,staff,lanh-su",
        "utf-8",
    )
    product.command("people", "import", str(sheet))
    with product.started("worker") as process:
        until(lambda: relay.asked)
        process.send_signal(signal.SIGTERM)
        assert process.wait(IN_TIME) == 0
    assert product.outbox() == {"new": 2}


def test_a_taken_port_is_told_before_anything_is_said_to_run(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for words in (("demo",), ("serve",)):
            product = Product(tmp_path, "", "")
            if words[0] == "serve":
                product.found()
            done = run_command(*words, "--port", str(port), **product.environment)
            assert done.returncode == 1
            assert done.stdout == ""
            assert f"Cổng {port} đang được" in done.stderr
            assert "Traceback" not in done.stderr
