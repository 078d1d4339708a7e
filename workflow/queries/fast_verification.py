"""Verify an export as ``verify_history`` does, on all cores, and the signatures of its checkpoints.

Owns how the work is divided: each process follows the subjects that fall to it, and hashes its
blocks of the log. What all judge by (people, definitions, keys) the first one judges, and the
others take as it is written; signatures are for whoever is done. It only finds that nothing is
wrong; where anything is, the verifier that leaves the house says what, so both say the same.
"""

import gc
import multiprocessing
import os
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from workflow.history import verify_history
from workflow.history.checkpoints import parse_note, parse_verifier_key, signers
from workflow.history.verify_history import (
    Checkpoint,
    IncompleteError,
    Line,
    TamperedError,
    Verifier,
    require,
)
from workflow.queries.block_log import BLOCK, BlockLog, Peaks, joined, root_of
from workflow.queries.known_steps import KnownSteps

_BYTES_A_PROCESS: Final = 16 << 20
"""Less is not worth a process."""
_FINGERPRINT: Final = 8
"""Bytes of one."""
_PIECES: Final = 16
"""In which the signatures are shared out."""
_SUBJECT: Final = len(b'{"subject":"')
_SHARED: Final = (b"person:", b"definition:", b"agency")
_ITEM: Final = ord("i")
_TEXTS: Final = "salts.jsonl"
_TEXT_OF: Final = b'{"subject":"%b","seq":%d,'
_NO_ROW: Final = (0, b"")
_MEMBERS: Final = list(verify_history.ROWS["entries.jsonl"].items())[:-1]


class WorkShare(NamedTuple):
    """What one process does: part ``number`` of ``of``."""

    folder: Path
    number: int
    of: int
    wanted: Sequence[int]
    """The sizes of all checkpoints, in order."""


class Summary(NamedTuple):
    """What was verified: counts, the sizes of checkpoints that agree, what nothing could check."""

    entries: int
    subjects: int
    sealed: int
    checkpoints: Sequence[int]
    unchecked: tuple[str, ...]


@dataclass(slots=True)
class ShareVerified:
    """What one process found; ``wrong``: why the whole is not right."""

    wrong: str = ""
    entries: int = 0
    subjects: int = 0
    commands: bytes = b""
    blocks: dict[int, Peaks] | None = None
    """The peaks of each block of the log that fell to it."""
    prefixes: dict[int, bytes] | None = None
    """The root over a block up to the size of a checkpoint."""
    files: frozenset[str] = frozenset()
    """The attached files that entries named."""
    carrying: frozenset[int] = frozenset()
    """The decisions that carry other items along, and below those that entries claim to follow."""
    carried: frozenset[int] = frozenset()
    numbers: frozenset[str] = frozenset()
    """The numbers that documents were given, each with its year."""
    keys: Sequence[str] = ()
    """With which checkpoints are signed."""
    texts: bytes = b""
    """Lines of texts, and after each the line of the entry that committed to it."""


def verify_folder(folder: Path, outside: Iterable[Checkpoint] = ()) -> Summary:
    """Verify an export. Raises TamperedError and IncompleteError as ``verify_history`` does."""
    given = tuple(outside)
    try:
        return _verified(folder, given)
    except (OSError, LookupError, TypeError, ValueError, TamperedError, IncompleteError) as exc:
        verify_history.verify_folder(folder, given)  # which says what
        raise TamperedError(str(exc)) from exc


