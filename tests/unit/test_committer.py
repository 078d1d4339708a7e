"""The committer: sets, contention, a set that breaks, a full queue, and closing."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.waiting import until
from workflow.command import MACHINE, Command
from workflow.committer import SET_SIZE, Committer, StorageError
from workflow.errors import BusyError, NotFoundRefusal, UnavailableError
from workflow.store.engines import open_engines


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep(Command[str]):
    """Keep a name; ``key`` is what it contends for."""

    name: str
    key: str | None = None

    @property
    def contends_for(self):
        return self.key


def keep(name, key=None):
    return Keep(cause=MACHINE, name=name, key=key)


class Desk:
    """A committer over a file, whose commands keep names; it can be held up, and notes each set."""

    def __init__(self, path, **options):
        self.engine = open_engines(f"sqlite:///{path}").write
        with self.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE kept (name TEXT UNIQUE)")
        self.sets = []
        self.is_free = threading.Event()
        self.is_free.set()
        self.is_admitted = True
        self.committer = Committer(self.engine, self.execute, admit=self.admit, **options)

    def admit(self, _connection):
        if not self.is_admitted:
            raise UnavailableError

    def execute(self, connection, commands):
        self.sets.append([each.name for each in commands])
        self.is_free.wait(30)
        return [self.kept(connection, each.name) for each in commands], lambda: None

    def kept(self, connection, name):
        if name == "refused":
            return NotFoundRefusal()
        connection.exec_driver_sql("INSERT INTO kept VALUES (?)", (name,))
        if name == "broken":
            raise ValueError("broken")
        return f"kept {name}"

    def rows(self):
        with self.engine.connect() as connection:
            return sorted(row.name for row in connection.exec_driver_sql("SELECT * FROM kept"))

    def together(self, *commands):
        """Send commands; the first is held up, so that the others wait together."""
        with ThreadPoolExecutor(len(commands)) as pool:
            self.is_free.clear()
            asked = [pool.submit(self.ask, commands[0])]
            until(lambda: self.sets)
            for waiting, command in enumerate(commands[1:], 1):
                asked.append(pool.submit(self.ask, command))
                until(lambda waiting=waiting: self.committer.queue_length == waiting)
            self.is_free.set()
            return [each.result() for each in asked]

    def ask(self, command):
        try:
            return self.committer.submit_blocking(command)
        except Exception as exc:  # noqa: BLE001 - what it raises is the outcome that is looked at
            return exc


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "kept.db")
    desk.committer.start()
    yield desk
    desk.is_free.set()
    desk.committer.close()
    desk.engine.dispose()


def test_what_waits_together_is_one_set_and_each_gets_its_own_outcome(desk):
    outcomes = desk.together(keep("a"), keep("b"), keep("c"), keep("d"))
    assert outcomes == ["kept a", "kept b", "kept c", "kept d"]
    assert desk.sets == [["a"], ["b", "c", "d"]]
    assert desk.rows() == ["a", "b", "c", "d"]


def test_two_commands_that_contend_never_share_a_set(desk):
    outcomes = desk.together(
        keep("a"), keep("b", "x"), keep("c", "x"), keep("d", "y"), keep("e", "x"), keep("f")
    )
    assert outcomes == [f"kept {name}" for name in "abcdef"]
    assert desk.sets == [["a"], ["b", "d", "f"], ["c"], ["e"]]


def test_a_refusal_is_one_outcome_of_a_set_that_is_kept(desk):
    outcomes = desk.together(keep("a"), keep("b"), keep("refused"), keep("c"))
    assert [type(each) for each in outcomes] == [str, str, NotFoundRefusal, str]
    assert desk.sets == [["a"], ["b", "refused", "c"]]
    assert desk.rows() == ["a", "b", "c"]


def test_of_a_broken_set_only_the_broken_command_fails(desk):
    outcomes = desk.together(keep("a"), keep("b"), keep("broken"), keep("c"))
    assert outcomes[0::3] == ["kept a", "kept c"]
    assert outcomes[1] == "kept b"
    assert isinstance(outcomes[2], ValueError)
    assert desk.sets == [["a"], ["b", "broken", "c"], ["b"], ["broken"], ["c"]]
    assert desk.rows() == ["a", "b", "c"]
    assert not desk.committer.is_failing


def test_a_key_given_twice_in_a_set_breaks_the_second_alone(desk):
    outcomes = desk.together(keep("a"), keep("b"), keep("b"))
    assert outcomes[:2] == ["kept a", "kept b"]
    assert isinstance(outcomes[2], StorageError)
    assert desk.rows() == ["a", "b"]


def test_a_set_has_a_bound_and_what_is_beyond_it_is_the_next_one(desk):
    async def ask():
        asked = [
            asyncio.ensure_future(desk.committer.submit(keep(str(number)))) for number in range(70)
        ]
        await asyncio.sleep(0)
        desk.is_free.set()
        return await asyncio.gather(*asked)

    with ThreadPoolExecutor(1) as pool:
        desk.is_free.clear()
        first = pool.submit(desk.ask, keep("a"))
        until(lambda: desk.sets)
        assert len(asyncio.run(ask())) == 70
        assert first.result() == "kept a"
    assert [len(each) for each in desk.sets] == [1, SET_SIZE, 70 - SET_SIZE]


def test_a_full_queue_refuses_and_records_nothing(tmp_path):
    desk = Desk(tmp_path / "kept.db", bound=2)
    desk.committer.start()
    with ThreadPoolExecutor(3) as pool:
        desk.is_free.clear()
        asked = [pool.submit(desk.ask, keep("a"))]
        until(lambda: desk.sets)
        asked += [pool.submit(desk.ask, keep(name)) for name in "bc"]
        until(lambda: desk.committer.queue_length == 2)
        assert isinstance(desk.ask(keep("d")), BusyError)
        desk.is_free.set()
        assert [each.result() for each in asked] == ["kept a", "kept b", "kept c"]
    desk.committer.close()
    assert desk.rows() == ["a", "b", "c"]
    desk.engine.dispose()


def test_closing_finishes_what_is_queued_and_nobody_is_left_waiting(desk):
    with ThreadPoolExecutor(4) as pool:
        desk.is_free.clear()
        asked = [pool.submit(desk.ask, keep("a"))]
        until(lambda: desk.sets)
        asked += [pool.submit(desk.ask, keep(name, "x")) for name in "bc"]
        until(lambda: desk.committer.queue_length == 2)
        closing = pool.submit(desk.committer.close)
        desk.is_free.set()
        assert sorted(each.result(30) for each in asked) == ["kept a", "kept b", "kept c"]
        closing.result(30)
    assert desk.rows() == ["a", "b", "c"]


def test_many_who_wait_on_a_loop_are_all_answered_and_who_went_away_is_passed_over(desk):
    async def ask():
        asked = [
            asyncio.ensure_future(desk.committer.submit(keep(str(number)))) for number in range(40)
        ]
        await asyncio.sleep(0)
        asked[7].cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    outcomes = asyncio.run(ask())
    assert [type(each) for each in outcomes].count(str) == 39
    assert isinstance(outcomes[7], asyncio.CancelledError)
    assert len(desk.rows()) == 40, "a command whose asker left is kept all the same"


def test_while_nobody_may_write_each_is_told_and_afterwards_it_goes_on(tmp_path):
    desk = Desk(tmp_path / "kept.db")
    desk.is_admitted = False
    desk.committer.start()
    assert isinstance(desk.ask(keep("a")), StorageError)
    assert desk.committer.is_failing
    desk.is_admitted = True
    assert desk.ask(keep("b")) == "kept b"
    assert not desk.committer.is_failing
    desk.committer.close()
    assert desk.rows() == ["b"]
    desk.engine.dispose()


class Figures:
    """A meter that remembers."""

    def __init__(self):
        self.sizes, self.lengths = [], []

    def taken(self, size):
        self.sizes.append(size)

    def queued(self, length):
        self.lengths.append(length)


def test_a_meter_is_told_of_sets_and_of_the_queue(desk):
    figures = Figures()
    desk.committer.measure(figures)
    desk.together(keep("a"), keep("b"), keep("c"))
    assert figures.sizes == [1, 2]
    assert max(figures.lengths) == 2
    assert figures.lengths[-1] == 0
