"""Export and verify the history.

Owns the folder that leaves the house: entries, items, definitions, the format and the verifier.
Reads in pages; no read holds the database for long.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy import Connection

from workflow.history import derived_columns, verify_history
from workflow.messages import Message, lazy
from workflow.store import definitions, history, items, people
from workflow.store.history import StoredEntry

_PACKAGE = Path(verify_history.__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verification found: exit status, and one sentence."""

    status: int
    sentence: Message


def export_history(connection: Connection, folder: Path) -> int:
    """Write the export into ``folder`` and return the number of entries."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "definitions").mkdir(exist_ok=True)
    count = _write_lines(folder / "entries.jsonl", map(_line, history.all_entries(connection)))
    _write_lines(folder / "items.jsonl", _item_lines(connection))
    _write_lines(
        folder / "people.jsonl",
        (
            {"id": each.id, "email": each.email, "name": each.name}
            for each in people.all_people(connection)
        ),
    )
    _write_lines(folder / "salts.jsonl", _text_lines(connection))
    for _, _, definition_hash, body in definitions.all_definitions(connection):
        (folder / "definitions" / f"{definition_hash}.json").write_bytes(body.encode())
    for name in ("FORMAT.md", "verify_history.py"):
        shutil.copyfile(_PACKAGE / name, folder / name)
    return count


def verify_export(folder: Path) -> Verdict:
    """Verify an exported folder."""
    try:
        report = verify_history.verify_folder(folder)
    except verify_history.TamperedError as exc:
        return Verdict(status=verify_history.TAMPERED, sentence=lazy("Changed: {exc}", exc=exc))
    except verify_history.IncompleteError as exc:
        return Verdict(
            status=verify_history.INCOMPLETE, sentence=lazy("Incomplete: {exc}", exc=exc)
        )
    return _sound(report)


def verify_database(connection: Connection) -> Verdict:
    """Verify the history in the database as an export is, and the columns derived from bodies.

    In the database a row without its entries is tampering: no second file could merely be missing.
    """
    bodies = {
        of_hash: orjson.loads(body)
        for _, _, of_hash, body in definitions.all_definitions(connection)
    }
    try:
        report = verify_history.verify_entries(
            _checked_lines(history.all_entries(connection)), bodies
        )
        verify_history.verify_items(_item_lines(connection), report)
        verify_history.verify_texts(
            _text_lines(connection), map(_line, history.all_entries(connection))
        )
    except (verify_history.TamperedError, verify_history.IncompleteError) as exc:
        return Verdict(status=verify_history.TAMPERED, sentence=lazy("Changed: {exc}", exc=exc))
    return _sound(report)


def _sound(report: verify_history.Report) -> Verdict:
    sentence = lazy(
        "The history is intact: {entries} entries about {count} subject.",
        "The history is intact: {entries} entries about {count} subjects.",
        entries=report.entries,
        count=len(report.subjects),
    )
    return Verdict(status=verify_history.OK, sentence=sentence)


def _line(entry: StoredEntry) -> verify_history.Line:
    return {
        "subject": entry.subject,
        "seq": entry.seq,
        "prev": entry.prev.hex(),
        "hash": entry.hash.hex(),
        "body": entry.body,
    }


def _checked_lines(entries: Iterable[StoredEntry]) -> Iterator[verify_history.Line]:
    """Yield the lines of entries whose derived columns say what their bodies say."""
    for entry in entries:
        try:
            said = derived_columns(entry.body)
        except orjson.JSONDecodeError as exc:
            raise verify_history.TamperedError(
                f"{entry.subject} entry {entry.seq}: its body is not JSON"
            ) from exc
        derived = (entry.type, entry.actor, entry.decided_version, entry.command_id)
        verify_history.require(
            derived == said,
            f"{entry.subject} entry {entry.seq}",
            "has columns that differ from its body",
        )
        yield _line(entry)


def _item_lines(connection: Connection) -> Iterator[verify_history.ItemRow]:
    for item in items.all_items(connection):
        yield {
            "code": item.code,
            "state": item.state,
            "version": item.version,
            "step": item.step,
            "content_hash": item.content_hash,
            "seq": item.seq,
            "head": item.head.hex(),
        }


def _text_lines(connection: Connection) -> Iterator[verify_history.TextRow]:
    for text in history.all_texts(connection):
        yield {
            "subject": text.subject,
            "seq": text.seq,
            "name": text.name,
            "salt": text.salt.hex(),
            "text": text.text,
        }


def _write_lines(path: Path, lines: Iterable[Mapping[str, object]]) -> int:
    count = 0
    with path.open("wb") as file:
        for line in lines:
            file.write(orjson.dumps(line) + b"\n")
            count += 1
    return count
