"""A backup holds one instant whole, a restore is all or nothing, and neither believes what an archive says of itself."""

import argparse
import gzip
import io
import json
import os
import tarfile

import pytest
from sqlalchemy import text

from api.cli import backups
from api.cli.backups import backup, copy_database, restore
from notifications.translation import translate
from tests.conftest import KEYS, new_postgres_url
from tests.refusals import refuses
from workflow.errors import InvalidInputError
from workflow.store import history, sealed_log
from workflow.store.engines import sqlite_driver

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def settings(monkeypatch):
    """Let commands find a deployment, as an operator's environment does."""

    def use(folder, url=""):
        for name, value in {
            "DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "SECRET_KEYS": KEYS,
            "MAIL_FROM": "thidua@so.example",
        }.items():
            monkeypatch.setenv(f"THIDUA_{name}", value)

    return use


@pytest.fixture
def source(running, settings):
    """A running deployment with an attached file, in whose place commands work."""
    item = running.draft()
    answer = running.client("staff.htqt@so.example").post(
        f"/items/{item['code']}/attachments",
        files={"file": ("tệp.pdf", PDF)},
        headers={"If-Match": f'"{item["version"]}"'},
    )
    assert answer.status_code == 201, answer.text
    settings(running.parts.settings.data_dir, running.parts.settings.database_url)
    return item["code"]


@pytest.fixture
def file(tmp_path, source):
    target = tmp_path / "backups" / "b.tar.gz"
    assert backup(argparse.Namespace(data=None, file=target)) == 0
    assert [each.name for each in target.parent.iterdir()] == ["b.tar.gz"]
    assert target.stat().st_mode & 0o777 == 0o600
    return target


def test_a_session_that_was_slipped_in_is_told_with_the_backup(running, source, tmp_path, capsys):
    at = "'2022-05-04T00:00:00.000000Z', '2022-05-04T00:00:00.000000Z', '2999-05-04T00:00:00.000000Z'"
    slipped = f"INSERT INTO sessions (id_hash, person, created_at, seen_at, expires_at) VALUES ('x', 1, {at})"
    with running.parts.engines.write.begin() as connection:
        connection.execute(text(slipped))
    options = argparse.Namespace(data=None, file=tmp_path / "b.tar.gz")
    try:
        assert backup(options) == 1
    finally:
        with running.parts.engines.write.begin() as connection:
            connection.execute(text("DELETE FROM sessions WHERE id_hash = 'x'"))
    assert options.file.exists()
    assert "person:1 session x was opened past the program" in capsys.readouterr().err
    assert backup(options) == 0


def back(file, **more):
    return restore(argparse.Namespace(data=None, file=file, verify_only=False, **more))


def verified(file):
    return restore(argparse.Namespace(data=None, file=file, verify_only=True))


def rewritten(file, target, change):
    """The archive with its members changed: ``change`` takes and gives a list of (TarInfo, bytes)."""
    with tarfile.open(file) as archive:
        members = [(each, archive.extractfile(each).read()) for each in archive]
    with tarfile.open(target, "w:gz") as archive:
        for entry, content in change(members):
            archive.addfile(entry, io.BytesIO(content))
    return target


def entry(name, content=b"", **more):
    made = tarfile.TarInfo(name)
    made.size = len(content)
    for key, value in more.items():
        setattr(made, key, value)
    return made, content


def tree(folder):
    return sorted(
        each.relative_to(folder).as_posix()
        for each in folder.rglob("*")
        if each.is_file() and each.name != "serve.lock"
    )


def count_items(folder):
    connection = sqlite_driver().connect(str(folder / "thidua.db"))
    try:
        return [row[0] for row in connection.execute("SELECT code FROM items ORDER BY code")]
    finally:
        connection.close()


