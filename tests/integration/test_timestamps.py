"""Checkpoints are stamped by an authority outside (RFC 3161), over HTTP, as openssl reads it; its silence holds nothing up and is told."""

import shutil
import subprocess
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.cli.serve import _tick
from api.v1.health import health_checks
from notifications.timestamps import BORNE
from tests.authority import Authority, stamping
from tests.commands import run_command
from tests.conftest import running_at
from tests.guards import unguarded
from workflow.history.verify_history import OK, TAMPERED, TamperedError
from workflow.queries.audit import export_history
from workflow.queries.stamped import stamps_in_database, stamps_in_export, verify_stamps
from workflow.sealer import CheckpointReason
from workflow.store import timestamps

OFFICER = "officer@so.example"


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def running(database_url, tmp_path_factory, authority):
    """Nothing is stamped beside the tests."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "root.pem").write_bytes(authority.pem)
    with stamping(authority) as url:
        more = {"timestamp_url": url, "timestamp_certificate": folder / "root.pem"}
        with running_at("127.0.0.1", folder, database_url, has_clock=False, **more) as product:
            yield product


def report(running, fn):
    return running.parts.database.report_blocking(fn)


def checkpoint(running):
    running.draft()
    assert running.run(running.parts.sealer.checkpoint(CheckpointReason.DEMAND))


def ask(running):
    running.clock.advance(timedelta(minutes=6))
    return running.run(running.parts.timestamps.ask(running.parts.database))


def check(running):
    return report(running, lambda each: health_checks(running.parts, each))["timestamp"]


def verify(folder, running, **settings):
    pem = running.parts.settings.timestamp_certificate
    return run_command(
        "history", "verify", str(folder), **{"THIDUA_TIMESTAMP_CERTIFICATE": str(pem), **settings}
    )


def test_a_checkpoint_is_stamped_once_and_verified_in_the_database_and_in_an_export(
    running, tmp_path
):
    checkpoint(running)
    assert ask(running)
    assert not ask(running), "once"
    trusted = running.parts.timestamps.authority
    said = verify_stamps(report(running, stamps_in_database), trusted)
    (kept,) = report(running, timestamps.all_timestamps)
    assert (said.count, said.size) == (1, kept.size)
    export = tmp_path / "export"
    report(running, lambda connection: export_history(connection, export))
    answer, note = (export / f"timestamps/{kept.size:012}.tsr"), export / "checkpoints"
    assert verify_stamps(stamps_in_export(export), trusted) == said
    done = verify(export, running)
    assert done.returncode == OK, done.stdout + done.stderr
    assert f"{kept.size} mục đầu" in done.stdout
    unset = verify(export, running, THIDUA_TIMESTAMP_CERTIFICATE="")
    assert unset.returncode == OK
    assert "THIDUA_TIMESTAMP_CERTIFICATE" in unset.stdout, "what was not checked is said"
    if openssl := shutil.which("openssl"):
        by_others = [
            *(openssl, "ts", "-verify", "-in", str(answer)),
            *("-data", str(note / f"{kept.size:012}.txt")),
            *("-CAfile", str(running.parts.settings.timestamp_certificate)),
        ]
        assert subprocess.run(by_others, capture_output=True, check=False).returncode == 0
    (export / "SHA256SUMS").unlink()
    answer.write_bytes(answer.read_bytes().replace(b"Test TSA", b"Best TSA"))
    changed = verify(export, running)
    assert changed.returncode == TAMPERED
    assert answer.name in changed.stdout
    answer.rename(answer.with_name("000000999999.tsr"))
    assert verify(export, running).returncode == TAMPERED, "of no checkpoint"


@pytest.mark.one_database
def test_an_authority_that_is_silent_holds_nothing_up_and_the_office_is_told(running, authority):
    checkpoint(running)
    authority.says = lambda _answer: b""
    before = authority.asked
    assert not ask(running)
    assert not running.run(running.parts.timestamps.ask(running.parts.database))
    assert authority.asked == before + 1, "in no tight circle"
    assert check(running)["ok"], "borne for a while"
    running.clock.advance(BORNE)
    assert not check(running)["ok"]
    with running.signed_in(OFFICER) as browser:
        assert "THIDUA_TIMESTAMP_URL" in browser.get("/office").text
    authority.says = lambda answer: answer
    assert ask(running)
    assert check(running)["ok"]


HEADER = b"HTTP/1.0 200 OK\r\nContent-Type: application/timestamp-reply\r\n"


@pytest.mark.one_database
@pytest.mark.parametrize(
    "pieces",
    [
        [b"garbage, and no HTTP at all\r\n\r\n"],
        [HEADER + b"Content-Length: 900\r\n\r\n"],
        [HEADER, *[b"X"] * 60],
        [HEADER + b"Content-Length: 60\r\n\r\n", *[b"X"] * 60],
    ],
    ids=["garbage", "cut off", "header drips", "body drips"],
)
def test_garbage_and_an_answer_that_drips_in_end_in_time_and_are_asked_for_again(
    running, authority, monkeypatch, pieces
):
    monkeypatch.setattr("notifications.timestamps.SECONDS", 1)
    checkpoint(running)
    authority.raw, authority.pieces, before = pieces, 0, authority.asked
    try:
        assert not ask(running)
        assert authority.pieces < max(2, len(pieces)), "it was not waited for to its end"
    finally:
        authority.raw = None
    assert not running.run(running.parts.timestamps.ask(running.parts.database))
    assert authority.asked == before + 1, "in no tight circle"
    assert ask(running)


@pytest.mark.one_database
def test_the_tick_of_the_command_delivers_before_it_asks_the_authority(running, monkeypatch):
    done = []

    async def noted(name, answer):
        done.append(name)
        return answer

    parts = running.parts
    monkeypatch.setattr(type(parts.timestamps), "ask", lambda *_: noted("asked", answer=True))
    monkeypatch.setattr(type(parts.delivery), "deliver_due", lambda *_: noted("sent", answer=None))
    running.run(_tick(parts))
    assert done[-2:] == ["sent", "asked"]


@pytest.mark.one_database
def test_what_another_signed_or_what_is_about_another_note_is_not_kept(running, authority):
    checkpoint(running)
    kept = report(running, timestamps.all_timestamps)
    earlier, other = kept[-1].answer, Authority()
    for says in (
        lambda _answer: earlier,
        lambda answer: answer.replace(b"Test TSA", b"Best TSA"),
        lambda answer: answer[:-20] + b"x" * 20,
        lambda _answer: b"0" * 100_000,
    ):
        authority.says = says
        assert not ask(running)
    authority.says, authority.nonce = (lambda answer: answer), False
    assert not ask(running), "an answer to another question"
    authority.nonce = True
    right, authority.answer = authority.answer, other.answer
    try:
        assert not ask(running), "under another root"
    finally:
        authority.answer = right
    assert report(running, timestamps.all_timestamps) == kept
    assert ask(running)


@pytest.mark.one_database
def test_a_stamp_that_was_exchanged_in_the_database_is_named(running):
    first, *_, last = report(running, timestamps.all_timestamps)
    statement = "UPDATE timestamps SET answer = :answer WHERE size = :size"
    with running.parts.engines.write.begin() as connection, unguarded(connection, statement):
        connection.execute(text(statement), {"answer": first.answer, "size": last.size})
    with pytest.raises(TamperedError, match=f"checkpoint {last.size}"):
        verify_stamps(report(running, stamps_in_database), running.parts.timestamps.authority)
