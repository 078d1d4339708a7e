"""The sealed log: every entry once and in order, checkpoints of it, and rows that are only added."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import running_at
from workflow.commands.seal_log import KeepCheckpoint
from workflow.errors import InvalidInputError
from workflow.history import checkpoints, merkle
from workflow.history.checkpoints import Checkpoint
from workflow.sealer import CheckpointReason, Sealer
from workflow.store import history, schema, sealed_log
from workflow.store.engines import open_engines


@pytest.fixture(scope="module")
def running(database_url, tmp_path_factory):
    """Nothing is sealed beside the tests."""
    folder = tmp_path_factory.mktemp("data")
    with running_at("127.0.0.1", folder, database_url, has_clock=False) as product:
        yield product


@pytest.fixture
def sealer(running):
    parts = running.parts
    return Sealer(parts.database, parts.keys, parts.clock.now)


def report(running, fn):
    return running.parts.database.report_blocking(fn)


def rows(running, statement):
    return report(running, lambda connection: connection.execute(text(statement)).all())


def test_every_entry_gets_the_next_place_once(running, sealer):
    running.item_in("submitted")
    running.run(sealer.seal())
    running.draft()
    running.run(sealer.seal())
    assert running.run(sealer.seal()) == 0
    entries = rows(running, "SELECT id, hash FROM history ORDER BY id")
    log = report(running, lambda connection: list(sealed_log.whole(connection)))
    assert [(place, entry) for place, entry, _ in log] == list(
        enumerate(each.id for each in entries)
    )
    assert [found for *_, found in log] == [each.hash for each in entries]


def test_the_root_is_that_of_a_tree_over_all_hashes_and_each_entry_is_proved(running, sealer):
    running.run(sealer.seal())
    leaves = [merkle.leaf_hash(each.hash) for each in rows(running, "SELECT hash FROM history_log ORDER BY position")]  # fmt: skip
    plain = lambda level, place: merkle.fold(leaves[place << level : (place + 1) << level])  # noqa: E731 - said twice
    size = len(leaves)
    found = report(running, lambda connection: sealed_log.root(connection, size))
    assert found == merkle.root(size, plain)
    nodes = report(
        running,
        lambda connection: [
            merkle.inclusion_proof(each, size, sealed_log.nodes(connection)) for each in range(size)
        ],
    )
    assert all(
        merkle.root_of_inclusion(leaves[position], position, size, proof) == found
        for position, proof in enumerate(nodes)
    )


def test_a_checkpoint_is_signed_kept_once_and_made_when_due(running, sealer):
    running.run(sealer.seal_and_check())  # the first, which puts its key into the history
    running.draft()
    assert running.run(sealer.checkpoint(CheckpointReason.DEMAND))
    assert not running.run(sealer.checkpoint(CheckpointReason.DEMAND)), "nothing came since"
    kept = report(running, sealed_log.newest_checkpoint)
    note = checkpoints.parse_note(kept.note)
    assert note.checkpoint.size == kept.size
    known = [
        checkpoints.parse_verifier_key(each) for each in report(running, history.checkpoint_keys)
    ]
    assert checkpoints.signers(note, known) == list(sealer.verifier_keys[:1])
    running.run(sealer.seal_and_check())
    assert report(running, sealed_log.newest_checkpoint) == kept, "none is due"
    running.draft()
    running.clock.advance(timedelta(days=1))
    running.run(sealer.seal_and_check())
    assert report(running, sealed_log.newest_checkpoint).reason == "daily"
    before = report(running, sealed_log.newest_checkpoint).size
    while report(running, sealed_log.size) - before < 100:
        running.draft()
        running.run(sealer.seal())
    running.run(sealer.seal_and_check())
    assert report(running, sealed_log.newest_checkpoint).reason == "entries"


def test_a_checkpoint_of_another_log_is_never_kept(running, sealer):
    running.draft()
    running.run(sealer.seal())
    size = report(running, sealed_log.size)
    private = checkpoints.signing_key(bytes(32))
    for of_size in (size, size + 1):
        other = Checkpoint(origin=sealer.origin, size=of_size, root=bytes(32))
        command = KeepCheckpoint(note=checkpoints.sign(other, private), key="k", reason="demand")
        with pytest.raises(InvalidInputError, match="not of this log"):
            running.run(running.parts.database.write(command))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_log SET hash = (SELECT hash FROM history_log WHERE position = 1) WHERE position = 0",
        "DELETE FROM history_log WHERE position = 0",
        "INSERT INTO history_log SELECT 10000000, entry, hash FROM history_log WHERE position = 0",
        "INSERT INTO history_log SELECT position, entry, hash FROM history_log WHERE position = 0",
        "UPDATE checkpoints SET reason = 'x'",
        "DELETE FROM checkpoints",
    ],
)  # fmt: skip
def test_the_database_refuses_what_is_no_addition(running, sealer, statement):
    running.draft()
    running.run(sealer.checkpoint(CheckpointReason.DEMAND))
    with running.parts.engines.write.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))


def test_subtrees_of_many_entries_are_stored_level_by_level(tmp_path):
    """Beyond 65,536 places two levels are stored."""
    count = 66_000
    engine = open_engines(f"sqlite:///{tmp_path}/log.db").write
    schema.metadata.create_all(engine)
    made = [
        {"id": number + 1, "subject": f"x:{number}", "seq": 1, "prev": bytes(32),
         "hash": number.to_bytes(32, "big"), "body": "{}", "type": "created", "at": "2022",
         "command_id": f"c{number}"}
        for number in range(count)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(schema.history.insert(), made)
        while sealed_log.seal(connection, 5000):
            pass
        levels = connection.execute(
            text("SELECT level, count(*) FROM history_log_nodes GROUP BY level ORDER BY level")
        ).all()
        assert [tuple(each) for each in levels] == [(8, count // 256), (16, 1)]
        leaves = [merkle.leaf_hash(each["hash"]) for each in made]
        root = merkle.root(
            count, lambda level, place: merkle.fold(leaves[place << level : (place + 1) << level])
        )
        assert sealed_log.root(connection, count) == root
        nodes = sealed_log.nodes(connection)
        for position in (0, 255, 256, 65_535, 65_536, count - 1):
            proof = merkle.inclusion_proof(position, count, nodes)
            assert merkle.root_of_inclusion(leaves[position], position, count, proof) == root


def test_what_was_committed_late_is_sealed_when_somebody_looks_back(tmp_path):
    engine = open_engines(f"sqlite:///{tmp_path}/log.db").write
    schema.metadata.create_all(engine)
    rows = [
        {"id": number, "subject": f"x:{number}", "seq": 1, "prev": bytes(32), "hash": bytes(32),
         "body": "{}", "type": "created", "at": "2022", "command_id": f"c{number}"}
        for number in (1, 3, 2, 4)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(schema.history.insert(), rows[:2])
        assert sealed_log.seal(connection, 10) == 2
        connection.execute(schema.history.insert(), rows[2:])
        assert sealed_log.seal(connection, 10, looks_back=False) == 1
        assert sealed_log.seal(connection, 10, looks_back=False) == 0
        assert sealed_log.seal(connection, 10) == 1
        assert [entry for _, entry, _ in sealed_log.whole(connection)] == [1, 3, 4, 2]


def test_a_sending_to_the_board_makes_a_checkpoint(running, sealer):
    running.run(sealer.checkpoint(CheckpointReason.DEMAND))
    running.item_in("director_signed")
    running.run(sealer.seal_and_check())
    before = report(running, sealed_log.newest_checkpoint)
    code = running.item_in("sent_to_ban_tdkt")["code"]
    running.run(sealer.seal_and_check())
    made = report(running, sealed_log.newest_checkpoint)
    assert (made.reason, made.size > before.size) == ("dispatch", True)
    places = report(running, lambda connection: sealed_log.places_of(connection, f"item:{code}"))
    assert places[-1].position < made.size
    running.run(sealer.seal_and_check())
    assert report(running, sealed_log.newest_checkpoint) == made, "once"