def test_a_backup_of_either_database_comes_back_with_its_rows_files_and_drafts(
    running, source, file, tmp_path, settings, postgres
):
    assert verified(file) == 0
    settings(tmp_path / "a")
    assert back(file) == 0
    assert source in count_items(tmp_path / "a")
    attached = [each for each in tree(tmp_path / "a") if each.startswith("files/")]
    assert attached
    for each in [*attached, "thidua.db"]:
        assert (tmp_path / "a" / each).stat().st_mode & 0o077 == 0
    url = new_postgres_url(postgres)
    settings(tmp_path / "b", url)
    assert back(file) == 0
    assert [each for each in tree(tmp_path / "b") if each.startswith("files/")] == attached
    # And what came back can be backed up again, by the same command, with the same rows.
    again = tmp_path / "again.tar.gz"
    assert backup(argparse.Namespace(data=None, file=again)) == 0
    settings(tmp_path / "c")
    assert back(again) == 0
    assert count_items(tmp_path / "c") == count_items(tmp_path / "a")
    settings(tmp_path / "d", url)
    with pytest.raises(InvalidInputError):
        back(file)
    assert tree(tmp_path / "d") == []


def test_nobody_gets_mail_from_a_restore(running, source, file, tmp_path, settings):
    """The checkpoint of the backup itself may leave meanwhile."""

    def letters():
        return [each for each in running.mailbox.mails() if "Điểm kiểm chứng" not in each.subject]

    before = letters()
    settings(tmp_path / "a")
    verified(file)
    back(file)
    assert letters() == before


def test_a_copy_holds_what_was_committed_and_is_not_yet_in_the_file(tmp_path):
    """A copy of the file alone would lack what lies in the log beside it: this is what a backup by file copy loses."""
    driver = sqlite_driver()
    writer = driver.connect(str(tmp_path / "live.db"), isolation_level=None)
    try:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("CREATE TABLE t (n INTEGER)")
        writer.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(1000)])
        writer.execute("BEGIN")
        writer.execute("INSERT INTO t VALUES (-1)")
        copy_database(tmp_path / "live.db", tmp_path / "copy.db")
        copy = driver.connect(str(tmp_path / "copy.db"))
        assert copy.execute("SELECT count(*), min(n) FROM t").fetchone() == (1000, 0)
        copy.close()
    finally:
        writer.close()


