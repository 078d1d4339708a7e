"""What nobody needs goes when its time is over; what is work, proof or history stays, however old."""

import secrets
import stat
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from api.auth.access_log import AccessKind, NoteAccess
from api.retention import prune_when_due
from api.settings import load_settings
from tests.conftest import CAMPAIGN
from workflow.errors import ThiduaError
from workflow.sealer import CheckpointReason
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.old_rows import KINDS, PIECE, would_go


def count(running, table):
    return running.parts.database.report_blocking(
        lambda connection: connection.execute(select(func.count()).select_from(table)).scalar()
    )


def put(running, table, *rows):
    with running.parts.engines.write.begin() as connection:
        connection.execute(insert(table), list(rows))


def days(running, age):
    return written(running.clock.now() - timedelta(days=age))


def letter(running, age, state, person):
    key = secrets.token_hex(8)
    return {
        "dedupe_key": key,
        "message_id": key,
        "kind": "weekly",
        "person": person,
        "params": "{}",
        "state": state,
        "attempts": 0,
        "possible_duplicates": 0,
        "next_at": "2099-01-01T00:00:00.000000Z",
        "created_at": days(running, age),
    }


def prune_now(running):
    parts = running.parts
    return running.run(
        prune_when_due(
            parts.database,
            parts.files,
            now=running.clock.now(),
            days_kept=parts.settings.retention,
        )
    )


def prune(running):
    running.clock.advance(timedelta(days=1))
    return prune_now(running)


def test_old_rows_go_in_pieces_and_what_is_needed_stays(running):
    prune_now(running)
    item = running.item_in("submitted")
    person = running.person("staff.htqt@so.example").id
    put(
        running,
        schema.sessions,
        {
            "id_hash": "a" * 64,
            "person": person,
            "created_at": days(running, 90),
            "seen_at": days(running, 90),
            "expires_at": days(running, 60),
        },
        {
            "id_hash": "b" * 64,
            "person": person,
            "created_at": days(running, 90),
            "seen_at": days(running, 3),
            "expires_at": days(running, 3),
        },
    )
    put(
        running,
        schema.accesses,
        *({"at": days(running, 2000), "what": "file_read", "note": ""} for _ in range(PIECE + 20)),
    )
    running.run(running.parts.database.write(NoteAccess(what=AccessKind.FILE_READ)))
    put(
        running,
        schema.typings,
        *(
            {"form": f, "person": person, "body": "[]", "at": days(running, age)}
            for f, age in (("old", 40), ("new", 20))
        ),
    )
    put(
        running,
        schema.outbox,
        letter(running, 2000, "sent", person),
        letter(running, 2000, "new", person),
        letter(running, 10, "sent", person),
    )
    old_link = {
        "kid": "k",
        "person": person,
        "item_id": 1,
        "step": 1,
        "content_hash": "c" * 64,
        "created_at": days(running, 900),
        "expires_at": days(running, 800),
    }
    put(
        running,
        schema.links,
        old_link | {"id": b"1" * 16, "used_at": None, "used_entry": None},
        old_link | {"id": b"2" * 16, "used_at": days(running, 850), "used_entry": 1},
    )
    running.run(
        running.parts.sealer.checkpoint(CheckpointReason.DEMAND)
    )  # its key is an entry, once
    kept = [
        count(running, each)
        for each in (schema.history, schema.contents, schema.items, schema.people)
    ]
    before = running.parts.database.report_blocking(
        lambda connection: would_go(
            connection, running.clock.now(), running.parts.settings.retention
        )
    )
    assert before == {
        "sessions": 1,
        "setup_codes": 0,
        "tokens": 0,
        "outbox": 1,
        "accesses": PIECE + 20,
        "drafts": 1,
        "changes": 0,
        "links": 1,
    }
    gone = prune(running)
    assert {name: gone[name] for name in before} == before
    assert [
        count(running, each)
        for each in (schema.history, schema.contents, schema.items, schema.people)
    ] == kept
    assert running.state_of(item["code"]) == "submitted"
    assert prune_now(running) == {}, "once a day"


def test_a_letter_that_proves_a_reminder_stays(running):
    person = running.person("staff.htqt@so.example").id
    due = (running.clock.now() + timedelta(days=90)).isoformat()
    body = {
        "campaign": CAMPAIGN,
        "kind": "interim",
        "departments": ["hop-tac-quoc-te"],
        "due_at": due,
    }
    deadline = running.client("officer@so.example").post("/deadlines", json=body).json()["id"]
    with running.parts.engines.write.begin() as connection:
        outbox = connection.execute(
            insert(schema.outbox).returning(schema.outbox.c.id),
            [letter(running, 3000, "sent", person)],
        ).scalar()
        reminder = {
            "deadline_id": deadline,
            "rung": 99,
            "person": person,
            "due_on": "x",
            "departments": "[]",
            "at": days(running, 3000),
        }
        connection.execute(
            insert(schema.reminders),
            [reminder | {"state": "sent", "reason": "", "outbox_id": outbox}],
        )
    prune(running)
    left = running.parts.database.report_blocking(
        lambda connection: connection.execute(
            select(schema.outbox.c.id).where(schema.outbox.c.id == outbox)
        ).scalar()
    )
    assert left == outbox


def test_every_kind_has_its_setting_in_days(monkeypatch):
    assert set(load_settings().retention) == set(KINDS)
    monkeypatch.setenv("THIDUA_RETENTION_SESSIONS", "7")
    assert load_settings().retention["sessions"] == 7
    for wrong in ("0", "-1", "x", "1e9", "36501"):
        monkeypatch.setenv("THIDUA_RETENTION_SESSIONS", wrong)
        with pytest.raises(ThiduaError, match="THIDUA_RETENTION_SESSIONS"):
            load_settings()


def test_an_attachment_lies_where_its_owner_alone_can_read_it(running):
    item = running.draft()
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    answer = running.client("staff.htqt@so.example").post(
        f"/items/{item['code']}/attachments",
        files={"file": ("a.pdf", pdf)},
        headers={"If-Match": f'"{item["version"]}"'},
    )
    assert answer.status_code == 201
    folder = running.parts.settings.data_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted((folder / "files").rglob("*"))
    assert [stat.S_IMODE(each.stat().st_mode) for each in files] == [
        0o700 if each.is_dir() else 0o600 for each in files
    ]


def test_an_upload_that_is_refused_leaves_no_file(running):
    item = running.item_in("submitted")
    kept = sorted((running.parts.settings.data_dir / "files").rglob("*"))
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n" + secrets.token_hex(8).encode()
    script = pdf.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(x)>>")
    tries = [
        ("auditor", pdf, 403),
        ("head.ls", pdf, 404),
        ("staff.htqt", script, 422),
        ("head.htqt", pdf, 403),
    ]
    for who, content, status in tries:
        answer = running.client(f"{who}@so.example").post(
            f"/items/{item['code']}/attachments",
            files={"file": ("a.pdf", content)},
            headers={"If-Match": f'"{item["version"]}"'},
        )
        assert answer.status_code == status, who
    late = running.client("staff.htqt@so.example").post(
        f"/items/{item['code']}/attachments",
        files={"file": ("a.pdf", pdf)},
        headers={"If-Match": '"1"'},
    )
    assert late.status_code == 412
    assert sorted((running.parts.settings.data_dir / "files").rglob("*")) == kept
