"""Checkpoints leave the house: who is mailed which, how a saved mail is read, and the file."""

import base64
import fcntl
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import text

from api.v1.health import health_checks
from tests.conftest import running_at
from workflow.history import checkpoints
from workflow.history.verify_history import INCOMPLETE, OK, TAMPERED, read_checkpoints
from workflow.queries.audit import export_history, verify_database, verify_export
from workflow.sealer import CheckpointReason
from workflow.store import sealed_log

AUDITOR, OUTSIDE = "auditor@so.example", "luu-tru@tinh.example"


@pytest.fixture(scope="module")
def running(database_url, tmp_path_factory):
    """Nothing is sealed or sent beside the tests; a mailbox outside and a file keep checkpoints."""
    folder = tmp_path_factory.mktemp("data")
    more = {"anchor_addresses": OUTSIDE, "anchor_file": folder / "anchors.txt"}
    with running_at("127.0.0.1", folder, database_url, has_clock=False, **more) as product:
        yield product


def report(running, fn):
    return running.parts.database.report_blocking(fn)


def made(running, reason):
    """A checkpoint over something new."""
    running.draft()
    assert running.run(running.parts.sealer.checkpoint(reason))
    return report(running, sealed_log.newest_checkpoint)


def mailed(running):
    """Let out what is due; who was mailed which checkpoint."""
    before = rows(running)
    running.run(running.parts.anchors.let_out(running.parts.database))
    return rows(running)[len(before) :]


def rows(running):
    statement = "SELECT dedupe_key FROM outbox WHERE kind = 'anchor' ORDER BY id"
    return [each.dedupe_key for each in report(running, lambda c: c.execute(text(statement)).all())]


def both(running, size):
    return [f"anchor:{size}:{running.person(AUDITOR).id}", f"anchor:{size}:{OUTSIDE}"]


def check(running, name):
    return report(running, lambda connection: health_checks(running.parts, connection))[name]


def test_one_mail_a_day_and_besides_what_is_asked_for(running):
    made(running, CheckpointReason.FIRST)
    assert mailed(running) == [], "the first of all waits for its day"
    size = made(running, CheckpointReason.ENTRIES).size
    assert mailed(running) == both(running, size)
    assert mailed(running) == [], "once"
    made(running, CheckpointReason.ENTRIES)
    made(running, CheckpointReason.SHUTDOWN)
    assert mailed(running) == [], "one was mailed today"
    made(running, CheckpointReason.DEMAND)
    size = made(running, CheckpointReason.BACKUP).size
    assert mailed(running) == both(running, size), "the newest covers what was asked for"
    running.clock.advance(timedelta(days=1))
    assert mailed(running) == [], "nothing new"
    size = made(running, CheckpointReason.SHUTDOWN).size
    assert mailed(running) == both(running, size), "a new day, whatever made the checkpoint"
    running.clock.advance(timedelta(days=1, hours=14))
    size = made(running, CheckpointReason.DAILY).size
    assert mailed(running) == [], "nobody is written to at night, and nothing waits meanwhile"
    running.clock.advance(timedelta(days=2, hours=10))
    assert mailed(running) == both(running, size)


@pytest.mark.one_database
def test_a_saved_mail_proves_the_history_and_shows_an_older_one(running, tmp_path):
    checkpoint = made(running, CheckpointReason.DEMAND)
    export = tmp_path / "export"
    report(running, lambda connection: export_history(connection, export))
    mailed(running)
    running.run(running.parts.delivery.deliver_due())
    received = [each for each in running.mailbox.mails() if str(checkpoint.size) in each.subject]
    assert {each.recipient for each in received} >= {AUDITOR, OUTSIDE}
    for each in received:
        assert checkpoint.note.strip() in each.text.replace("\r\n", "\n"), "as lines of its own"
    raw = max((running.parts.settings.data_dir / "mail").glob("[0-9]*.eml"))
    outside = read_checkpoints(raw)
    assert [(each.size, each.root) for each in outside] == [
        (checkpoint.size, checkpoints.parse_note(checkpoint.note).checkpoint.root)
    ]
    verdict = report(running, lambda connection: verify_database(connection, (), outside))
    assert verdict.status == OK
    assert verify_export(export, outside).status == OK
    made(running, CheckpointReason.DEMAND)
    later = tmp_path / "later.txt"
    later.write_text(report(running, sealed_log.newest_checkpoint).note, "utf-8")
    assert verify_export(export, read_checkpoints(later)).status == INCOMPLETE