def flipped(raw):
    return raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 0xFF]) + raw[len(raw) // 2 + 1 :]


def changed_member(members):
    return [
        (each, content if each.name == "manifest.json" else content[:-1] + bytes([content[-1] ^ 1]))
        for each, content in members
    ]


def changed_row(members):
    """A row changed by somebody who can write hashes too."""
    import hashlib

    out = []
    manifest = json.loads(members[0][1])
    for each, content in members[1:]:
        if each.name == "thidua.db":
            content = content.replace(b'"type":"created"', b'"type":"Created"')  # noqa: PLW2901 - the tampered one takes its place
            manifest["sha256"][each.name] = hashlib.sha256(content).hexdigest()
        out.append((each, content))
    text = json.dumps(manifest).encode()
    return [entry("manifest.json", text), *out]


HOSTILE = {
    "a file outside": lambda members: [*members, entry("../evil", b"x")],
    "an absolute name": lambda members: [*members, entry("/evil", b"x")],
    "a link": lambda members: [
        *members,
        entry("files/aa", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    ],
    "a hard link": lambda members: [
        *members,
        entry("files/aa", type=tarfile.LNKTYPE, linkname="thidua.db"),
    ],
    "a device": lambda members: [*members, entry("files/aa", type=tarfile.CHRTYPE)],
    "a member twice": lambda members: [*members, members[-1]],
    "a member that no list names": lambda members: [*members, entry("files/ab/" + "ab" * 32, b"x")],
    "a list that comes last": lambda members: [*members[1:], members[0]],
    "no database": lambda members: [each for each in members if each[0].name != "thidua.db"],
    "no list": lambda members: members[1:],
    "a list of another kind": lambda members: [entry("manifest.json", b"[1]"), *members[1:]],
    "changed bytes": changed_member,
    "a changed history with the right hash": changed_row,
}


@pytest.mark.one_database
def test_a_damaged_or_hostile_archive_gets_its_sentence_and_leaves_nothing(
    running, source, file, tmp_path, settings
):
    raw = file.read_bytes()
    archives = {
        name: rewritten(file, tmp_path / f"{n}.tar.gz", change)
        for n, (name, change) in enumerate(HOSTILE.items())
    }
    for name, content in {
        "cut": raw[: len(raw) // 2],
        "cut at the end": raw[:-20],
        "one bit": flipped(raw),
        "empty": b"",
        "text": b"hello",
        "another gzip": gzip.compress(b"x" * 4096),
    }.items():
        archives[name] = tmp_path / f"{name}.bin"
        archives[name].write_bytes(content)
    target = tmp_path / "target"
    settings(target)
    for name, archive in archives.items():
        for attempt in (back, verified):
            with pytest.raises(InvalidInputError) as caught:
                attempt(archive)
            assert translate(caught.value).strip().endswith("."), name
        assert tree(target) == [], name
    assert not (tmp_path / "evil").exists()
    assert back(file) == 0


@pytest.mark.one_database
def test_a_newer_schema_asks_for_the_newer_program(running, source, file, tmp_path, settings):
    import hashlib

    def newer(members):
        manifest = json.loads(members[0][1])
        path = tmp_path / "newer.db"
        path.write_bytes(next(content for each, content in members if each.name == "thidua.db"))
        connection = sqlite_driver().connect(str(path), isolation_level=None)
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        content = path.read_bytes()
        manifest["sha256"]["thidua.db"] = hashlib.sha256(content).hexdigest()
        rest = [each for each in members[1:] if each[0].name != "thidua.db"]
        return [
            entry("manifest.json", json.dumps(manifest).encode()),
            entry("thidua.db", content),
            *rest,
        ]

    settings(tmp_path / "target")
    with refuses(InvalidInputError, "mới hơn"):
        back(rewritten(file, tmp_path / "newer.tar.gz", newer))
    assert tree(tmp_path / "target") == []


def test_a_restore_that_fails_at_the_last_step_leaves_nothing_and_can_be_repeated(
    running, source, file, tmp_path, settings, monkeypatch
):
    target = tmp_path / "target"
    settings(target)
    place = backups._place

    def breaks(*arguments):
        place(*arguments)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "_place", breaks)
    with pytest.raises(InvalidInputError, match="No space"):
        back(file)
    assert tree(target) == []
    monkeypatch.setattr(backups, "_place", place)
    (target / ".restore-left").mkdir()
    (target / ".restore-left" / "thidua.db").write_bytes(b"left by a restore that was killed")
    assert back(file) == 0
    assert not (target / ".restore-left").exists()
    with refuses(InvalidInputError, "đã có dữ liệu"):
        back(file)


@pytest.mark.one_database
def test_a_backup_that_cannot_be_written_leaves_no_part_of_it(
    running, source, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        backups, "unpacked", lambda *_: (_ for _ in ()).throw(InvalidInputError("hỏng."))
    )
    with pytest.raises(InvalidInputError):
        backup(argparse.Namespace(data=None, file=tmp_path / "b.tar.gz"))
    assert [
        each.name
        for each in tmp_path.iterdir()
        if "b.tar" in each.name or each.name.startswith(".backup")
    ] == []


def test_an_attachment_that_is_damaged_is_named_and_the_rest_is_kept(
    running, source, tmp_path, capsys
):
    files = running.parts.settings.data_dir / "files"
    path = next(each for each in files.rglob("*") if each.is_file())
    content = path.read_bytes()
    path.write_bytes(b"other")
    try:
        target = tmp_path / "b.tar.gz"
        assert backup(argparse.Namespace(data=None, file=target)) == 1
        assert path.name in capsys.readouterr().err
        assert verified(target) == 0
        assert path.name in capsys.readouterr().err
    finally:
        path.write_bytes(content)
        os.utime(path)


def test_a_checkpoint_is_made_before_a_backup(running, source, tmp_path):
    running.draft()
    assert backup(argparse.Namespace(data=None, file=tmp_path / "b.tar.gz")) == 0
    newest = running.parts.database.report_blocking(sealed_log.newest_checkpoint)
    entries = running.parts.database.report_blocking(history.count_entries)
    assert newest.reason in {"backup", "first"}, newest.reason
    assert newest.size >= entries - 1, "all but the entry that names its key"


@pytest.mark.one_database
def test_where_nothing_can_be_sealed_the_backup_is_made_and_says_so(
    running, source, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("THIDUA_SECRET_KEYS", "")
    running.draft()
    file = tmp_path / "b.tar.gz"
    assert backup(argparse.Namespace(data=None, file=file)) == 0
    assert "điểm kiểm chứng" in capsys.readouterr().err
    assert verified(file) == 0
