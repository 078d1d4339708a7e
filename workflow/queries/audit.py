"""Export and verify the history.

Owns the folder that leaves the house: entries, items, definitions, the format and the verifier.
Reads in pages; no read holds the database for long.
"""

import contextlib
import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy import Connection

from workflow.canonical import instant
from workflow.definition import restore_definition
from workflow.history import DERIVED, body_hash, derived_columns, verify_history
from workflow.history.checkpoints import VerifierKey, parse_note, parse_verifier_key, signers
from workflow.messages import Message, lazy
from workflow.queries import fast_verification
from workflow.queries.earlier_export import compare_with_export
from workflow.queries.item_rows import ItemFolds
from workflow.queries.spilled import SpilledRecords, SpillFile
from workflow.queries.subject_ties import verify_subjects
from workflow.store import (
    definitions,
    history,
    item_contents,
    items,
    people,
    sealed_log,
    timestamps,
)
from workflow.store.files import FileStore
from workflow.store.history import StoredEntry

_PACKAGE = Path(verify_history.__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verification found: exit status, and one sentence."""

    status: int
    sentence: Message


def export_history(connection: Connection, folder: Path, files: FileStore | None = None) -> int:
    """Write the export into ``folder`` and return the number of entries.

    ``files``: the attached files, which then go with it, as they are. One that is missing is
    missing in the export too, which its verifier says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "definitions").mkdir(exist_ok=True)
    count = _write_lines(folder / "entries.jsonl", _entry_lines(connection))
    _write_lines(folder / "log.jsonl", _log_lines(connection))
    (folder / "checkpoints").mkdir(exist_ok=True)
    for each in sealed_log.checkpoints(connection):
        (folder / "checkpoints" / f"{each.size:012}.txt").write_text(each.note, "utf-8")
    for stamp in timestamps.all_timestamps(connection):
        (folder / "timestamps").mkdir(exist_ok=True)
        (folder / "timestamps" / f"{stamp.size:012}.tsr").write_bytes(stamp.answer)
    _write_lines(folder / "items.jsonl", _item_lines(connection))
    _write_lines(folder / "people.jsonl", _people_lines(connection))
    _write_lines(folder / "salts.jsonl", _text_lines(connection))
    for _, _, definition_hash, body in definitions.all_definitions(connection):
        (folder / "definitions" / f"{definition_hash}.json").write_bytes(body.encode())
    for name in ("FORMAT.md", "verify_history.py"):
        shutil.copyfile(_PACKAGE / name, folder / name)
    if files is not None:
        _copy_files(item_contents.file_hashes(connection), files, folder / "files")
    write_sums(folder)
    return count


