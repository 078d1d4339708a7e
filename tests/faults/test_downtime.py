"""Four days without a server, the whole process under libfaketime: nothing in this product can tell the clock is not the machine's."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from api.bootstrap import ROOT
from api.cli.demo.mailbox import DemoMailbox
from api.clock import RunningClock
from api.server.run import free_port
from tests.commands import run_command
from tests.conftest import CAMPAIGN, KEYS, STARTS_AT, test_settings
from tests.founded import found_sample
from tests.waiting import until

FAKED = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
LADDER = [{"days": days, "to": ["drafter"]} for days in (-5, -1, 1)]
DEADLINE = {
    "campaign": CAMPAIGN,
    "kind": "interim",
    "departments": ["lanh-su"],
    "due_at": "2022-06-15T17:00:00+07:00",
    "ladder": LADDER,
}


@pytest.fixture
def agency(tmp_path):
    """A mailbox, a way to run commands, and one to serve the product at an instant of UTC."""
    mailbox = DemoMailbox(tmp_path / "mail")
    mailbox.start()
    port = free_port(None)

    given = {
        "THIDUA_DATABASE_URL": "",
        "THIDUA_DATA_DIR": str(tmp_path),
        "THIDUA_SECRET_KEYS": KEYS,
        "THIDUA_SMTP_URL": mailbox.url,
        "THIDUA_MAIL_FROM": "thidua@so.example",
        "THIDUA_BASE_URL": f"http://127.0.0.1:{port}",
    }
    found_sample(test_settings(tmp_path, ""), RunningClock(STARTS_AT))

    def command(*words):
        done = run_command(*words, **given, THIDUA_CLOCK=STARTS_AT.isoformat())
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serving(at):
        server = subprocess.Popen(
            [sys.executable, "-m", "api", "serve", "--port", str(port)],
            cwd=ROOT,
            env={
                **os.environ,
                **given,
                "TZ": "UTC",
                "LD_PRELOAD": str(FAKED),
                "FAKETIME": f"@{at}",
            },
        )
        try:
            until(lambda: is_ready(port))
            yield f"http://127.0.0.1:{port}/api/v1"
        finally:
            server.terminate()
            server.wait(20)

    yield mailbox, command, serving
    mailbox.stop()


def is_ready(port):
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/healthz/ready").status_code == 200
    except httpx2.HTTPError:
        return False


@pytest.mark.skipif(FAKED is None, reason="libfaketime is not installed")
def test_after_days_without_a_server_each_person_gets_one_digest_of_the_latest_rung_in_working_hours(
    agency,
):
    mailbox, command, serving = agency
    monday_evening, friday_evening, next_monday = (
        "2022-06-13 13:00:00",
        "2022-06-17 13:00:00",
        "2022-06-20 01:00:30",
    )
    token = json.loads(command("token", "create", "officer@so.example", "--days", "90", "--json"))[
        "token"
    ]
    headers = {"Authorization": f"Bearer {token}"}

    def reminders(address):
        rows = httpx2.get(f"{address}/reminders", headers=headers).json()["data"]
        return {(row["rung"], row["state"]) for row in rows}

    with serving(monday_evening) as address:
        assert (
            httpx2.post(f"{address}/deadlines", json=DEADLINE, headers=headers).status_code == 201
        )
        assert reminders(address) == {(-1, "planned"), (1, "planned")}
    with serving(friday_evening) as address:
        assert until(lambda: reminders(address) == {(-1, "superseded"), (1, "planned")})
        assert mailbox.mails() == [], "Friday evening is no working hour"
    with serving(next_monday) as address:
        until(lambda: reminders(address) == {(-1, "superseded"), (1, "sent")})
    sent = [mail.recipient for mail in mailbox.mails() if "[Đôn đốc] Báo cáo" in mail.subject]
    assert sent
    assert len(sent) == len(set(sent)), "one digest for each person"
