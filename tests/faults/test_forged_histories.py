"""Histories that somebody changed with all the means of an owner, and two verifiers that are to find it.

One is the product's, the other was written from FORMAT.md alone, in JavaScript. The forger computes
every hash anew, and may have the log, the rows, the texts and the sums follow; not the checkpoints.
"""

import base64
import hashlib
import json
import random
import shutil
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from playwright._impl._driver import compute_driver_executable

from tests.histories import (
    CHIEF,
    DIRECTOR,
    KEY,
    OFFICER,
    ROOT,
    History,
)
from tests.made_exports import Tree, write_export, write_files
from workflow import canonical
from workflow.history import verify_history
from workflow.history.checkpoints import parse_note, parse_verifier_key, signers
from workflow.history.verify_history import INCOMPLETE, OK, TAMPERED, main, read_checkpoints
from workflow.queries import block_log, fast_verification
from workflow.queries.audit import write_sums

ENTRIES, EVERY = 130, 40
LAST = ENTRIES // EVERY * EVERY
"""What lies from this position on is under no checkpoint."""
FILES = ("entries.jsonl", "log.jsonl", "items.jsonl", "people.jsonl", "salts.jsonl", "SHA256SUMS")


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """Make one whole export, which nobody changes."""
    folder = tmp_path_factory.mktemp("whole") / "export"
    history = History(1)
    write_export(folder, history, ENTRIES, every=EVERY)
    write_files(folder, history)
    write_sums(folder)
    return folder


def said(folder, capsys, *outside):
    status = main([str(folder), *map(str, outside)])
    return status, capsys.readouterr().out


def read(path: Path) -> list[Any]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def rewrite(path: Path, rows: list[Any]) -> None:
    path.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in rows))


@dataclass
class Forger:
    """Somebody with the whole export in hand."""

    folder: Path
    random: random.Random

    def __post_init__(self) -> None:
        """Read what is there."""
        self.lines = read(self.folder / "entries.jsonl")

    def bodies(self) -> list[dict[str, Any]]:
        return [orjson.loads(each["body"]) for each in self.lines]

    def put(self, bodies: list[dict[str, Any]], *, numbered: bool = True) -> None:
        """Write entries with these bodies, each chained to the one before it."""
        ends: dict[str, tuple[int, str]] = {}
        self.lines = []
        for body in bodies:
            seq, prev = ends.get(body["subject"], (0, "00" * 32))
            text = canonical.encode({**body, "seq": seq + 1} if numbered else body).decode()
            digest = hashlib.sha256(b"\x02" + bytes.fromhex(prev) + text.encode()).hexdigest()
            ends[body["subject"]] = (seq + 1, digest)
            self.lines.append(
                {
                    "subject": body["subject"],
                    "seq": orjson.loads(text)["seq"],
                    "prev": prev,
                    "hash": digest,
                    "body": text,
                }
            )
        rewrite(self.folder / "entries.jsonl", self.lines)

    def follow_log(self) -> None:
        log = [{"position": n, "hash": each["hash"]} for n, each in enumerate(self.lines)]
        rewrite(self.folder / "log.jsonl", log)

    def follow_rows(self) -> None:
        """Have the rows of items say what the forged entries say."""
        items: dict[str, dict[str, Any]] = {}
        for line in self.lines:
            body = orjson.loads(line["body"])
            if line["subject"].startswith("item:"):
                items[line["subject"]] = {
                    "code": line["subject"][5:], "state": body["to"], "version": body["version"],
                    "step": body["step"], "content_hash": body["content_hash"],
                    "seq": line["seq"], "head": line["hash"],
                }  # fmt: skip
        rewrite(self.folder / "items.jsonl", list(items.values()))

    def follow_texts(self) -> None:
        """Leave the texts that still belong to a commitment."""
        there = {
            (each["subject"], each["seq"], name)
            for each in self.bodies()
            for name in each["commitments"]
        }
        texts = read(self.folder / "salts.jsonl")
        rewrite(
            self.folder / "salts.jsonl",
            [each for each in texts if (each["subject"], each["seq"], each["name"]) in there],
        )

    def follow_files(self) -> None:
        """Leave the files that an entry still names."""
        named = {each for body in self.bodies() for each in body["data"].get("files") or ()}
        for path in (self.folder / "files").iterdir():
            if path.name not in named:
                path.unlink()

    def follow_all(self) -> None:
        self.follow_files()
        self.follow_log()
        self.follow_rows()
        self.follow_texts()
        (self.folder / "SHA256SUMS").unlink(missing_ok=True)
        write_sums(self.folder)

    def drop_checkpoints(self, above: int) -> None:
        for path in (self.folder / "checkpoints").iterdir():
            if int(path.stem) > above:
                path.unlink()

    def sign(self) -> None:
        """Make a checkpoint of the forged log."""
        tree = Tree()
        for each in self.lines:
            tree.add(bytes.fromhex(each["hash"]))
        (self.folder / "checkpoints" / f"{tree.size:012}.txt").write_text(tree.note(), "utf-8")


