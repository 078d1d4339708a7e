"""SIGKILL at random moments while clients write, on both databases: what was acknowledged stands, once, and its mail comes."""

import json
import os
import random
import secrets
import signal
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import text

from api.cli.demo.mailbox import DemoMailbox
from api.clock import RunningClock
from api.server.run import free_port
from tests.commands import Command, run_command
from tests.conftest import KEYS, STARTS_AT, new_postgres_url, test_settings
from tests.founded import found_sample
from tests.waiting import until
from workflow.store.engines import open_engines

STAFF, HEAD, AUDITOR = "staff.htqt@so.example", "head.htqt@so.example", "auditor@so.example"
KILLS, MANY_KILLS, WRITERS = 20, 200, 3
MOST_ANSWERS = 8
"""How many changes a server acknowledges, at most, before its end comes."""


class Product:
    """A deployment whose server is killed and started again, each time minutes later by its own clock."""

    def __init__(self, folder, url, mailbox):
        self.port, self.starts, self.url = free_port(None), 0, url
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.mailbox, self.folder, self.server = mailbox, folder, None
        self.is_up = threading.Event()
        self.environment = {
            "THIDUA_DATABASE_URL": url,
            "THIDUA_DATA_DIR": str(folder),
            "THIDUA_SECRET_KEYS": KEYS,
            "THIDUA_SMTP_URL": mailbox.url,
            "THIDUA_MAIL_FROM": "thidua@so.example",
            "THIDUA_BASE_URL": self.base_url,
            "THIDUA_CLOCK": STARTS_AT.isoformat(),
        }

    def command(self, *words):
        return run_command(*words, **self.environment)

    def token(self, email):
        return json.loads(self.command("token", "create", email, "--json").stdout)["token"]

    def start(self):
        self.starts += 1
        # What a killed server had leased is free again by the clock of the next one.
        clock = {"THIDUA_CLOCK": (STARTS_AT + timedelta(minutes=2 * self.starts)).isoformat()}
        environment = {**os.environ, **self.environment, **clock}
        self.server = Command(["serve", "--port", str(self.port)], environment)
        until(self.accepts, 60)
        self.is_up.set()

    def accepts(self):
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except OSError:
            return False
        return True

    def end(self, how):
        self.is_up.clear()
        self.server.send_signal(how)
        self.server.wait(60)

    def rows(self, statement):
        engines = open_engines(self.url or f"sqlite:///{self.folder / 'thidua.db'}")
        try:
            with engines.read.connect() as connection:
                return connection.execute(text(statement)).all()
        finally:
            engines.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def product(request, tmp_path):
    mailbox = DemoMailbox(tmp_path / "mail")
    mailbox.start()
    url = (
        new_postgres_url(request.getfixturevalue("postgres"))
        if request.param == "postgresql"
        else ""
    )
    made = Product(tmp_path, url, mailbox)
    found_sample(test_settings(tmp_path, url), RunningClock(STARTS_AT))
    yield made
    if made.server is not None and made.server.process.is_alive():
        made.end(signal.SIGKILL)
    mailbox.stop()


class Writer:
    """A client that makes items and hands them in, and asks again by the same key until it has an answer."""

    def __init__(self, product, token, is_over):
        self._client = httpx2.Client(
            base_url=product.base_url + "/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
        )
        self._is_over, self._is_up = is_over, product.is_up
        self.made, self.submitted, self.statuses = {}, {}, Counter()

    def write(self, body):
        while not self._is_over.is_set():
            key = secrets.token_hex(8)
            made = self._answered("/items", body, key)
            if made is None:
                return
            self.made[made["code"]] = key
            key = secrets.token_hex(8)
            if (
                self._answered(
                    f"/items/{made['code']}/transitions",
                    {"transition": "submit", "version": made["version"]},
                    key,
                )
                is not None
            ):
                self.submitted[made["code"]] = key

    def _answered(self, path, body, key):
        """Return the answer, however often the server goes away before; None where the test is over without one."""
        while True:
            try:
                answer = self._client.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx2.HTTPError:
                self.statuses["none"] += 1
                self._is_up.wait(60)
            else:
                self.statuses[answer.status_code] += 1
                if answer.status_code in {200, 201}:
                    return answer.json()
                assert answer.status_code == 503, answer.text
            if self._is_over.is_set():
                return None

    def close(self):
        self._client.close()


def answers(writers):
    """Return how many changes have been acknowledged."""
    return sum(len(each.made) + len(each.submitted) for each in writers)


def kill_while_written(product, writers, body, kills, is_over):
    chance = random.Random(1789)  # noqa: S311 - seeded moments
    with ThreadPoolExecutor(len(writers)) as pool:
        writing = [pool.submit(each.write, body) for each in writers]
        try:
            for _ in range(kills):
                enough = answers(writers) + chance.randint(0, MOST_ANSWERS)
                until(lambda enough=enough: answers(writers) >= enough)
                threading.Event().wait(chance.uniform(0, 0.02))  # a moment within the next one
                product.end(signal.SIGKILL)
                product.start()
        finally:
            is_over.set()
        for each in writing:
            each.result(60)


def test_what_was_acknowledged_before_a_kill_stands_once_and_its_mail_comes(product, is_long):
    tokens = {email: product.token(email) for email in (STAFF, AUDITOR)}
    product.start()
    with httpx2.Client(
        base_url=product.base_url + "/api/v1", headers={"Authorization": f"Bearer {tokens[STAFF]}"}
    ) as client:
        body = client.get("/definitions/nomination/example").json()
    is_over = threading.Event()
    writers = [Writer(product, tokens[STAFF], is_over) for _ in range(WRITERS)]
    kill_while_written(product, writers, body, MANY_KILLS if is_long else KILLS, is_over)
    until(
        lambda: not product.rows("SELECT 1 FROM outbox WHERE state IN ('new', 'leased') LIMIT 1"),
        60,
    )
    product.end(signal.SIGTERM)
    for each in writers:
        each.close()

    made = {code: key for each in writers for code, key in each.made.items()}
    submitted = {code: key for each in writers for code, key in each.submitted.items()}
    assert len(submitted) > KILLS // 2, sum((each.statuses for each in writers), Counter())
    assert sum(each.statuses["none"] for each in writers) > 0, "no kill met a request"
    states = dict(product.rows("SELECT code, state FROM items"))
    assert set(made) <= set(states)
    assert {states[code] for code in submitted} == {"submitted"}
    entries = Counter(
        tuple(row)
        for row in product.rows(
            "SELECT items.code, history.type FROM history JOIN items ON items.id = history.item_id"
        )
    )
    assert {entries[code, "created"] for code in made} == {1}
    assert {entries[code, "transition"] for code in submitted} == {1}
    verified = product.command("history", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert set(product.rows("SELECT DISTINCT state FROM outbox")) == {("sent",)}
    received = product.mailbox.mails()
    assert {row[0] for row in product.rows("SELECT message_id FROM outbox")} <= {
        each.message_id for each in received
    }
    asked = {
        code
        for code in submitted
        for each in received
        if code in each.subject and each.recipient == HEAD
    }
    assert asked == set(submitted)
