"""A database compared with an export that left the house: its entries are all there, and the same."""

import pytest

from notifications.translation import translate
from workflow.queries.audit import export_history, verify_database, verify_export
from workflow.sealer import CheckpointReason, Sealer

pytestmark = pytest.mark.one_database


@pytest.fixture
def export(running, tmp_path):
    """Export what is there, sealed and under a checkpoint, and one entry after it."""
    running.item_in("submitted")
    parts = running.parts
    running.run(
        Sealer(parts.database, parts.keys, parts.clock.now).checkpoint(CheckpointReason.DEMAND)
    )
    running.draft()
    folder = tmp_path / "export"
    parts.database.report_blocking(lambda connection: export_history(connection, folder))
    return folder


def against(running, folder):
    def verified(connection):
        return verify_database(connection, against=folder)

    verdict = running.parts.database.report_blocking(verified)
    return verdict.status, translate(verdict.sentence)


def test_a_database_that_has_gone_on_still_holds_its_export(running, export):
    running.draft()
    assert against(running, export)[0] == 0
    assert verify_export(export).status == 0


@pytest.mark.parametrize("what", ["sealed", "open"])
def test_an_export_with_an_entry_that_the_database_has_not_is_named(running, export, what):
    lines = (export / "entries.jsonl").read_text("utf-8").splitlines(keepends=True)
    log = (export / "log.jsonl").read_text("utf-8").splitlines()
    place = len(log) - 1 if what == "sealed" else len(lines) - 1
    lines[place] = lines[place].replace('\\"via\\":\\"api\\"', '\\"via\\":\\"cli\\"')
    (export / "entries.jsonl").write_text("".join(lines), "utf-8")
    status, said = against(running, export)
    assert (status, "of the export is not what" in said) == (1, True), said


def test_a_database_restored_from_an_older_copy_lacks_what_the_export_has(running, export):
    lines = (export / "entries.jsonl").read_text("utf-8").splitlines(keepends=True)
    later = lines[-1].replace("item:", "item:later-")
    (export / "entries.jsonl").write_text("".join([*lines, later]), "utf-8")
    status, said = against(running, export)
    assert (status, "is not in the database" in said) == (2, True), said
    log = (export / "log.jsonl").read_text("utf-8")
    (export / "log.jsonl").write_text(
        log + "".join(f'{{"position":{len(log.splitlines()) + each},"hash":"{"0" * 64}"}}\n' for each in range(2)), "utf-8"
    )  # fmt: skip
    status, said = against(running, export)
    assert (status, "restored from an older copy" in said) == (2, True), said