MEMBERS: dict[str, tuple[Any, ...]] = {
    "actor": (None, 1, 2, 5, CHIEF, OFFICER, DIRECTOR, 99),
    "on_behalf_of": (None, 2, CHIEF, DIRECTOR),
    "position": (None, "staff", "chief", "director", "clerk"),
    "via": ("page", "link", "cli", "clock", "fax"),
    "method": ("session", "link", "pin", "totp", "none", "oath"),
    "transition": ("submit", "approve_department", "sign_director", "agree", "refuse", "x", None),
    "from": ("drafted", "submitted", "office_reviewed", "asked", None),
    "to": ("drafted", "submitted", "director_signed", "sent_to_ban_tdkt", "agreed", "x"),
    "version": (1, 2, 3, 9, None),
    "step": (1, 2, 3, 9, None),
    "decided_version": (1, 2, 8, None),
    "content_hash": ("0" * 64, None),
    "definition_hash": ("0" * 64, None),
    "type": (*sorted(verify_history.SUBJECT_OF), "approved"),
    "at": ("2022-05-04T01:00:00.000000Z", "2022-02-30T01:00:00.000000Z", "2022-05-04", "2023-01-01T00:00:00.000000Z"),
    "command_id": ("c7", "c40", "ê"),
    "data": ({}, {"holders": [[99, None]]}, {"holders": [[DIRECTOR, None]], "due_at": None}, {"undoes": 2}),
    "commitments": ({}, {"comment": "0" * 64}),
    "subject": ("item:DN-2022-0001", "agency", "person:1"),
    "v": (2, 1),
}  # fmt: skip


def changed_member(forger: Forger) -> None:
    bodies = forger.bodies()
    body = forger.random.choice(bodies)
    member = forger.random.choice(sorted(MEMBERS))
    body[member] = forger.random.choice(MEMBERS[member])
    forger.put(bodies)


def removed(forger: Forger) -> None:
    bodies = forger.bodies()
    del bodies[forger.random.randrange(len(bodies))]
    forger.put(bodies, numbered=forger.random.random() < 0.7)


def doubled(forger: Forger) -> None:
    bodies = forger.bodies()
    bodies.insert(forger.random.randrange(len(bodies)), dict(forger.random.choice(bodies)))
    forger.put(bodies)


def swapped(forger: Forger) -> None:
    bodies = forger.bodies()
    place = forger.random.randrange(1, len(bodies))
    bodies[place - 1], bodies[place] = bodies[place], bodies[place - 1]
    forger.put(bodies)


def cut_off(forger: Forger) -> None:
    forger.put(forger.bodies()[: forger.random.randrange(len(forger.lines))])


def one_byte(forger: Forger) -> None:
    paths = [
        path
        for path in sorted(forger.folder.rglob("*"))
        if path.is_file() and path.suffix not in {".md", ".py"}
    ]
    path = forger.random.choice(paths)
    raw = bytearray(path.read_bytes())
    raw[forger.random.randrange(len(raw))] ^= 1 << forger.random.randrange(8)
    path.write_bytes(raw)


