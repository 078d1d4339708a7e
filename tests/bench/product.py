"""Ours: the product's own composition on a fresh database, filled with items that wait for a decision."""

import asyncio
import gc
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import text

from api.clock import RunningClock
from api.composition import Application, open_application
from api.initialise import SAMPLE, initialise
from api.settings import load_settings
from api.v1.definitions import example_of
from workflow.command import Cause
from workflow.commands.create_item import CreateItem
from workflow.commands.decide import Decide
from workflow.model import Method, PersonId, Via
from workflow.store import people

STARTS_AT = datetime.fromisoformat("2022-05-04T08:00:00+07:00")
CAMPAIGN = "toan-dan-bao-ve-antq-2022"
HEAD, STAFF = "head.htqt@so.example", "staff.htqt@so.example"


@dataclass
class Product:
    """A running composition and the codes of items that are ``submitted``."""

    parts: Application
    head: int
    staff: int
    codes: list[str]

    def person(self, email: str) -> PersonId:
        known = {
            each.email: each.id for each in self.parts.database.report_blocking(people.all_people)
        }
        return known[email]

    def decision(self, code: str) -> Decide:
        return _decide(code, "approve_department", actor=self.head, version=2)

    def counts(self) -> dict[str, int]:
        names = ("history", "outbox", "holders")
        with self.parts.engines.read.connect() as connection:
            return {
                name: int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() or 0)
                for name in names
            }


def _decide(code: str, transition: str, *, actor: int, version: int) -> Decide:
    return Decide(
        code=code,
        transition=transition,
        cause=Cause(
            actor=PersonId(actor),
            via=Via.API,
            method=Method.TOKEN,
            command_id=f"b:{secrets.token_hex(8)}",
            digest="d",
        ),
        version=version,
    )


def open_product(folder: Path, url: str = "", base_url: str = "http://127.0.0.1:8000") -> Product:
    """Set a product up with no mail relay: the outbox is written, and stays."""
    settings = load_settings(
        data_dir=folder,
        database_url=url,
        secret_keys="bench:" + "0123456789abcdef" * 4,
        base_url=base_url,
        smtp_url="",
    )
    initialise(settings, organization=settings.definitions / SAMPLE, clock=RunningClock(STARTS_AT))
    parts = open_application(settings, clock=RunningClock(STARTS_AT))
    gc.freeze()  # as the application does when it begins to serve
    known = {each.email: each.id for each in parts.database.report_blocking(people.all_people)}
    return Product(parts=parts, head=known[HEAD], staff=known[STAFF], codes=[])


async def fill(product: Product, count: int) -> list[str]:
    """Draft and submit ``count`` items and return their codes."""
    database = product.parts.database
    newest = await database.report(product.parts.context.rulebooks.newest)
    body = example_of(newest["nomination"].definition, CAMPAIGN)

    async def one() -> str:
        create = CreateItem(
            cause=Cause(
                actor=product.staff,
                via=Via.API,
                method=Method.TOKEN,
                command_id=f"c:{secrets.token_hex(8)}",
                digest="d",
            ),
            type="nomination",
            campaign=CAMPAIGN,
            department=None,
            title=body["title"],
            fields=body["fields"],
        )
        written = await database.write(create)
        await database.write(_decide(written.code, "submit", actor=product.staff, version=1))
        return str(written.code)

    codes: list[str] = []
    while len(codes) < count:
        codes += await asyncio.gather(*(one() for _ in range(min(64, count - len(codes)))))
    return codes


def sample_body(product: Product) -> str:
    """Return a history body as long as the product's own."""
    with product.parts.engines.read.connect() as connection:
        return str(
            connection.execute(
                text("SELECT body FROM history WHERE type = 'transition' ORDER BY id DESC LIMIT 1")
            ).scalar()
        )


def dumps(value: object) -> bytes:
    return orjson.dumps(value)