@pytest.mark.one_database
@pytest.mark.parametrize("coding", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("form", ["own", "forwarded", "quoted", "html"])
def test_a_mail_is_read_however_it_was_coded(tmp_path, coding, form):
    root = bytes(range(32))
    note = f"thidua/d1/history\n12\n{base64.b64encode(root).decode()}\n\n— thidua/d1/history x\n"
    mail = EmailMessage()
    mail["Subject"] = "Mốc niêm phong"
    quoted = "\n".join(f"> {line}" for line in note.split("\n"))
    content = {"quoted": quoted, "html": f"<pre>\n{note}</pre>"}.get(form, note)
    mail.set_content(
        "Giữ thư này.\n\n" + content, subtype="html" if form == "html" else "plain", cte=coding
    )
    if form == "forwarded":
        outer = EmailMessage()
        outer.set_content("Xem thư kèm.")
        outer.add_attachment(mail)
        mail = outer
    path = tmp_path / "saved.eml"
    path.write_bytes(mail.as_bytes())
    assert [(each.size, each.root) for each in read_checkpoints(path)] == [(12, root)]


def test_the_file_is_only_added_to_and_holds_each_checkpoint_once(running):
    file = running.parts.settings.anchor_file
    first = made(running, CheckpointReason.BACKUP)
    mailed(running)
    before = file.read_bytes()
    assert before.decode().endswith(first.note)
    file.write_bytes(before + b"thidua/torn")
    more = [made(running, CheckpointReason.BACKUP), made(running, CheckpointReason.BACKUP)]
    mailed(running)
    mailed(running)
    added = file.read_bytes().removeprefix(before + b"thidua/torn").decode()
    assert added == "\n\n" + "\n".join(each.note for each in more)
    sizes = [each.size for each in read_checkpoints(file)]
    assert sizes == [each.size for each in report(running, sealed_log.checkpoints)]
    verdict = report(
        running, lambda connection: verify_database(connection, (), read_checkpoints(file))
    )
    assert verdict.status == OK


@pytest.mark.one_database
def test_a_file_that_others_write_to_as_well_holds_each_checkpoint_once(running):
    """Another deployment's notes stand at its end, and another process adds to it just now."""
    file = running.parts.settings.anchor_file
    kept = file.read_bytes()
    note = made(running, CheckpointReason.BACKUP).note
    mailed(running)
    others = note.replace(running.parts.sealer.origin, "thidua/another/history")
    with file.open("ab") as other:
        other.write(b"\n" + others.encode() * 40)
        other.flush()
        fcntl.flock(other, fcntl.LOCK_EX)
        before = file.read_bytes()
        newest = made(running, CheckpointReason.BACKUP)
        mailed(running)
        assert file.read_bytes() == before, "nobody writes into what another one adds"
    mailed(running)
    assert file.read_bytes().removeprefix(before).decode() == "\n" + newest.note
    running.clock.advance(timedelta(minutes=6))
    assert check(running, "checkpoint")["ok"]
    file.write_bytes(kept)
    mailed(running)


def test_a_file_ahead_of_the_database_says_so(running):
    """An older database was put back: the file knows more than it."""
    file = running.parts.settings.anchor_file
    kept = file.read_bytes()
    newest = made(running, CheckpointReason.BACKUP)
    mailed(running)
    running.clock.advance(timedelta(minutes=6))
    assert check(running, "checkpoint")["ok"]
    origin, size, _ = newest.note.split("\n")[:3]
    later = newest.note.replace(f"\n{size}\n", f"\n{int(size) + 5}\n", 1)
    assert later.startswith(origin)
    file.write_text(file.read_text("utf-8") + "\n" + later, "utf-8")
    assert not check(running, "checkpoint")["ok"]
    outside = read_checkpoints(file)
    verdict = report(running, lambda connection: verify_database(connection, (), outside))
    assert verdict.status in {TAMPERED, INCOMPLETE}
    file.write_bytes(kept)
    mailed(running)


@pytest.mark.one_database
def test_health_says_what_is_not_sealed_and_what_no_checkpoint_covers(running):
    made(running, CheckpointReason.DEMAND)
    mailed(running)
    running.run(running.parts.delivery.deliver_due())
    newest = report(running, sealed_log.newest_checkpoint)
    assert check(running, "sealing") == {"ok": True, "detail": None}
    anchored = check(running, "checkpoint")
    assert anchored["ok"]
    assert anchored["detail"][:19] == newest.made_at.isoformat()[:19]
    running.clock.advance(timedelta(days=3))
    assert check(running, "checkpoint")["ok"], "nothing waits for a checkpoint"
    running.draft()
    assert check(running, "sealing")["ok"], "it has had no minute yet"
    assert not check(running, "checkpoint")["ok"]
    running.clock.advance(timedelta(seconds=61))
    waiting = check(running, "sealing")
    assert not waiting["ok"]
    assert waiting["detail"]
    with running.signed_in("officer@so.example") as office:
        page = office.get("/office").text
    assert "niêm phong" in page
    running.run(running.parts.sealer.seal_and_check())
    assert check(running, "sealing")["ok"]
    assert check(running, "checkpoint")["ok"]