def one_row(forger: Forger) -> None:
    """Change, drop, double or exchange a line of a file."""
    path = forger.folder / forger.random.choice(FILES[:5])
    lines = path.read_bytes().splitlines(keepends=True)
    place, other = (forger.random.randrange(len(lines)) for _ in range(2))
    how = forger.random.randrange(3)
    if how == 0:
        del lines[place]
    elif how == 1:
        lines.insert(place, lines[other])
    else:
        lines[place], lines[other] = lines[other], lines[place]
    path.write_bytes(b"".join(lines))


def salts_exchanged(forger: Forger) -> None:
    texts = read(forger.folder / "salts.jsonl")
    first, second = forger.random.sample(texts, 2)
    name = forger.random.choice(("salt", "text", "name", "seq"))
    first[name], second[name] = second[name], first[name]
    rewrite(forger.folder / "salts.jsonl", texts)


def checkpoint_edited(forger: Forger) -> None:
    path = forger.random.choice(sorted((forger.folder / "checkpoints").iterdir()))
    lines = path.read_text("utf-8").split("\n")
    how = forger.random.randrange(3)
    if how == 0:
        lines[2] = base64.b64encode(forger.random.randbytes(32)).decode()
    elif how == 1:
        lines[1] = str(int(lines[1]) + forger.random.choice((-1, 1, 1000)))
    else:
        lines[0] = lines[0].replace("0", "1", 1)
    path.write_text("\n".join(lines), "utf-8")


def attachment_exchanged(forger: Forger) -> None:
    path = forger.random.choice(sorted((forger.folder / "files").iterdir()))
    path.write_bytes(b"another")


def file_gone(forger: Forger) -> None:
    paths = [path for path in sorted(forger.folder.rglob("*")) if path.is_file()]
    forger.random.choice(paths).unlink()


def nothing(forger: Forger) -> None:
    forger.follow_log()


WAYS: tuple[Callable[[Forger], None], ...] = (
    *(changed_member,) * 6, removed, doubled, swapped, cut_off, *(one_byte,) * 3, one_row, one_row,
    salts_exchanged, checkpoint_edited, attachment_exchanged, file_gone, nothing,
)  # fmt: skip


def forge(folder: Path, seed: int) -> None:
    """Change an export in the way that ``seed`` says, and have more or less of it follow."""
    rng = random.Random(seed)  # noqa: S311 - the same again
    forger = Forger(folder, rng)
    rng.choice(WAYS)(forger)
    if len(forger.lines) and (folder / "entries.jsonl").exists() and rng.random() < 0.6:
        follows = (
            forger.follow_log,
            forger.follow_rows,
            forger.follow_texts,
            forger.follow_files,
            forger.sign,
        )
        for each in follows:
            if rng.random() < 0.7 and (folder / "salts.jsonl").exists():
                try:
                    each()
                except (ValueError, KeyError, TypeError):  # what one byte has made unreadable
                    continue
        if rng.random() < 0.3:
            forger.drop_checkpoints(rng.randrange(ENTRIES))
    if rng.random() < 0.7:
        (folder / "SHA256SUMS").unlink(missing_ok=True)


