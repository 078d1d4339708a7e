"""Whoever seals, signs or lets out a checkpoint may die at any of its writes: nothing is lost, doubled or moved.

Each run dies one step further: before each statement of a write, before and after each commit, before the file is on the disk.
"""

import asyncio
import os
import re
import secrets
import signal
from dataclasses import replace

import pytest
from sqlalchemy import insert, text

from api.clock import RunningClock
from api.composition import open_application
from notifications import anchors
from tests import dying
from tests.commands import FROM
from tests.conftest import STARTS_AT, test_settings
from tests.founded import found_sample
from workflow import commands as core
from workflow.commands.execute import execute
from workflow.context import Rulebooks
from workflow.history import checkpoints, merkle
from workflow.links import Keys
from workflow.sealer import CheckpointReason, Sealer
from workflow.store import schema, sealed_log
from workflow.store.prepared import Prepared

STRIDE, MADE = 2, 4
"""Levels between stored subtrees here, and entries before each run, which complete one."""


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """Store more subtrees of fewer entries: every run writes some, of several levels."""
    monkeypatch.setattr(sealed_log, "STRIDE", STRIDE)
    monkeypatch.setattr(sealed_log, "WIDTH", 1 << STRIDE)


class DeathError(Exception):
    """The end of a process, seen from within."""


class Process:
    """One that works on the database as a server does, without its thread, until it dies."""

    def __init__(self, parts, patch, dies_at=0):
        self.parts, self.dies_at, self.steps, self.is_writing = parts, dies_at, 0, False
        whole = {"_execute": Prepared._execute, "many": Prepared.many}
        for name, run in whole.items():
            patch.setattr(Prepared, name, self._dying(run))
        patch.setattr(anchors.os, "fsync", self._dying(os.fsync, is_write=True))
        keys = {secrets.token_hex(4): secrets.token_bytes(32)}
        self.keys = Keys(deployment=parts.keys.deployment, by_kid=keys)
        self.sealer = Sealer(self, self.keys, parts.clock.now)

    def _dying(self, run, *, is_write=False):
        def stepped(*given):
            if not (is_write or self.is_writing):
                return run(*given)
            self.step()
            return run(*given)

        return stepped

    def step(self):
        self.steps += 1
        if self.steps == self.dies_at:
            raise DeathError

    async def report(self, read):
        return self.parts.database.report_blocking(read)

    async def write(self, command):
        context = replace(self.parts.context, rulebooks=Rulebooks())
        use_cases = {**core.USE_CASES, **self.parts.anchors.use_cases()}
        with self.parts.engines.write.connect() as connection:
            connection.begin()
            self.is_writing = True
            try:
                (outcome,), finish = execute(
                    context, lambda *_: None, use_cases, connection, [command]
                )
                finish()
                self.step()
                connection.commit()
                self.step()
            finally:
                self.is_writing = False
        return outcome

    async def _work(self):
        await self.sealer.checkpoint(CheckpointReason.DEMAND)
        await self.parts.anchors.let_out(self)

    def work(self):
        """Seal, sign and let out; whether it lived to the end."""
        try:
            asyncio.run(self._work())
        except DeathError:
            return False
        return True


