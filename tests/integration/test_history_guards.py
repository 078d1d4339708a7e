from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from notifications.translation import translate
from tests.guards import as_owner, unguarded
from workflow.queries.audit import export_history, verify_database, verify_export


def attack(running, *statements):
    """Run statements as somebody with the database in hand; with the triggers off, as an owner could."""
    with running.parts.engines.write.connect() as connection, connection.begin():
        for statement in statements:
            connection.execute(text(statement))


def past_the_guards(running, *statements):
    """Run statements as an owner of the database can, who takes its guards away first."""
    for statement in statements:
        with as_owner(running.parts.engines.write) as connection, unguarded(connection, statement):
            connection.execute(text(statement))


@pytest.fixture
def code(running):
    return running.item_in("department_approved")["code"]


GUARDED = [
    "UPDATE history SET body = 'x' WHERE subject = 'item:{code}' AND seq = 2",
    "DELETE FROM history WHERE subject = 'item:{code}' AND seq = 3",
    "INSERT INTO history (subject, seq, prev, hash, body, type, at, command_id) SELECT subject, 9, prev, hash, body, type, at, 'x' FROM history WHERE subject = 'item:{code}' AND seq = 3",
    "UPDATE history_texts SET text = 'x'",
    "DELETE FROM definitions",
]


@pytest.mark.parametrize("statement", GUARDED)
def test_the_database_itself_refuses_to_change_the_history(running, code, statement):
    if "history_texts" in statement:
        running.decide(code, "return", "officer@so.example", comment="Lý do")
    with pytest.raises(DBAPIError):
        attack(running, statement.format(code=code))


def test_insert_or_replace_and_truncate_are_refused_too(running, code):
    if running.parts.engines.is_sqlite:
        statement = "INSERT OR REPLACE INTO history SELECT * FROM history WHERE subject = 'item:{code}' AND seq = 2"
        by_id = (
            "INSERT OR REPLACE INTO history (id, subject, seq, prev, hash, body, type, at, command_id) "
            "SELECT id, 'item:new', 1, prev, hash, body, type, at, 'fresh' FROM history WHERE subject = 'item:{code}' AND seq = 2"
        )
    else:
        statement = by_id = "TRUNCATE history"
    for each in (statement, by_id):
        with pytest.raises(DBAPIError):
            attack(running, each.format(code=code))


_HISTORY = "INSERT OR REPLACE INTO history (subject, seq, prev, hash, body, type, at, actor, command_id, item_id, decided_version) SELECT "
REPLACED = [
    _HISTORY
    + "'item:new', 1, prev, hash, 'x', type, at, actor, command_id, NULL, NULL FROM history WHERE subject = 'item:{code}' AND seq = 2",
    _HISTORY
    + "'item:new', 1, prev, hash, 'x', type, at, actor, 'fresh', item_id, decided_version FROM history WHERE subject = 'item:{code}' AND seq = 2",
    "INSERT OR REPLACE INTO history_texts SELECT subject, seq, name, salt, 'x' FROM history_texts",
    "INSERT OR REPLACE INTO definitions SELECT hash, id, version, 'x', published_at FROM definitions",
    "INSERT OR REPLACE INTO definitions SELECT 'other', id, version, 'x', published_at FROM definitions",
]
"""Each collides with a row by another of its keys; the row would be gone without a delete's trigger."""


@pytest.mark.parametrize("statement", REPLACED)
def test_no_key_lets_an_insert_put_another_row_in_the_place_of_one(running, code, statement):
    if running.parts.engines.is_sqlite:
        running.decide(code, "return", "officer@so.example", comment="Lý do")
        with pytest.raises(DBAPIError, match=r"never changed|append-only"):
            attack(running, statement.format(code=code))


TAMPERING = {
    "a body is edited": 'UPDATE history SET body = replace(body, \'"via":"api"\', \'"via":"cli"\') WHERE subject = \'item:{code}\' AND seq = 2',
    "an actor is swapped": "UPDATE history SET actor = actor + 1 WHERE subject = 'item:{code}' AND seq = 2",
    "a channel is moved in the column": "UPDATE history SET via = 'cli' WHERE subject = 'item:{code}' AND seq = 2",
    "an instant is moved in the column": "UPDATE history SET at = '2022-01-01T00:00:00.000000Z' WHERE subject = 'item:{code}' AND seq = 2",
    "an entry is counted among another item's": "UPDATE history SET item_id = 1 WHERE subject = 'item:{code}' AND seq = 1",
    "an entry is removed": "DELETE FROM history WHERE subject = 'item:{code}' AND seq = 2",
    "the last entry is cut off": "DELETE FROM history WHERE subject = 'item:{code}' AND seq = 3",
    "a date is moved in the column": "UPDATE history SET type = 'edited' WHERE subject = 'item:{code}' AND seq = 2",
    "a state is edited without history": "UPDATE items SET state = 'director_signed' WHERE code = '{code}'",
    "a version is edited without history": "UPDATE items SET version = 9 WHERE code = '{code}'",
    "the content decided on is exchanged": "UPDATE items SET content_hash = '{zeros}' WHERE code = '{code}'",
    "a hash is edited": "UPDATE history SET hash = prev WHERE subject = 'item:{code}' AND seq = 3",
    "an entry moves to another subject": "UPDATE history SET subject = 'item:{code}x' WHERE subject = 'item:{code}' AND seq = 3",
}