def other_verdicts(folders: list[Path], *outside: Path) -> list[dict[str, Any]]:
    """Return what the verifier in JavaScript says, also by checkpoints from outside."""
    files = [str(each) for each in outside]
    jobs = "".join(f"{json.dumps({'folder': str(each), 'outside': files})}\n" for each in folders)
    node = compute_driver_executable()[0]
    done = subprocess.run(
        [node, ROOT / "tests" / "verify_history.mjs"],
        input=jobs, capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_two_verifiers_agree_on_every_forged_history(export, tmp_path, capsys, is_long):
    count = 1000 if is_long else 80
    folders = []
    for seed in range(count):
        folders.append(tmp_path / f"{seed}")
        shutil.copytree(export, folders[-1])
        forge(folders[-1], seed)
    others = other_verdicts(folders)
    assert len(others) == count
    found = {OK: 0, TAMPERED: 0, INCOMPLETE: 0}
    for folder, other in zip(folders, others, strict=True):
        status, words = said(folder, capsys)
        assert (status, other["place"] in words) == (other["status"], True), (folder, words, other)
        found[status] += 1
    assert min(found.values()) > count / 50, found


def test_any_byte_that_is_another_is_found(export, tmp_path, capsys, is_long):
    shutil.copytree(export, tmp_path / "x")
    paths = [path for path in sorted((tmp_path / "x").rglob("*")) if path.is_file()]
    attached = len(list((export / "files").iterdir()))
    assert attached > 1
    assert len(paths) == len(FILES) + 4 + LAST // EVERY + attached
    rng = random.Random(3)  # noqa: S311 - the same again
    for path in paths:
        whole = path.read_bytes()
        for place in {
            0,
            len(whole) - 1,
            *(rng.randrange(len(whole)) for _ in range(60 if is_long else 6)),
        }:
            raw = bytearray(whole)
            raw[place] ^= rng.randrange(1, 256)
            path.write_bytes(raw)
            status, words = said(tmp_path / "x", capsys)
            assert status in {TAMPERED, INCOMPLETE}, (path.name, place, words)
        path.write_bytes(whole)
    assert said(tmp_path / "x", capsys)[0] == OK


def test_a_history_cut_off_at_any_length_is_missed_or_said_to_be_undecided(
    export, tmp_path, capsys
):
    kept = [path.read_text("utf-8") for path in sorted((export / "checkpoints").iterdir())]
    note = tmp_path / "mail.txt"
    note.write_text(kept[-1], "utf-8")
    for length in range(len(list(History(1).founding())) + 1, ENTRIES, 7):
        folder = tmp_path / f"{length}"
        shutil.copytree(export, folder)
        forger = Forger(folder, random.Random(length))  # noqa: S311 - the same again
        forger.put(forger.bodies()[:length])
        forger.drop_checkpoints(length)
        forger.follow_all()
        alone, words = said(folder, capsys)
        assert alone == OK
        assert ("UNDECIDED" in words) == (length % EVERY != 0)
        status, words = said(folder, capsys, note)
        if length < LAST:
            assert (status, f"is of {LAST} entries, the log ends after {length}" in words) == (
                INCOMPLETE,
                True,
            )
        else:
            assert (status, "UNDECIDED" in words) == (OK, True)


def test_a_history_written_anew_from_any_entry_on_is_found_by_the_next_checkpoint(
    export, tmp_path, capsys
):
    note = tmp_path / "mail.txt"
    note.write_text((export / "checkpoints" / f"{LAST:012}.txt").read_text("utf-8"), "utf-8")
    for place in (0, 5, LAST // 2, LAST - 1, LAST, ENTRIES - 1):
        folder = tmp_path / f"{place}"
        shutil.copytree(export, folder)
        forger = Forger(folder, random.Random(place))  # noqa: S311 - the same again
        bodies = forger.bodies()
        bodies[place]["command_id"] = "forged"
        forger.put(bodies)
        forger.drop_checkpoints(0)
        forger.follow_all()
        forger.sign()
        (folder / "SHA256SUMS").unlink()
        assert said(folder, capsys)[0] == OK, "right in itself, with a checkpoint of its own"
        status, words = said(folder, capsys, note)
        assert status == (TAMPERED if place < LAST else OK), words
        assert place >= LAST or f"position from 0 to {LAST - 1}" in words, words


def test_two_histories_from_one_beginning_are_told_apart_by_their_checkpoints(tmp_path, capsys):
    first, second = tmp_path / "first", tmp_path / "second"
    write_export(first, History(1), ENTRIES, every=EVERY)
    write_export(second, History(2), ENTRIES, every=EVERY)
    for path in sorted((first / "checkpoints").iterdir()):
        assert said(second, capsys, path)[0] == TAMPERED
        assert said(first, capsys, path)[0] == OK


def test_a_checkpoint_is_read_out_of_any_mail_that_carries_it(export, tmp_path):
    text = (export / "checkpoints" / f"{LAST:012}.txt").read_text("utf-8")
    (wanted,) = read_checkpoints(export / "checkpoints" / f"{LAST:012}.txt")
    mail = tmp_path / "mail.eml"
    for body in (
        text, "Kính gửi,\n\n" + "".join(f"> {each}\n" for each in text.splitlines()),
        text.replace("\n", "\r\n"),
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(text.encode()).decode(),
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + text.replace("=", "=3D").replace("\u2014", "=E2=80=94"),
    ):  # fmt: skip
        mail.write_bytes(body.encode())
        assert [each[1:] for each in read_checkpoints(mail)] == [wanted[1:]]


def fast_status(folder: Path) -> int:
    try:
        fast_verification.verify_folder(folder)
    except verify_history.TamperedError:
        return TAMPERED
    except verify_history.IncompleteError:
        return INCOMPLETE
    return OK


def are_signed(folder: Path) -> bool:
    """Return whether the signature of every checkpoint is right."""
    paths = (folder / "checkpoints").iterdir()
    notes = [parse_note(path.read_text("utf-8", "replace")) for path in paths]
    return all(signers(note, [parse_verifier_key(KEY)]) for note in notes)


def test_the_fast_verifier_agrees_whatever_the_number_of_its_processes(
    export, tmp_path, capsys, monkeypatch, is_long
):
    for seed in range(1000 if is_long else 40):
        folder = tmp_path / f"{seed}"
        shutil.copytree(export, folder)
        if seed:
            forge(folder, seed)
        size = 1 << 40 if seed % 2 else 1 << 16
        monkeypatch.setattr(fast_verification, "_BYTES_A_PROCESS", size)
        for module in (block_log, fast_verification):
            monkeypatch.setattr(module, "BLOCK", 16 if seed % 3 else 1 << 16)
        status = said(folder, capsys)[0]
        if status == OK and not are_signed(folder):
            status = TAMPERED
        assert fast_status(folder) == status, seed


def test_the_order_of_texts_is_seen_by_no_process_alone(export, tmp_path, monkeypatch):
    shutil.copytree(export, tmp_path / "x")
    (tmp_path / "x" / "SHA256SUMS").unlink()
    monkeypatch.setattr(fast_verification, "_BYTES_A_PROCESS", 1 << 16)
    path = tmp_path / "x" / "salts.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    found = [orjson.loads(each)["subject"].encode() for each in lines]
    shares = [None if each.startswith(b"person") else zlib.crc32(each) % 2 for each in found]
    place = next(n for n in range(1, len(lines)) if {*shares[n - 1 : n + 1]} == {0, 1})
    assert fast_status(tmp_path / "x") == OK
    lines[place - 1], lines[place] = lines[place], lines[place - 1]
    path.write_bytes(b"".join(lines))
    assert fast_status(tmp_path / "x") == TAMPERED


def test_the_fast_verifier_checks_the_signatures_that_the_other_names_as_unchecked(
    export, tmp_path, capsys
):
    shutil.copytree(export, tmp_path / "x")
    path = tmp_path / "x" / "checkpoints" / f"{LAST:012}.txt"
    text = path.read_text("utf-8")
    path.write_text(text[:-20] + ("A" if text[-20] != "A" else "B") + text[-19:], "utf-8")
    (tmp_path / "x" / "SHA256SUMS").unlink()
    status, words = said(tmp_path / "x", capsys)
    assert (status, "UNCHECKED: signatures of checkpoints" in words) == (OK, True)
    assert fast_status(tmp_path / "x") == TAMPERED


def test_the_first_line_of_a_checkpoint_is_the_name_of_its_key(export, tmp_path, capsys):
    """Where there is but one, no other tells that it is of another log."""
    shutil.copytree(export, tmp_path / "x")
    inside = tmp_path / "x" / "checkpoints"
    for path in inside.iterdir():
        if path.name != f"{LAST:012}.txt":
            path.unlink()
    path = inside / f"{LAST:012}.txt"
    path.write_text(path.read_text("utf-8").replace("/history\n", "/histary\n"), "utf-8")
    (tmp_path / "x" / "SHA256SUMS").unlink()
    status, words = said(tmp_path / "x", capsys)
    assert (status, f"checkpoints/{path.name} is signed by no key" in words) == (TAMPERED, True)
    assert other_verdicts([tmp_path / "x"]) == [
        {"status": TAMPERED, "place": f"checkpoints/{path.name}"}
    ]
    assert fast_status(tmp_path / "x") == TAMPERED
