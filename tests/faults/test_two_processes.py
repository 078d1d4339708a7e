"""Two serving processes on one PostgreSQL: still one decision for each version, and each mail once."""

import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from api.clock import RunningClock
from api.server.run import free_port
from tests.commands import Command, run_command
from tests.conftest import KEYS, STARTS_AT, new_postgres_url, test_settings
from tests.founded import found_sample
from tests.waiting import until


@pytest.fixture
def two_servers(postgres, tmp_path):
    from api.cli.demo.mailbox import DemoMailbox

    mailbox = DemoMailbox(tmp_path / "mail")
    mailbox.start()
    ports, url = [free_port(None), free_port(None)], new_postgres_url(postgres)
    environment = {
        **os.environ,
        "THIDUA_DATABASE_URL": url,
        "THIDUA_DATA_DIR": str(tmp_path),
        "THIDUA_SECRET_KEYS": KEYS,
        "THIDUA_SMTP_URL": mailbox.url,
        "THIDUA_MAIL_FROM": "thidua@so.example",
        "THIDUA_CLOCK": "2022-05-04T08:00:00+07:00",
        "THIDUA_BASE_URL": f"http://127.0.0.1:{ports[0]}",
    }
    found_sample(test_settings(tmp_path, url), RunningClock(STARTS_AT))
    servers = [Command(["serve", "--port", str(port)], environment) for port in ports]
    for port in ports:
        until(lambda port=port: is_alive(port))
    tokens, clients = {}, []

    def client(email, port):
        import json

        if email not in tokens:
            made = run_command("token", "create", email, "--json", **environment)
            tokens[email] = json.loads(made.stdout)["token"]
        headers = {"Authorization": f"Bearer {tokens[email]}"}
        clients.append(
            httpx2.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=60)
        )
        return clients[-1]

    yield ports, client, mailbox
    for each in clients:
        each.close()
    for server in servers:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    mailbox.stop()


def is_alive(port):
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/healthz/live").status_code == 200
    except httpx2.HTTPError:
        return False


def test_two_processes_decide_each_version_once_and_mail_each_task_once(two_servers, is_long):
    ports, client, mailbox = two_servers
    count = 2500 if is_long else 60
    staff = client("staff.htqt@so.example", ports[0])
    body = staff.get("/definitions/nomination/example").json()
    codes = []
    for number in range(count):
        code = staff.post("/items", json=body).json()["code"]
        staff.post(f"/items/{code}/transitions", json={"transition": "submit", "version": 1})
        codes.append(code)
        assert number < count
    people = [
        client(email, port)
        for email in ("head.htqt@so.example", "deputy.htqt@so.example")
        for port in ports
    ]
    chance = random.Random(11)  # noqa: S311 - a seeded choice
    work = [
        (chance.choice(people), code, chance.choice(("approve_department", "reject")))
        for code in codes
        for _ in range(4)
    ]

    def decide(each):
        caller, code, decision = each
        return caller.post(
            f"/items/{code}/transitions",
            json={"transition": decision, "version": 2, "comment": "Lý do"},
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(decide, work))
    assert {each for each in statuses if each not in {200, 409, 403}} == set()
    assert statuses.count(200) == count
    auditor = client("auditor@so.example", ports[1])
    for code in codes:
        assert len(auditor.get(f"/items/{code}/history").json()["data"]) == 3

    def both_mailed():
        mails = [each for each in mailbox.mails() if each.subject.startswith("[Trình duyệt]")]
        return len(mails) >= 1 and mails

    until(both_mailed)
    ids = [each.message_id for each in mailbox.mails()]
    assert len(ids) == len(set(ids))
