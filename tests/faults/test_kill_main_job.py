"""SIGKILL at random points of the main job: after a restart it ends the same, nothing is lost, nothing doubled."""

import os
import random
import time
from collections import Counter
from contextlib import closing

from api.cli.demo.mailbox import DemoMailbox
from tests.commands import Command, run_command
from workflow.store.engines import sqlite_driver

ENVIRONMENT = {**os.environ, "THIDUA_DATABASE_URL": "", "THIDUA_SMTP_URL": ""}


def start(folder):
    return Command(["demo", "--headless", "--data", str(folder)], ENVIRONMENT)


def outcome(folder):
    """Return what the finished job leaves: transitions of the items, mails by recipient and subject, mails overtaken by recipient.

    A mail is overtaken when its step was decided by another before it could leave: the killed process sent the first
    approver's request, not yet the second's, and the first one's link was used on the restart.
    """
    export = folder / "export"
    run_command(
        "history", "export", str(export), "--data", str(folder), **ENVIRONMENT
    ).check_returncode()
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
    with closing(sqlite_driver().connect(folder / "thidua.db")) as database:
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
    # Checkpoints are made at the end of a process too, and while one lasts by its own clock.
    mails, whole = (
        Counter({each: n for each, n in told.items() if "Điểm kiểm chứng" not in each[1]})
        for told in (mails, wanted[1])
    )
    missing = Counter(recipient for recipient, _ in (whole - mails).elements())
    extra = Counter(recipient for recipient, _ in (mails - whole).elements())
    return steps == wanted[0] and missing <= overtaken and extra <= wanted[2]


def test_the_job_ends_the_same_wherever_it_is_killed(tmp_path, is_long):
    whole = tmp_path / "whole"
    began = time.monotonic()
    done = start(whole).ended()
    assert done.returncode == 0, done.stdout + done.stderr
    lasted = time.monotonic() - began
    wanted = outcome(whole)

    chance = random.Random(2022)  # noqa: S311 - seeded moments
    kills = 200 if is_long else 3
    killed = 0
    round_number = 0
    while killed < kills:
        round_number += 1
        folder = tmp_path / f"round{round_number}"
        for _ in range(min(5, kills - killed)):
            command = start(folder)
            time.sleep(chance.uniform(0, lasted * 0.9))
            command.process.kill()
            command.ended()
            killed += 1
        done = start(folder).ended()
        assert done.returncode == 0, done.stdout + done.stderr
        ended = outcome(folder)
        assert same(ended, wanted), (
            f"round {round_number}: less {wanted[1] - ended[1]}, more {ended[1] - wanted[1]}, overtaken {ended[2]}"
        )
