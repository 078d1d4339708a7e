"""Exports as FORMAT.md says, of histories that are made.

Owns the log's tree of them and the files around the entries; what the entries say, it does not know.
"""

import shutil
from pathlib import Path

import orjson

from tests.histories import ORIGIN, PEOPLE, PRIVATE, ROOT, History
from workflow.history import checkpoints, merkle
from workflow.history.checkpoints import Checkpoint

HISTORY = ROOT / "workflow" / "history"


class Tree:
    """The log's tree while it grows."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, data: bytes) -> None:
        """Add a leaf."""
        level, found = 0, merkle.leaf_hash(data)
        while self._peaks and self._peaks[-1][0] == level:
            found = merkle.node_hash(self._peaks.pop()[1], found)
            level += 1
        self._peaks.append((level, found))
        self.size += 1

    def note(self) -> str:
        """Return the signed checkpoint of the tree as it is."""
        found = b""
        for _, each in reversed(self._peaks):
            found = merkle.node_hash(each, found) if found else each
        return checkpoints.sign(Checkpoint(origin=ORIGIN, size=self.size, root=found), PRIVATE)


def write_export(folder: Path, history: History, count: int, *, every: int = 100) -> int:
    """Write an export of ``count`` entries with a checkpoint after ``every`` of them; return how many."""
    (folder / "definitions").mkdir(parents=True)
    (folder / "checkpoints").mkdir()
    tree = Tree()
    with (
        (folder / "entries.jsonl").open("wb") as entries,
        (folder / "log.jsonl").open("wb") as log,
        (folder / "salts.jsonl").open("wb") as salts,
    ):
        for line in history.entries(count):
            entries.write(orjson.dumps(line) + b"\n")
            log.write(orjson.dumps({"position": tree.size, "hash": line["hash"]}) + b"\n")
            salts.writelines(orjson.dumps(each) + b"\n" for each in history.texts)
            history.texts.clear()
            tree.add(bytes.fromhex(line["hash"]))
            if tree.size % every == 0:
                (folder / "checkpoints" / f"{tree.size:012}.txt").write_text(tree.note(), "utf-8")
    _write_rows(folder, history)
    return tree.size


def write_files(folder: Path, history: History) -> None:
    """Add the attached files to an export."""
    (folder / "files").mkdir()
    for name, content in history.files.items():
        (folder / "files" / name).write_bytes(content)


def _write_rows(folder: Path, history: History) -> None:
    people = (
        {"id": each, "email": f"p{each}@so.example", "name": f"Người số {each}"} for each in PEOPLE
    )
    for name, rows in (("items.jsonl", history.item_rows()), ("people.jsonl", people)):
        with (folder / name).open("wb") as file:
            file.writelines(orjson.dumps(each) + b"\n" for each in rows)
    for of_hash, text in history.definitions.items():
        (folder / "definitions" / f"{of_hash}.json").write_bytes(text.encode())
    for name in ("FORMAT.md", "verify_history.py"):
        shutil.copyfile(HISTORY / name, folder / name)