BESIDE_A_BODY = {
    "an actor is swapped",
    "a date is moved in the column",
    "a channel is moved in the column",
    "an instant is moved in the column",
    "an entry is counted among another item's",
}


@contextmanager
def tampered(running, code, how):
    """What was found in the database while it was tampered with, which is mended after."""
    with running.parts.engines.write.connect() as connection:
        before = verify_database(connection)
    assert before.status == 0, before.sentence
    backup = [
        "CREATE TABLE kept_history AS SELECT * FROM history WHERE subject = 'item:{code}'",
        "CREATE TABLE kept_items AS SELECT * FROM items WHERE code = '{code}'",
    ]
    attack(running, *(each.format(code=code) for each in backup))
    try:
        past_the_guards(running, TAMPERING[how].format(code=code, zeros="0" * 64))
        with running.parts.engines.read.connect() as connection, connection.begin():
            yield connection, verify_database(connection)
    finally:
        restore = [
            f"DELETE FROM history WHERE subject LIKE 'item:{code}%'",
            "INSERT INTO history SELECT * FROM kept_history",
            f"UPDATE items SET (state, version, content_hash) = (SELECT state, version, content_hash FROM kept_items) WHERE code = '{code}'",
        ]
        past_the_guards(running, *restore)
        attack(running, "DROP TABLE kept_history", "DROP TABLE kept_items")


async def nothing():
    """Seal nothing."""


@pytest.mark.one_database
@pytest.mark.parametrize("how", TAMPERING)
def test_the_verifier_names_the_entry_when(running, how, tmp_path, monkeypatch):
    monkeypatch.setattr(running.parts.sealer, "seal_and_check", nothing)
    code = running.item_in("department_approved")["code"]
    with tampered(running, code, how) as (connection, verdict):
        export_history(connection, tmp_path)
        assert verdict.status == 1
        assert code in translate(verdict.sentence)
        exported = verify_export(tmp_path)
        # A column beside the body is not part of an export; everything else shows there as well.
        assert exported.status in ({0} if how in BESIDE_A_BODY else {1, 2}), exported.sentence


@pytest.mark.parametrize("how", ["an entry is removed", "the last entry is cut off"])
def test_the_verifier_names_a_sealed_entry_or_its_place_when(running, how, tmp_path):
    code = running.item_in("department_approved")["code"]
    running.run(running.parts.sealer.seal())
    with running.parts.engines.read.connect() as connection:
        last = connection.execute(text("SELECT max(position) FROM history_log")).scalar()
    # Of the last, only its place in the log is left.
    named = f"position {last}" if how == "the last entry is cut off" else code
    with tampered(running, code, how) as (connection, verdict):
        export_history(connection, tmp_path)
        assert (verdict.status, named in translate(verdict.sentence)) == (1, True), verdict.sentence
        assert verify_export(tmp_path).status in {1, 2}


def test_a_text_that_is_gone_without_an_entry_is_missed(running, code):
    running.decide(code, "return", "officer@so.example", comment="Có tên một người")
    saved = "CREATE TABLE kept_texts AS SELECT * FROM history_texts"
    attack(running, saved, f"DELETE FROM history_texts WHERE subject = 'item:{code}'")
    try:
        with running.parts.engines.read.connect() as connection:
            verdict = verify_database(connection)
        assert (verdict.status, code in translate(verdict.sentence)) == (1, True)
    finally:
        back = f"INSERT INTO history_texts SELECT * FROM kept_texts WHERE subject = 'item:{code}'"
        attack(running, back, "DROP TABLE kept_texts")


def test_no_name_address_or_comment_stands_in_a_body(running, code):
    running.decide(code, "return", "officer@so.example", comment="Bí danh Sao Mai")
    with running.parts.engines.read.connect() as connection:
        bodies = " ".join(connection.execute(text("SELECT body FROM history")).scalars())
    for secret in ("Sao Mai", "so.example", "Chuyên viên"):
        assert secret not in bodies


def test_whoever_asks_for_it_is_told_so_in_one_sentence(running, monkeypatch):
    code = running.item_in("submitted")["code"]
    change = "UPDATE contents SET body = replace(body, '{}', '{}')"
    swap_back = change.format("BETA", "Phòng")
    past_the_guards(running, change.format("Phòng", "BETA"))
    monkeypatch.setattr(running.parts.context.contents, "_known", {})
    try:
        with capture_logs() as logs:
            shown = running.client("head.htqt@so.example").get(f"/items/{code}")
        with running.signed_in("head.htqt@so.example") as browser:
            page = browser.get(f"/items/{code}")
    finally:
        past_the_guards(running, swap_back)
    assert (shown.status_code, shown.json()["type"]) == (503, "urn:thidua:problem:altered")
    assert page.status_code == 503
    assert "history verify" in page.text
    assert [each["log_level"] for each in logs if each["event"] == "altered"] == ["critical"]
    assert running.client("head.htqt@so.example").get(f"/items/{code}").status_code == 200
