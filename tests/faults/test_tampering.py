"""Whoever writes into the database past the program is found, and what was changed is named.

Each tampering runs in a transaction that is rolled back: with full write access, guards and foreign keys off.
"""

import hashlib
import re
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial

import orjson
import pytest
from sqlalchemy import text

from api.auth import credentials
from api.auth.credentials import PutSecret
from api.auth.factor_entries import BY_COMMAND_LINE
from api.auth.passwords import hash_secret_blocking
from api.auth.scopes import TokenScope
from api.auth.secret_encryption import Vault
from api.auth.tokens import RevokeToken, new_token
from api.clock import RunningClock
from api.composition import open_application
from api.official_documents import writing_for
from notifications.translation import translate
from tests.conftest import PATH, STARTS_AT, test_settings
from tests.faults.test_every_command import DEPARTMENT, LINES, SCANNED, STAFF, World
from tests.founded import found_sample
from tests.tamperings import ITEM, SENT, TAMPERINGS, WHO
from workflow import commands as core
from workflow.command import MACHINE, Upkeep
from workflow.commands.execute import execute, one_by_one
from workflow.commands.keep_calendar import KeepCalendar, is_calendar_recorded
from workflow.commands.recorded_rows import MAY_CHANGE
from workflow.commands.recording import record_by
from workflow.commands.seal_log import SealEntries
from workflow.context import People, Rulebooks
from workflow.deadlines import WorkingCalendar
from workflow.definition import CalendarCorrections
from workflow.errors import AlteredError
from workflow.history import EntryType, agency_payloads, verify_history
from workflow.lookups.proposals import PROPOSAL_RULES
from workflow.model import Method, StoredFile
from workflow.people.staff_rows import PersonRow
from workflow.queries.audit import export_history, verify_database, verify_export
from workflow.queries.register import RegisterFilter, register_page
from workflow.store import definitions, history, item_contents, items, people, schema
from workflow.store.deadlines import find_deadline
from workflow.store.files import FileStore
from workflow.store.subject_rows import TIES

BYTES = b"%PDF"
FILE = StoredFile(
    sha256=hashlib.sha256(BYTES).hexdigest(),
    name="Biên bản.pdf",
    size=len(BYTES),
    media_type="application/pdf",
)


@pytest.fixture(scope="module")
def world(database_url, tmp_path_factory):
    given = test_settings(tmp_path_factory.mktemp("tampering"), database_url)
    clock = RunningClock(STARTS_AT)
    found_sample(given, clock)
    parts = open_application(given, clock=clock)
    world = World(parts)
    parts.files.put(BYTES)
    parts.files.put(SCANNED)
    assert world.write(KeepCalendar())
    world.sent = sent_to_the_board(world)
    for kind in LINES:
        world.write(LINES[kind](world))
    for _ in range(2):
        proposal = world.proposal()
    taken_back = {"proposal": proposal, "comment": "Chưa có quyết định"}
    world.write(core.RejectProposal(cause=world.cause("officer"), **taken_back))
    for name in ("password_hash", "pin_hash"):
        secret = hash_secret_blocking("mật khẩu")
        world.write(PutSecret(person=world.ids["director"], name=name, value=secret))
    for name in ("open", "ended"):
        world.write(token(world, name))
    world.write(RevokeToken(id="ended", by=BY_COMMAND_LINE))
    while world.write(SealEntries()):
        pass
    yield world
    parts.close()


def token(world, name):
    ends, scopes = STARTS_AT.replace(year=2024), frozenset({TokenScope.READ})
    _, command = new_token(world.ids["officer"], ends, scopes=scopes, by=BY_COMMAND_LINE)
    return replace(command, id=name)


def sent_to_the_board(world):
    code = world.write(world.draft()).code
    world.write(core.EditItem(cause=world.cause(STAFF), code=code, version=1, add_file=FILE))
    for version, (_, transition, email, _) in enumerate(PATH, 2):
        cause = world.cause(email.partition("@")[0])
        if transition == "sign_director":
            object.__setattr__(cause, "method", Method.PIN)
        world.write(core.Decide(cause=cause, code=code, transition=transition, version=version))
    return code


def disarm(connection):
    """Put every guard out of action, as whoever owns the database can."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for name in (
            connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            .scalars()
            .all()
        ):
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        for table in schema.metadata.tables:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))


def found_after(world, *statements):
    """Return what verification says after statements that are taken back again."""
    engine = world.parts.engines.write
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            disarm(connection)
            for each in statements:
                done = connection.execute(text(each), {"code": world.sent})
                assert done.rowcount, f"nothing changed: {each}"
            return verify_database(connection)
        finally:
            transaction.rollback()


def test_nothing_was_changed(world):
    verdict = found_after(world, "UPDATE items SET title = title")
    assert verdict.status == 0, verdict.sentence


@pytest.mark.one_database
@pytest.mark.parametrize("how", TAMPERINGS)
def test_what_was_changed_is_named_when(world, how):
    statements, name = TAMPERINGS[how]
    verdict = found_after(world, *statements)
    assert verdict.status == 1
    assert name in translate(verdict.sentence), translate(verdict.sentence)


def test_every_table_that_is_tied_to_its_entries_is_tampered_with():
    tied = {tie.table.name for ties in TIES.values() for tie in ties}
    statements = " ".join(each for found, _ in TAMPERINGS.values() for each in found)
    assert tied <= set(re.findall(r"(?:UPDATE|FROM|INTO) (\w+)", statements))


@dataclass(frozen=True)
class SetRules(Upkeep[None]):
    """What ``init`` does where the agency's file has other rules of who confirms."""


