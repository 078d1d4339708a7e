"""A scripted SMTP server, and the product that hands its mail to it."""

import asyncio
import contextlib
import email
import email.policy
import re
import threading
from contextlib import contextmanager

from sqlalchemy import text

from api.app import create_app
from api.clock import RunningClock
from api.composition import open_application
from api.initialise import initialise
from api.server.run import beside, free_port
from tests.conftest import STARTS_AT, Running, test_settings
from tests.founded import found_sample
from tests.guards import unguarded


class Relay:
    """A scripted SMTP server: what it answers to RCPT and DATA is set by each test."""

    def __init__(self):
        self.port = free_port(None)
        self.at_mail = "250 OK"
        self.at_rcpt = "250 OK"  # or a function of the line asked
        self.at_auth = "235 OK"
        self.at_end = "250 OK"
        self.offers = ()
        self.received = []
        self.asked = []
        self.loop = asyncio.new_event_loop()

    def start(self):
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
        self.loop.call_soon_threadsafe(
            lambda: [task.cancel() for task in asyncio.all_tasks(self.loop)]
        )
        self.thread.join(5)
        self.loop.close()

    @property
    def letters(self):
        """What was received, read by the standard library."""
        return [
            email.message_from_bytes(each, policy=email.policy.default)
            for each in list(self.received)
        ]

    def to(self, address):
        return [each for each in self.letters if each["To"] == address]

    def links_to(self, address):
        texts = [each.get_body(("plain",)).get_content() for each in self.to(address)]
        return [link for each in texts for link in re.findall(r"http\S+/a/a1\.\S+", each)]

    async def talk(self, reader, writer):
        try:
            await self._talk(reader, writer)
        finally:
            writer.close()

    async def _talk(self, reader, writer):
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            self.asked.append(line.decode())
            verb = line.decode().split(" ")[0].strip().upper()
            if verb == "EHLO":
                writer.write(
                    b"250-relay.example\r\n"
                    + "".join(f"250-{each}\r\n" for each in self.offers).encode()
                    + b"250 OK\r\n"
                )
            elif verb == "DATA":
                writer.write(b"354 go\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                if self.at_end == "vanish":
                    self.received.append(content)
                    return
                if self.at_end.startswith("2"):
                    self.received.append(content)
                writer.write(self.at_end.encode() + b"\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                said = {"MAIL": self.at_mail, "RCPT": self.at_rcpt, "AUTH": self.at_auth}.get(
                    verb, "250 OK"
                )
                answer = said(line.decode()) if callable(said) else said
                writer.write(answer.encode() + b"\r\n")
            await writer.drain()


@contextmanager
def relaying():
    relay = Relay()
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()


@contextmanager
def product_at(relay, folder, *, url="", organization=None, starts_at=STARTS_AT, user="", **more):
    port = free_port(None)
    settings = test_settings(
        folder,
        url,
        base_url=f"http://127.0.0.1:{port}",
        smtp_url=f"smtp://{user}127.0.0.1:{relay.port}?tls=none",
        **more,
    )
    clock = RunningClock(STARTS_AT)
    if organization is None:
        found_sample(settings, clock)
    else:
        initialise(settings, organization=organization, clock=clock)
    with serving(settings, starts_at) as running:
        yield running


@contextmanager
def serving(settings, starts_at):
    """The product of ``settings`` while the block runs; its clock starts at ``starts_at``."""
    clock = RunningClock(starts_at)
    parts = open_application(settings, clock=clock, is_demo=True)
    with beside(create_app(parts), int(settings.base_url.rsplit(":", 1)[1])) as loop:
        running = Running(
            parts=parts, base_url=settings.base_url, mailbox=None, clock=clock, loop=loop
        )
        try:
            yield running
        finally:
            for client in running.clients.values():
                client.close()
    parts.close()


def outbox(product, columns, where="1 = 1"):
    """Rows of the outbox, oldest first."""
    with product.parts.engines.read.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                text(f"SELECT {columns} FROM outbox WHERE {where} ORDER BY id")
            )
        ]


def change(product, statement, **values):
    """Change what no command changes."""
    with product.parts.engines.write.begin() as connection, unguarded(connection, statement):
        connection.execute(text(statement), values)


@contextmanager
def mail_held(product):
    """Let no mail leave while the block runs; then all of it at once."""
    product.parts.delivery._closed_until = float("inf")
    yield
    product.parts.delivery._closed_until = 0.0
    product.parts.delivery.wake()