@pytest.fixture(scope="module")
def parts(database_url, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crashes")
    settings = test_settings(
        folder,
        database_url,
        anchor_file=folder / "anchors.txt",
        anchor_addresses="luu-tru@tinh.example",
    )
    clock = RunningClock(STARTS_AT)
    found_sample(settings, clock)
    found = open_application(settings, clock=clock)
    yield found
    found.close()


def add_entries(parts):
    """Entries of nobody's subjects, only to be sealed."""
    made = [
        {
            "subject": f"made:{secrets.token_hex(8)}",
            "seq": 1,
            "prev": bytes(32),
            "hash": secrets.token_bytes(32),
            "body": "{}",
            "type": "made",
            "at": "2022-05-04T01:00:00.000000Z",
            "command_id": secrets.token_hex(8),
        }
        for _ in range(MADE)
    ]
    with parts.engines.write.begin() as connection:
        connection.execute(insert(schema.history), made)


class Seen:
    """What was there at the last look: it stays, and only grows."""

    def __init__(self, parts):
        self.parts, self.log, self.kept = parts, [], {}

    def look(self):
        connection = self.parts.engines.read.connect()
        with connection, connection.begin():
            log = list(sealed_log.whole(connection))
            entries = {
                row.id: row.hash for row in connection.execute(text("SELECT id, hash FROM history"))
            }
            nodes = connection.execute(text("SELECT level, place, hash FROM history_log_nodes"))
            nodes = {(level, place): bytes(found) for level, place, found in nodes}
            kept = {each.size: each for each in sealed_log.checkpoints(connection)}
            letters = list(
                connection.execute(
                    text("SELECT dedupe_key FROM outbox WHERE kind = 'anchor'")
                ).scalars()
            )
        assert [position for position, *_ in log] == list(range(len(log))), "gapless"
        assert len({entry for _, entry, _ in log}) == len(log), "each once"
        assert all(bytes(entries[entry]) == bytes(found) for _, entry, found in log)
        assert log[: len(self.log)] == self.log, "never elsewhere"
        leaves = [merkle.leaf_hash(bytes(found)) for *_, found in log]
        plain = lambda level, place: merkle.fold(leaves[place << level : (place + 1) << level])  # noqa: E731 - said once
        whole = [
            (level, place)
            for level in range(STRIDE, len(log).bit_length(), STRIDE)
            for place in range(len(log) >> level)
        ]
        assert nodes == {each: plain(*each) for each in whole}
        assert {size: kept.get(size) for size in self.kept} == self.kept, "kept for good"
        for size in kept.keys() - self.kept.keys():
            signed = checkpoints.parse_note(kept[size].note).checkpoint
            assert (signed.size, signed.root) == (size, merkle.root(size, plain))
        assert len(set(letters)) == len(letters)
        self.log, self.kept = log, kept
        return set(entries) - {entry for _, entry, _ in log}

    def look_at_the_end(self):
        """After somebody went on: at most the key's own entry waits, and the file is complete."""
        assert len(self.look()) <= 1
        lines = self.parts.settings.anchor_file.read_text("utf-8")
        sizes = [int(each) for each in re.findall(r"^thidua/\S+\n(\d+)\n", lines, re.MULTILINE)]
        assert sizes == sorted(self.kept)


def test_a_death_at_any_write_loses_doubles_and_moves_nothing(parts, monkeypatch):
    seen, dies_at, is_dead = Seen(parts), 0, True
    while is_dead:
        dies_at += 1
        add_entries(parts)
        with monkeypatch.context() as patch:
            is_dead = not Process(parts, patch, dies_at).work()
        seen.look()
        with monkeypatch.context() as patch:
            assert Process(parts, patch).work()
        seen.look_at_the_end()
    assert dies_at > 25


def test_two_that_sign_one_size_at_once_keep_one_checkpoint(parts, monkeypatch):
    """Each with a key of its own, and both have signed before either writes."""
    add_entries(parts)
    seen = Seen(parts)
    with monkeypatch.context() as patch:
        first, second = Process(parts, patch), Process(parts, patch)
        asyncio.run(first.sealer.seal())
        reported = first.report

        async def report(read):
            found = await reported(read)
            if read == first.sealer._present:
                assert await second.sealer._keep(CheckpointReason.DEMAND)
            return found

        first.report = report
        assert not asyncio.run(first.sealer._keep(CheckpointReason.DEMAND))
        first.report = reported
        assert second.work()
    seen.look_at_the_end()


def killed(parts, *steps):
    """End processes of their own, all at once, each at a step; whether each died of it."""
    settings = parts.settings.model_dump(mode="json")
    started = [
        FROM.Process(target=dying.work, args=(settings, STRIDE, each), daemon=True)
        for each in steps
    ]
    for each in started:
        each.start()
    for each in started:
        each.join(60)
    return [each.exitcode == -signal.SIGKILL for each in started]


def test_processes_that_are_killed_leave_the_same(parts, monkeypatch, is_long):
    """The real thing: SIGKILL, in two processes at once."""
    seen = Seen(parts)
    pairs = ((at, at + 3) for at in (range(1, 120) if is_long else (9, 40)))
    deaths = []
    for pair in pairs:
        add_entries(parts)
        deaths += killed(parts, *pair)
        seen.look()
        with monkeypatch.context() as patch:
            assert Process(parts, patch).work()
        seen.look_at_the_end()
    assert any(deaths)