def set_rules(transaction, _command):
    definitions.put_setting(transaction.connection, PROPOSAL_RULES, "{}")
    payload = agency_payloads.ProposalRulesSet(hash="0" * 64, relaxed=())
    record_by(transaction, replace(MACHINE, command_id="rules"), "agency", payload)


def another_term(w):
    """A change of the first deadline; what it says of its kind stays."""
    command = w.deadline()
    first = w.parts.database.report_blocking(lambda connection: find_deadline(connection, 1))
    terms = replace(command.terms, kind=first.kind, campaign=first.campaign)
    return replace(command, terms=terms, deadline=1, version=first.version)


MADE_GOOD = {
    "a deadline that was dated back": (
        ["UPDATE deadlines SET created_at = '2020-01-01T00:00:00.000000Z' WHERE id = 1"],
        another_term,
    ),
    "a deadline that moved to another campaign": (
        ["UPDATE deadlines SET campaign = 'x' WHERE id = 1"],
        another_term,
    ),
    "a deadline whose plan began later": (
        ["UPDATE deadlines SET planned_from = '2030-01-01T00:00:00.000000Z' WHERE id = 1"],
        lambda w: core.RemindNow(
            cause=w.cause("officer"), deadline=1, department=DEPARTMENT, message="Nhắc"
        ),
    ),
    "a merit that was rewritten": (
        ["UPDATE merits SET whose = 'KHÁC' WHERE id = 1"],
        lambda w: core.NoteMerit(
            cause=w.cause("officer"), merit=1, standing="followed", words="Tốt"
        ),
    ),
    "a note on a merit that was rewritten": (
        ["UPDATE merit_notes SET words = 'KHÁC', merit_id = 1"],
        lambda w: core.NoteMerit(
            cause=w.cause("officer"), merit=1, standing="followed", words="Tốt"
        ),
    ),
    "a plan that somebody else is said to have read": (
        [
            f"INSERT INTO campaign_reads SELECT campaign, {WHO.format('auditor')}, at FROM campaign_reads LIMIT 1"
        ],
        lambda w: core.ReadPlan(cause=w.cause("clerk"), campaign=w.campaign),
    ),
    "an agency that was renamed": (
        TAMPERINGS["the agency is called otherwise"][0],
        lambda _: SetRules(),
    ),
    "a delegation that was inserted": (
        TAMPERINGS["a delegation is inserted"][0],
        lambda w: core.Delegate(
            cause=replace(w.cause("director"), method=Method.PIN),
            from_email="director@so.example",
            to_email="deputy.director@so.example",
            starts_on="2022-06-01",
            ends_on="2022-06-02",
            document="14/QĐ",
        ),
    ),
    "a position that was changed": (
        TAMPERINGS["an officer is made director"][0],
        lambda w: PutSecret(
            person=w.ids["officer"], name="password_hash", value=hash_secret_blocking("khác")
        ),
    ),
    "a position that was changed, by a new name": (
        TAMPERINGS["an officer is made director"][0],
        lambda w: core.people.ChangePerson(
            cause=w.cause("chief"),
            person=w.ids["officer"],
            row=PersonRow(
                row=0,
                email="officer@so.example",
                name="Tên khác",
                position="director",
                department="van-phong",
            ),
        ),
    ),
    "a PIN that was exchanged": (
        TAMPERINGS["a PIN is another's"][0],
        lambda w: PutSecret(
            person=w.ids["director"], name="password_hash", value=hash_secret_blocking("khác")
        ),
    ),
}


@pytest.mark.one_database
@pytest.mark.parametrize("what", MADE_GOOD)
def test_a_later_entry_does_not_make_good(world, what):
    statements, make = MADE_GOOD[what]
    command = make(world)
    use_cases = {
        **core.USE_CASES,
        **credentials.use_cases(world.parts.outbox, Vault(by_kid={})),
        SetRules: one_by_one(SetRules, set_rules),
    }
    for are_there in (False, True):
        with world.parts.engines.write.connect() as connection:
            transaction = connection.begin()
            disarm(connection)
            for each in statements if are_there else ():
                assert connection.execute(text(each)).rowcount
            context = replace(world.parts.context, people=People(), rulebooks=Rulebooks())
            named = pytest.raises(
                AlteredError, match=r"\((person|deadline|merit|campaign|agency)[: ]"
            )
            with named if are_there else nullcontext():
                execute(context, lambda *_: None, use_cases, connection, [command])
            transaction.rollback()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE items SET recused = 'x'", "UPDATE dispatches SET issued_on = 'x'"],
)
def test_what_cannot_be_read_is_a_verdict_and_no_failure(world, statement):
    with world.parts.engines.write.connect() as connection:
        transaction = connection.begin()
        disarm(connection)
        assert connection.execute(text(statement)).rowcount
        assert verify_database(connection).status == 1
        transaction.rollback()