def _verified(folder: Path, outside: Sequence[Checkpoint]) -> Summary:
    notes = [each.name for each in (folder / "checkpoints").glob("*")]
    sizes = {int(each.partition(".")[0]) for each in notes}
    wanted = sorted(sizes.union(each.size for each in outside))
    size = (folder / "entries.jsonl").stat().st_size
    count = min(os.cpu_count() or 1, 1 + size // _BYTES_A_PROCESS)
    if sys.platform != "linux":
        count = 1
    shares = [WorkShare(folder, number, count, wanted) for number in range(count)]
    if count == 1:
        parts = [_follow(shares[0])]
        own = _verified_notes(folder, parts[0].keys, notes)
        sealed, has_sums = _files_read(folder)
        wrong = _wrong_together(parts, _commands_of(parts[0]))
    else:
        with multiprocessing.get_context("fork").Pool(count) as pool:
            running = pool.imap_unordered(_follow, shares)
            sealed, has_sums = _files_read(folder)
            parts = [next(running)]
            pieces = [(folder, parts[0].keys, notes[each::_PIECES]) for each in range(_PIECES)]
            signing = pool.starmap_async(_verified_notes, pieces, chunksize=1)
            commands = _commands_of(parts[0])  # while the others are at work
            parts += running
            wrong = _wrong_together(parts, commands)
            own = [*chain.from_iterable(signing.get())]
    entries = sum(each.entries for each in parts)
    if not wrong and sealed > entries:
        wrong = "the log goes on after the entries"
    named = frozenset().union(*(each.files for each in parts))
    if has_files := (folder / "files").is_dir():
        for path in (folder / "files").iterdir():
            wrong = wrong or ("" if path.name in named else "a file is named by no entry")
    if wrong := wrong or _wrong_root(parts, [*own, *outside]):
        raise TamperedError(wrong)
    return Summary(
        entries=entries,
        subjects=sum(each.subjects for each in parts),
        sealed=sealed,
        checkpoints=wanted,
        unchecked=(
            *(() if has_sums else ("bytes that nothing commits to",)),
            *(() if has_files else ("bytes of attached files",)),
        ),
    )


def _commands_of(part: ShareVerified) -> set[int]:
    return set(memoryview(part.commands).cast("q"))


def _wrong_together(parts: Sequence[ShareVerified], commands: set[int]) -> str:
    """Return why what the shares found is not right together, or nothing.

    ``commands``: of the first of them; it takes those of the others.
    """
    if wrong := next((each.wrong for each in parts if each.wrong), ""):
        return wrong
    commands.update(*(memoryview(each.commands).cast("q") for each in parts[1:]))
    if len(commands) * _FINGERPRINT != sum(len(each.commands) for each in parts):
        return "a command was used twice"
    carrying = frozenset().union(*(each.carrying for each in parts))
    if not all(each.carried <= carrying for each in parts):
        return "an item goes along with a decision that is not there"
    numbers = frozenset().union(*(each.numbers for each in parts))
    if len(numbers) != sum(len(each.numbers) for each in parts):
        return "a document was given the number of another"
    texts = memoryview(b"".join(each.texts for each in parts)).cast("q").tolist()
    places = sorted(zip(texts[::2], texts[1::2], strict=True))
    if any(one > other for (_, one), (_, other) in pairwise(places)):
        return "a text stands before one of an earlier entry"
    return ""


def _files_read(folder: Path) -> tuple[int, bool]:
    """Return how many lines the log has, and whether there are sums, all right."""
    return _count_lines(folder / "log.jsonl"), verify_history.verify_sums(folder)


def _count_lines(path: Path) -> int:
    """Return how many lines a file has. Raises TamperedError where it ends amid one."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            count, last = count + piece.count(b"\n"), piece[-1:]
    verify_history.require(last == b"\n", path.name, "was cut off")
    return count


def _wrong_root(parts: Sequence[ShareVerified], checkpoints: Sequence[Checkpoint]) -> str:
    """Return which checkpoint has another root than the log, or nothing."""
    blocks = dict(chain.from_iterable((each.blocks or {}).items() for each in parts))
    prefixes = dict(chain.from_iterable((each.prefixes or {}).items() for each in parts))
    before: list[Peaks] = [[]]
    for number in range(len(blocks)):
        before.append(joined(before[-1], blocks[number]))
    if len({each.origin for each in checkpoints}) > 1:
        return "the checkpoints are of different logs"
    for each in checkpoints:
        root = prefixes.get(each.size)
        if root is None:
            return f"{each.name} is larger than the log"
        if root_of([*before[(each.size - 1) // BLOCK], (0, root)]) != each.root:
            return f"{each.name} has another root than the log"
    return ""


def _follow(share: WorkShare) -> ShareVerified:
    """Do one process's part."""
    gc.disable()
    try:
        return _followed(share)
    except (TamperedError, IncompleteError) as exc:
        return ShareVerified(wrong=str(exc))
    except (OSError, LookupError, TypeError, ValueError) as exc:
        return ShareVerified(wrong=repr(exc))
    finally:
        gc.enable()


def _followed(share: WorkShare) -> ShareVerified:
    folder = share.folder
    definitions = dict(verify_history.read_definitions(folder))
    verifier = Verifier(definitions)
    salts = folder / _TEXTS
    verifier.missing = {} if salts.exists() else None
    known = KnownSteps(verifier)
    with (folder / "log.jsonl").open("rb") as places:
        log = BlockLog(places, share.wanted)
        lines = Lines(share, log, known)
        texts = _follow_entries(lines, known, _own_lines(salts, share) if salts.exists() else ())
    _verify_items(folder / "items.jsonl", known, share)
    files = {of_hash for (_, of_hash), entry in verifier.files.items() if entry}
    for each in files if (folder / "files").is_dir() else ():
        is_same = sha256((folder / "files" / each).read_bytes()).hexdigest() == each
        require(is_same, f"files/{each}", "is another")
    if share.number == 0:
        for key in definitions:
            require(key in verifier.published, f"definitions/{key}.json", "was never published")
        if (folder / "people.jsonl").exists():
            rows = verify_history.read_lines(folder / "people.jsonl")
            verify_history.verify_people(rows, verifier.people)
    return ShareVerified(
        entries=known.entries,
        subjects=len(known.subjects),
        commands=verifier.commands.tobytes(),
        blocks=log.blocks,
        prefixes=log.prefixes,
        files=frozenset(files),
        carrying=frozenset(verifier.carrying),
        carried=frozenset(verifier.carried),
        numbers=frozenset(verifier.numbers),
        keys=verifier.keys,
        texts=texts.tobytes(),
    )


def _follow_entries(
    lines: "Lines", known: KnownSteps, rows: Iterable[tuple[int, bytes]]
) -> "array[int]":
    """Verify the entries of a share, and the texts that they committed to.

    Returns the lines of those texts, and after each the line of its entry.
    """
    verifier, texts, left = known.verifier, array("q"), iter(rows)
    line, row = next(left, _NO_ROW)
    for position, name, raw in lines.own():
        if (promise := known.take(name, raw)) is None:
            body = known.judge(line_of(raw))
        elif promise.name:
            body = promise.body_of(name)
        else:
            continue
        if not body["commitments"]:
            continue
        opening, found = _TEXT_OF % (name, body["seq"]), []
        while row.startswith(opening):
            found.append(row)
            texts.extend((line, position))
            line, row = next(left, _NO_ROW)
        if not (promise and len(found) == 1 and promise.is_kept(found[0], len(opening))):
            verifier.verify_texts(body, [_row_in(each, _TEXTS) for each in found])
    require(not row, _TEXTS, "has a text that belongs to no commitment")
    if verifier.missing and any(verifier.missing.values()):
        raise IncompleteError("a text is missing, and no entry says that it was erased")
    return texts


def _verify_items(path: Path, known: KnownSteps, share: WorkShare) -> None:
    """Verify that the rows of items say what the entries say."""
    if not known.are_items(raw for _, raw in _own_lines(path, share, b"item:")):
        known.hand_over_all()
        rows = _own_rows(path, share, b"item:")
        verify_history.verify_items(rows, known.verifier.report)


def _is_of(subject: bytes, share: WorkShare) -> bool:
    """Return whether a share follows a subject; what all judge by is for the first.

    Processes that were forked hash alike.
    """
    if subject.startswith(_SHARED):
        return share.number == 0
    return hash(subject) % share.of == share.number


def _own_lines(path: Path, share: WorkShare, kind: bytes = b"") -> Iterator[tuple[int, bytes]]:
    """Yield the lines about the subjects that a share follows, each with its number.

    ``kind``: what their names leave out.
    """
    start = len(b'{"":"') + len(next(iter(verify_history.ROWS[path.name])))
    if not path.exists():
        raise IncompleteError(f"the file {path.name} is missing")
    with path.open("rb") as file:
        for number, raw in enumerate(file):
            if _is_of(kind + raw[start : raw.find(b'"', start)], share):
                yield number, raw


def _own_rows(path: Path, share: WorkShare, kind: bytes = b"") -> Iterator[verify_history.Json]:
    """Yield the rows of `_own_lines`."""
    for _, raw in _own_lines(path, share, kind):
        yield _row_in(raw, path.name)


def _row_in(raw: bytes, file: str) -> verify_history.Json:
    row: verify_history.Json = orjson.loads(raw)
    is_written = isinstance(row, dict) and orjson.dumps(row) + b"\n" == raw
    kinds = [(key, type(value)) for key, value in row.items()] if is_written else []
    require(kinds == [*verify_history.ROWS[file].items()], file, "has a line of another form")
    return row


class Lines:
    """The entries that a share follows; the others pass by, for the log is over all of them."""

    def __init__(self, share: WorkShare, log: BlockLog, known: KnownSteps) -> None:
        self._share = share
        self._log = log
        self._known = known

    def own(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield them as they are written, each with its position and subject.

        What all judge by is folded on the way where the first share judges it.
        """
        share, log, known = self._share, self._log, self._known
        part, of = share.number, share.of
        with (share.folder / "entries.jsonl").open("rb", buffering=1 << 16) as file:
            for number, block in enumerate(iter(lambda: list(islice(file, BLOCK)), [])):
                if number % of == part:
                    log.add(number, block)
                for position, raw in enumerate(block, number * BLOCK):
                    name = raw[_SUBJECT : raw.find(b'"', _SUBJECT)]
                    if raw[_SUBJECT] != _ITEM and name.startswith(_SHARED):
                        if part:
                            known.fold(raw)
                            continue
                    elif hash(name) % of != part:
                        continue
                    yield position, name, raw


def line_of(raw: bytes) -> Line:
    """Return a line of entries. Raises ValueError where it is not written as it is to be."""
    head, _, body = raw.partition(b',"body":')
    head += b"}"
    line: Line = orjson.loads(head)
    text = orjson.loads(body[:-2])
    is_written = orjson.dumps(line) == head and orjson.dumps(text) + b"}\n" == body
    if not is_written or [(key, type(line[key])) for key in line] != _MEMBERS:
        raise ValueError("an entry is not written as it is to be")
    line["body"] = text
    return line


def _verified_notes(folder: Path, named: Sequence[str], files: Iterable[str]) -> list[Checkpoint]:
    """Return checkpoints of an export, signed with the keys that the history names."""
    keys, found = [parse_verifier_key(each) for each in named], []
    for name in (f"checkpoints/{each}" for each in files):
        raw = (folder / name).read_bytes()
        found.append(verify_history.read_own_checkpoint(name, raw)[0])
        is_signed = signers(parse_note(raw.decode()), keys)
        require(is_signed, name, "is not signed by a key of the history")
    return found
