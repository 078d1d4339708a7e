"""The relay says no in every way: each answer has its own consequence, and no mail is lost."""

import asyncio
import contextlib
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.app import create_app
from api.clock import RunningClock
from api.composition import open_application
from api.initialising import SAMPLE, initialise
from api.serving import beside, free_port
from tests.conftest import STARTS_AT, Running, test_settings
from tests.waiting import until


class Relay:
    """A scripted SMTP server: what it answers to RCPT and DATA is set by each test."""

    def __init__(self):
        self.port = free_port(None)
        self.at_mail = "250 OK"
        self.at_rcpt = "250 OK"
        self.at_end = "250 OK"
        self.received = []
        self.loop = asyncio.new_event_loop()

    def start(self):
        import threading

        async def serve():
            self.server = await asyncio.start_server(self.talk, "127.0.0.1", self.port)
            async with self.server:
                await self.server.serve_forever()

        def run():
            with contextlib.suppress(asyncio.CancelledError):
                self.loop.run_until_complete(serve())

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def stop(self):
        if self.loop.is_closed():
            return
        self.loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(self.loop)])
        self.thread.join(5)
        self.loop.close()

    async def talk(self, reader, writer):
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            verb = line.decode().split(" ")[0].strip().upper()
            if verb == "DATA":
                writer.write(b"354 go\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                if self.at_end == "vanish":
                    self.received.append(content)
                    writer.close()
                    return
                if self.at_end.startswith("2"):
                    self.received.append(content)
                writer.write(self.at_end.encode() + b"\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                writer.close()
                return
            else:
                answer = {"MAIL": self.at_mail, "RCPT": self.at_rcpt}.get(verb, "250 OK")
                writer.write(answer.encode() + b"\r\n")
            await writer.drain()


@pytest.fixture
def relay():
    found = Relay()
    found.start()
    yield found
    found.stop()


@pytest.fixture
def product(relay, tmp_path):
    port = free_port(None)
    settings = test_settings(tmp_path, "", base_url=f"http://127.0.0.1:{port}", smtp_url=f"smtp://127.0.0.1:{relay.port}?tls=none")
    initialise(settings, organization=settings.definitions / SAMPLE, clock=RunningClock(STARTS_AT))
    clock = RunningClock(STARTS_AT)
    parts = open_application(settings, clock=clock, is_demo=True)
    with beside(create_app(parts), port) as loop:
        running = Running(parts=parts, base_url=settings.base_url, mailbox=None, clock=clock, loop=loop)
        yield running
        for client in running.clients.values():
            client.close()
    parts.close()


def rows(product, kind="task"):
    with product.parts.engines.read.connect() as connection:
        found = connection.execute(
            text("SELECT state, attempts, last_code, possible_duplicates, message_id FROM outbox WHERE kind = :kind ORDER BY id"), {"kind": kind}
        )
        return [tuple(row) for row in found]


def submit(product):
    product.item_in("submitted")


def test_greylisting_is_tried_again_later_with_the_same_message_id(product, relay):
    relay.at_rcpt = "450 4.7.1 later"
    submit(product)
    until(lambda: [row for row in rows(product) if row[1] == 1])
    before = rows(product)
    assert {row[0] for row in before} == {"new"}
    relay.at_rcpt = "250 OK"
    product.clock.advance(timedelta(minutes=7))
    until(lambda: {row[0] for row in rows(product)} == {"sent"})
    assert [row[4] for row in rows(product)] == [row[4] for row in before]
    assert len(relay.received) == 2


def test_an_unknown_mailbox_is_a_dead_letter_and_the_others_go(product, relay):
    relay.at_rcpt = "550 5.1.1 unknown"
    submit(product)
    until(lambda: {row[0] for row in rows(product)} == {"dead"})
    assert rows(product)[0][2] == "550 5.1.1"
    relay.at_rcpt = "250 OK"
    submit(product)
    until(lambda: [row[0] for row in rows(product)][2:] == ["sent", "sent"])


def test_a_refused_sender_pauses_the_channel_and_buries_nothing(product, relay):
    relay.at_mail = "550 sender refused"
    submit(product)
    until(lambda: [row for row in rows(product) if row[2] and row[2].startswith("550")])
    assert {row[0] for row in rows(product)} <= {"new", "leased"}
    assert {row[1] for row in rows(product)} == {0}


def test_a_connection_lost_after_the_final_dot_may_double_but_is_known_as_the_same(product, relay):
    relay.at_end = "vanish"
    submit(product)
    until(lambda: [row for row in rows(product) if row[3] == 1])
    relay.at_end = "250 OK"
    product.clock.advance(timedelta(minutes=7))
    until(lambda: {row[0] for row in rows(product)} == {"sent"})
    import re

    ids = [re.search(rb"Message-ID: (\S+)", each)[1] for each in relay.received]
    assert len(set(ids)) == 2


def test_with_the_relay_down_decisions_go_on_and_the_mail_waits(product, relay):
    relay.stop()
    item = product.item_in("department_approved")
    assert item["state"] == "department_approved"
    until(lambda: [row for row in rows(product) if row[2]])
    assert {row[0] for row in rows(product)} <= {"new", "leased", "superseded"}


def test_the_outbox_holds_no_link_and_no_body(product, relay):
    submit(product)
    until(lambda: {row[0] for row in rows(product)} == {"sent"})
    import re

    token = re.search(rb"/a/(a1\.\S+)", relay.received[0])[1].decode()
    with contextlib.closing(sqlite3.connect(product.parts.settings.data_dir / "thidua.db")) as connection:
        dump = "\n".join(connection.iterdump())
    assert token.rsplit(".", 1)[1] not in dump
    assert "Đề nghị bạn" not in dump