def test_each_type_of_entry_says_what_it_may_change():
    tied = {each for each in EntryType if verify_history.SUBJECT_OF[each] in TIES}
    assert tied == {*MAY_CHANGE}


def test_an_altered_content_or_definition_is_neither_shown_nor_followed(world):
    with world.parts.engines.write.connect() as connection:
        transaction = connection.begin()
        disarm(connection)
        item = items.find_item(connection, world.sent)
        for table in ("contents", "definitions"):
            connection.execute(text(f"UPDATE {table} SET body = replace(body, 'a', 'b')"))
        with pytest.raises(AlteredError, match="content"):
            item_contents.contents_of(connection, [item])
        with pytest.raises(AlteredError, match="content"):
            item_contents.content_at(connection, item.id, item.content_hash)
        with pytest.raises(AlteredError, match="definition"):
            Rulebooks().of(connection, item.definition_hash)
        transaction.rollback()


@pytest.mark.parametrize("item", ["NULL", f"(SELECT max(id) FROM items WHERE id <> {SENT})"])
def test_a_line_of_the_register_that_shows_another_item_is_not_shown(world, item):
    wanted = RegisterFilter(year=2022)
    with world.parts.engines.write.connect() as connection:
        transaction = connection.begin()
        disarm(connection)
        clerk = people.person_by_email(connection, "clerk@so.example")
        writing = writing_for(world.parts, clerk)
        assert register_page(writing, connection, wanted, count=99).lines
        change = text(f"UPDATE register SET item_id = {item} WHERE item_id = {SENT}")
        connection.execute(change, {"code": world.sent})
        with pytest.raises(AlteredError, match="register 01/TTr-SNgV of 2022"):
            register_page(writing, connection, wanted, count=99)
        transaction.rollback()


@pytest.mark.parametrize("content", [b"%PDX", None], ids=["exchanged", "removed"])
def test_an_attached_file_is_verified_against_the_entry_that_named_it(world, content, tmp_path):
    parts, sha256 = world.parts, FILE.sha256
    path = parts.settings.data_dir / "files" / sha256[:2] / sha256

    def said():
        return parts.database.report_blocking(partial(verify_database, files=parts.files))

    assert said().status == 0
    path.write_bytes(content) if content else path.unlink()
    try:
        verdict, words = said(), translate(said().sentence)
        assert (verdict.status, f"{ITEM} entry 2" in words) == (1, True), words
        parts.database.report_blocking(lambda each: export_history(each, tmp_path, parts.files))
        exported = verify_export(tmp_path)
        assert exported.status == (1 if content else 2)
        assert f"{ITEM} entry 2" in translate(exported.sentence)
    finally:
        parts.files.put(BYTES)
        path.write_bytes(BYTES)


def test_the_calendar_is_recorded_once_and_again_when_its_file_has_changed(world):
    parts = world.parts
    assert parts.database.report_blocking(partial(is_calendar_recorded, parts.context))
    assert world.write(KeepCalendar()) is False
    read = parts.database.report_blocking
    said = orjson.loads(read(partial(history.last_entry, subject="agency")).body)
    # By the command that founds, or since then by the Office: who and how is asserted below.
    assert (said["type"], said["data"]["years"]) == ("calendar_set", [2022, 2023])
    assert said["via"] in {"cli", "api"}
    # 3 January 2022 was a Monday, and worked off for New Year's Day, a Saturday.
    assert "2022-01-03" in said["data"]["rest_days"]
    calendar = parts.context.calendar
    next_year = replace(parts.context, clock=lambda: STARTS_AT.replace(year=2023))
    by_law = CalendarCorrections(opens_at="09:30", closes_at="17:00")
    by_hand = replace(parts.context, calendar=WorkingCalendar(by_law, calendar.zone))
    with parts.engines.write.connect() as connection:
        transaction = connection.begin()
        for context, via in ((next_year, "clock"), (by_hand, "cli")):
            assert not is_calendar_recorded(context, connection)
            assert execute(context, lambda *_: None, core.USE_CASES, connection, [KeepCalendar()])
            assert is_calendar_recorded(context, connection)
            entry = orjson.loads(history.last_entry(connection, "agency").body)
            assert (entry["type"], entry["via"]) == ("calendar_set", via)
        transaction.rollback()


def test_a_file_that_was_exchanged_is_not_handed_out(tmp_path):
    store = FileStore(tmp_path)
    sha256 = store.put(b"whole")
    (tmp_path / sha256[:2] / sha256).write_bytes(b"other")
    with pytest.raises(AlteredError):
        store.get(sha256)
    (tmp_path / sha256[:2] / sha256).unlink()
    with pytest.raises(AlteredError):
        store.get(sha256)
