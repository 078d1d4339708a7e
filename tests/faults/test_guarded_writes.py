"""The second line of each guard: what holds where the first one, a lock or a look before, did not."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import psycopg
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from api.auth.factor_attempts import ClearFactorAttempts
from api.composition import open_application
from notifications.mail_health import count_waiting
from notifications.outbox import Outbox
from tests.conftest import new_postgres_url, running_at
from tests.waiting import until
from workflow.command import Cause, Command
from workflow.commands.decide import Decide
from workflow.commands.execute import one_by_one
from workflow.commands.recording import record_by
from workflow.context import SetBrokenError
from workflow.history import payloads
from workflow.links import parse
from workflow.model import Method, Via
from workflow.store import definitions, held_items, history, items, links
from workflow.store.prepared import sent_with_commit

HEAD = "head.htqt@so.example"


def move(connection, item):
    return items.move_items(
        connection,
        [
            items.Move(
                item=item,
                state=item.state,
                step=9,
                due_at=None,
                since=item.since,
                seq=item.seq + 1,
                head=bytes(32),
            )
        ],
    )


def edit(connection, item):
    return items.edit_item(
        connection, replace(item, version=item.version + 1, seq=item.seq + 1), search=""
    )


def migrate(connection, item):
    migrated = replace(
        item, version=item.version + 1, due_at=None, seq=item.seq + 1, head=bytes(32)
    )
    return items.migrate_item(connection, migrated)


def append(connection, item):
    return items.append_to_item(connection, item, seq=item.seq + 1, head=bytes(32))


def recuse(connection, item):
    return items.recuse_from_item(connection, item, (), seq=item.seq + 1, head=bytes(32))


def reassign(connection, item):
    return items.reassign_item(connection, item, (), seq=item.seq + 1, head=bytes(32))


BY_VERSION, BY_SEQ = (move, edit, migrate), (append, recuse, reassign)
STALE = [
    *((write, {"version": 1}) for write in BY_VERSION),
    (move, {"state": "none_such"}),
    *((write, {"seq": -1}) for write in BY_SEQ),
]


@pytest.fixture(scope="module")
def submitted(running):
    return running.item_in("submitted")["code"]


@pytest.mark.parametrize(("write", "stale"), STALE)
def test_a_row_that_is_not_as_it_was_read_is_not_written(running, submitted, write, stale):
    with running.parts.engines.write.connect() as connection:
        connection.begin()
        item = items.find_item(connection, submitted)
        assert item.version > 1
        assert not write(connection, replace(item, **stale))
        assert items.find_item(connection, submitted) == item
        assert write(connection, item), "as it was read it is written"
        connection.rollback()


def everything(running):
    """Every row of every table that a decision may touch; not what clock and mail note of themselves."""
    engine = running.parts.engines.read
    names = sorted(set(inspect(engine).get_table_names()) - {"settings", "reminders"})
    with engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"'))))
            for name in names
        }


STEPS = [
    (history, "append_entries"),
    (links, "spend_links"),
    (held_items, "replace_holders"),
    (Outbox, "publish"),
]


@pytest.mark.parametrize(("module", "name"), STEPS)
@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_a_decision_by_link_that_breaks_at_any_step_leaves_nothing_behind(
    running, monkeypatch, module, name, is_after
):
    code = running.item_in("submitted")["code"]
    token = parse(running.link_for(code, HEAD).rsplit("/", 1)[1])
    until(
        lambda: (
            not running.parts.database.report_blocking(
                lambda connection: count_waiting(connection, 1)
            )
        )
    )
    whole, reached = getattr(module, name), []
    command = Decide(
        code=code,
        transition="approve_department",
        cause=Cause(
            actor=running.person(HEAD).id,
            via=Via.LINK,
            method=Method.LINK,
            command_id=secrets.token_hex(8),
            digest="",
        ),
        version=2,
        link=token.id,
    )

    def broken(*given, **named):
        if is_after:
            whole(*given, **named)
        reached.append(name)
        raise RuntimeError(name)

    before = everything(running)
    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match=name):
        patch.setattr(module, name, broken)
        running.run(running.parts.database.write(command))
    assert reached
    assert everything(running) == before
    decided = running.run(running.parts.database.write(command))
    with running.parts.engines.read.connect() as connection:
        assert (
            history.entries_by_command(connection, [command.cause.command_id])[
                command.cause.actor, command.cause.command_id
            ].seq
            == decided.seq
        )
    assert everything(running)["links"] != before["links"], "whole, it uses the link up"


def test_a_step_of_an_authenticator_counts_once_however_many_judged_it_right(running):
    """Two requests may both have read the step before; only one of them may write it."""
    write, person = running.parts.database.write_blocking, running.person("clerk@so.example").id
    assert write(ClearFactorAttempts(person=person, totp_step=100))
    assert not write(ClearFactorAttempts(person=person, totp_step=100))
    assert not write(ClearFactorAttempts(person=person, totp_step=99))
    assert write(ClearFactorAttempts(person=person, totp_step=101))


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Command[int]):
    """An entry at the end of a chain that every process of these tests writes to."""


def noting(transaction, command):
    return record_by(transaction, command.cause, "settings:test", payloads.Commented()).seq


def note():
    return Note(
        cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=secrets.token_hex(8))
    )


@pytest.fixture(scope="module")
def on_postgres(postgres, tmp_path_factory):
    with running_at(
        "127.0.0.1", tmp_path_factory.mktemp("data"), new_postgres_url(postgres)
    ) as product:
        yield product


def test_several_processes_append_to_one_chain_at_once_and_it_stays_one(on_postgres):
    processes, each_writes = 4, 25
    opened = [
        open_application(
            on_postgres.parts.settings,
            clock=on_postgres.clock,
            is_demo=True,
            further={Note: one_by_one(Note, noting)},
        )
        for _ in range(processes)
    ]
    try:

        def write(parts):
            return [parts.database.write_blocking(note()) for _ in range(each_writes)]

        with ThreadPoolExecutor(processes) as pool:
            numbers = [number for of_one in pool.map(write, opened) for number in of_one]
    finally:
        for parts in opened:
            parts.close()
    assert sorted(numbers) == list(range(1, processes * each_writes + 1))
    with on_postgres.parts.engines.read.connect() as connection:
        chain = history.entries_of(connection, "settings:test")
    assert [entry.prev for entry in chain[1:]] == [entry.hash for entry in chain[:-1]]


def test_whoever_decides_waits_for_whoever_decides_on_the_same_item(on_postgres):
    code = on_postgres.item_in("submitted")["code"]
    engine = on_postgres.parts.engines.write
    with engine.connect() as first, engine.connect() as second:
        first.begin()
        assert set(items.lock_items(first, [code])) == {code}
        second.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            items.lock_items(second, [code])
        second.rollback()
        first.rollback()
        assert set(items.lock_items(second, [code])) == {code}
        second.rollback()


def test_a_set_with_one_row_that_moved_meanwhile_is_taken_back_before_its_commit(running):
    """PostgreSQL says it itself: the count is not waited for before COMMIT is sent."""
    parts, codes = running.parts, [running.item_in("submitted")["code"] for _ in range(2)]
    with parts.engines.write.connect() as connection:
        connection.begin()
        first, second = (items.find_item(connection, code) for code in codes)
        moves = [
            items.Move(
                item=item,
                state=item.state,
                step=9,
                due_at=None,
                since=item.since,
                seq=item.seq + 1,
                head=bytes(32),
            )
            for item in (first, replace(second, version=1))
        ]
        broken = (SetBrokenError, DBAPIError, psycopg.Error)
        with pytest.raises(broken), sent_with_commit(connection):
            if not items.move_all(connection, moves):
                raise SetBrokenError
        connection.rollback()
        assert items.find_item(connection, codes[0]) == first
        connection.rollback()


def test_a_count_that_is_asked_for_among_the_last_writes_is_waited_for(running):
    with running.parts.engines.write.connect() as connection:
        connection.begin()
        with sent_with_commit(connection):
            assert definitions._TOUCH.run(connection, {}) == 1
