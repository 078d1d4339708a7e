"""SIGKILL at random points of the main job: after a restart it ends the same, nothing is lost, nothing doubled."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing

from api.bootstrap import ROOT
from api.cli.demo.mailbox import DemoMailbox

ENVIRONMENT = {**os.environ, "THIDUA_DATABASE_URL": "", "THIDUA_SMTP_URL": ""}


def start(folder):
    command = [sys.executable, "-m", "api", "demo", "--headless", "--data", str(folder)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(folder):
    """Return what the finished job leaves: transitions of the items, mails by recipient and subject, mails overtaken by recipient.

    A mail is overtaken when its step was decided by another before it could leave: the killed process sent the first
    approver's request, not yet the second's, and the first one's link was used on the restart.
    """
    export = folder / "export"
    subprocess.run(
        [sys.executable, "-m", "api", "history", "export", str(export), "--data", str(folder)],
        cwd=ROOT,
        env=ENVIRONMENT,
        check=True,
        capture_output=True,
    )
    import json

    bodies = [
        json.loads(json.loads(line)["body"])
        for line in (export / "entries.jsonl").read_text("utf-8").splitlines()
    ]
    steps = [
        (each["subject"], each["transition"], each["decided_version"])
        for each in bodies
        if each["type"] == "transition"
    ]
    mails = DemoMailbox(folder / "mail").mails()
    by_id = {}
    for mail in mails:
        known = by_id.setdefault(mail.message_id, (mail.recipient, mail.subject))
        assert known == (mail.recipient, mail.subject), "one Message-ID for two different mails"
    with closing(sqlite3.connect(folder / "thidua.db")) as database:
        states = dict(database.execute("SELECT state, count(*) FROM outbox GROUP BY state"))
        overtaken = database.execute(
            "SELECT people.email FROM outbox JOIN people ON people.id = outbox.person WHERE outbox.state = 'superseded'"
        )
        recipients = Counter(email for (email,) in overtaken)
    assert set(states) <= {"sent", "superseded"}, states
    # Either approver's link may be the one used: the word to who decided counts, whoever of them that was.
    told = [
        ("who decided" if "Đã ghi nhận" in subject else recipient, subject)
        for recipient, subject in by_id.values()
    ]
    return sorted(steps), Counter(told), recipients


def same(ended, wanted):
    """Return whether a killed job ended as the whole one did: every mail left, or was overtaken, and no other did."""
    steps, mails, overtaken = ended
    # Checkpoints are made at the end of a process too, and so more often where one was killed.
    mails = Counter({each: n for each, n in mails.items() if "Điểm kiểm chứng" not in each[1]})
    missing = Counter(recipient for recipient, _ in (wanted[1] - mails).elements())
    extra = Counter(recipient for recipient, _ in (mails - wanted[1]).elements())
    return steps == wanted[0] and missing <= overtaken and extra <= wanted[2]


def test_the_job_ends_the_same_wherever_it_is_killed(tmp_path, is_long):
    whole = tmp_path / "whole"
    began = time.monotonic()
    process = start(whole)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, out + err
    lasted = time.monotonic() - began
    wanted = outcome(whole)

    chance = random.Random(2022)  # noqa: S311 - seeded moments
    kills = 200 if is_long else 4
    done = 0
    round_number = 0
    while done < kills:
        round_number += 1
        folder = tmp_path / f"round{round_number}"
        for _ in range(min(5, kills - done)):
            process = start(folder)
            time.sleep(chance.uniform(0.6, lasted * 0.9))
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
            done += 1
        process = start(folder)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
        ended = outcome(folder)
        assert same(ended, wanted), (
            f"round {round_number}: less {wanted[1] - ended[1]}, more {ended[1] - wanted[1]}, overtaken {ended[2]}"
        )