def _copy_files(hashes: Iterable[str], files: FileStore, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for each in hashes:
        with contextlib.suppress(FileNotFoundError):
            files.copy(each, folder / each)


def write_sums(folder: Path) -> None:
    """Write the hash of each file, as ``sha256sum`` does."""
    lines = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != "SHA256SUMS":
            with path.open("rb") as file:
                lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def verify_export(folder: Path, outside: Sequence[verify_history.Checkpoint] = ()) -> Verdict:
    """Verify an exported folder, also against checkpoints from outside it."""
    try:
        summary = fast_verification.verify_folder(folder, outside)
    except verify_history.TamperedError as exc:
        return Verdict(status=verify_history.TAMPERED, sentence=lazy("Changed: {exc}", exc=exc))
    except verify_history.IncompleteError as exc:
        return Verdict(
            status=verify_history.INCOMPLETE, sentence=lazy("Incomplete: {exc}", exc=exc)
        )
    return _sound(summary.entries, summary.subjects, summary.checkpoints)


def verify_database(
    connection: Connection,
    keys: Sequence[VerifierKey] = (),
    outside: Sequence[verify_history.Checkpoint] = (),
    against: Path | None = None,
    files: FileStore | None = None,
) -> Verdict:
    """Verify the history in the database as an export is, and the columns derived from bodies.

    ``keys``: of the deployment, newest first; the signature of every kept checkpoint is checked
    with them and with those that the history names. ``outside``: checkpoints that left the house
    earlier. In the database a row without its entries is tampering: no second file could merely be
    missing. ``against``: an export that left the house, whose entries are all to be there still.
    ``files``: the attached files, whose bytes are then hashed as well.
    """
    if against is not None and (unlike := _unlike_export(connection, against)):
        return unlike
    try:
        texts = dict(_checked_definitions(connection))
        checkpoints = [*_kept_checkpoints(connection, keys), *outside]
        with SpillFile() as file:
            folds = ItemFolds(file)
            report = _verify_entries(connection, texts, checkpoints, folds, file)
            folds.verify(connection, {key: restore_definition(each) for key, each in texts.items()})
            if files is not None:
                folds.verify_bytes(files)
    except (verify_history.TamperedError, verify_history.IncompleteError) as exc:
        return Verdict(status=verify_history.TAMPERED, sentence=lazy("Changed: {exc}", exc=exc))
    except (LookupError, TypeError, ValueError) as exc:
        # The program writes nothing that it cannot read again.
        return Verdict(
            status=verify_history.TAMPERED, sentence=lazy("Changed: {exc}", exc=repr(exc))
        )
    return _sound(report.entries, len(report.subjects), report.checkpoints)


def _verify_entries(
    connection: Connection,
    texts: verify_history.Definitions,
    checkpoints: Sequence[verify_history.Checkpoint],
    folds: ItemFolds,
    file: SpillFile,
) -> verify_history.Report:
    """Verify all entries and what is listed beside them, while they are folded."""
    subjects = SpilledRecords(file, lambda each: (*vars(each).values(),), verify_history.Subject)
    report = verify_history.Report(subjects=subjects)
    log = verify_history.Log(checkpoints, report)
    verify_subjects(connection)
    lines = folds.following(_checked_lines(connection))
    verifier = verify_history.verify_entries(
        log.sealing(lines, _log_lines(connection)), texts, report, _text_lines(connection)
    )
    subjects.settle()
    verify_history.verify_commands(verifier.commands, _entry_lines(connection))
    verify_history.verify_items(_item_lines(connection), report)
    verify_history.verify_people(_people_lines(connection), verifier.people)
    for each in texts:
        verify_history.require(
            each in verifier.published, f"definition {each}", "was never published"
        )
    return report


def _unlike_export(connection: Connection, folder: Path) -> Verdict | None:
    """Return what the database has otherwise than an export, or None."""
    try:
        compare_with_export(connection, folder)
    except verify_history.TamperedError as exc:
        return Verdict(status=verify_history.TAMPERED, sentence=lazy("Changed: {exc}", exc=exc))
    except verify_history.IncompleteError as exc:
        return Verdict(
            status=verify_history.INCOMPLETE, sentence=lazy("Incomplete: {exc}", exc=exc)
        )
    return None


def _checked_definitions(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the text of each definition by its hash, which the text must have."""
    for identity, version, of_hash, text in definitions.all_definitions(connection):
        name = f"definition:{identity} version {version}"
        verify_history.require(
            body_hash(text) == of_hash, name, "does not have the hash it is kept by"
        )
        yield of_hash, text


def _log_lines(connection: Connection) -> Iterator[verify_history.Json]:
    for position, _, entry_hash in sealed_log.whole(connection):
        yield {"position": position, "hash": entry_hash.hex()}


def _kept_checkpoints(
    connection: Connection, keys: Sequence[VerifierKey]
) -> Iterator[verify_history.Checkpoint]:
    """Yield the kept checkpoints; each must be signed, the newest by a key of the deployment."""
    named = [parse_verifier_key(each) for each in history.checkpoint_keys(connection)]
    kept = sealed_log.checkpoints(connection)
    for each in kept:
        name = f"checkpoint {each.size}"
        try:
            note = parse_note(each.note)
        except ValueError as exc:
            raise verify_history.TamperedError(f"{name} is none") from exc
        trusted = keys if keys and each is kept[-1] else [*keys, *named]
        verify_history.require(signers(note, trusted), name, "is not signed by a key of ours")
        of_its_size = note.checkpoint.size == each.size
        verify_history.require(of_its_size, name, "is of another size than its row says")
        yield verify_history.Checkpoint(
            name, note.checkpoint.origin, each.size, note.checkpoint.root
        )


def _sound(entries: int, subjects: int, checkpoints: Sequence[int]) -> Verdict:
    covered = max(checkpoints, default=0)
    if covered >= entries:
        sentence = lazy(
            "The history is intact: {entries} entries about {count} subject, all of them under a "
            "checkpoint.",
            "The history is intact: {entries} entries about {count} subjects, all of them under a "
            "checkpoint.",
            entries=entries,
            count=subjects,
        )
    else:
        sentence = lazy(
            "The history is intact: {entries} entries about {count} subject, the first {covered} "
            "of them under a checkpoint. That none of the newer ones was exchanged, nothing proves "
            "yet.",
            "The history is intact: {entries} entries about {count} subjects, the first {covered} "
            "of them under a checkpoint. That none of the newer ones was exchanged, nothing proves "
            "yet.",
            entries=entries,
            count=subjects,
            covered=covered,
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


def _entry_lines(connection: Connection) -> Iterator[verify_history.Line]:
    return map(_line, history.entries_in_log(connection))


def _checked_lines(connection: Connection) -> Iterator[verify_history.Line]:
    """Yield the lines of entries whose derived columns say what their bodies say."""
    ids = {each.subject: each.id for each in items.all_items(connection)}
    for entry in history.entries_in_log(connection):
        try:
            said = derived_columns(entry.body)
        except orjson.JSONDecodeError as exc:
            raise verify_history.TamperedError(
                f"{entry.subject} entry {entry.seq}: its body is not JSON"
            ) from exc
        # An item that is missing is told later, by its own name.
        other = entry.item_id if entry.subject.startswith("item:") else None
        kept = (instant(entry.at) if name == "at" else getattr(entry, name) for name in DERIVED)
        verify_history.require(
            tuple(kept) == said and entry.item_id == ids.get(entry.subject, other),
            f"{entry.subject} entry {entry.seq}",
            "has columns that differ from its body",
        )
        yield _line(entry)


def _people_lines(connection: Connection) -> Iterator[verify_history.Json]:
    for each in people.all_people(connection):
        yield {"id": each.id, "email": each.email, "name": each.name}


def _item_lines(connection: Connection) -> Iterator[verify_history.Json]:
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


def _text_lines(connection: Connection) -> Iterator[verify_history.Json]:
    """Yield the texts in the order of the entries that they belong to."""
    for text in history.texts_in_log(connection):
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
