"""Any one tampering with any data file of an export is found, by all three verifiers alike.

There are no sums that would tell, but for checkpoints, whose signatures only one of the three checks.
"""

import os
import random
import shutil
from functools import partial

import pytest

from tests.faults.test_forged_histories import Forger, other_verdicts
from tests.histories import History
from tests.made_exports import write_export, write_files
from workflow.history import verify_history
from workflow.history.verify_history import INCOMPLETE, OK, TAMPERED, read_checkpoints
from workflow.queries import fast_verification
from workflow.queries.audit import write_sums

ENTRIES, EVERY = 120, 40
IN_ANY_ORDER = {"items.jsonl", "people.jsonl"}


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """An export whose last checkpoint is over all of it, and left the house."""
    folder = tmp_path_factory.mktemp("whole") / "export"
    history = History(5)
    write_export(folder, history, ENTRIES, every=EVERY)
    write_files(folder, history)
    shutil.copyfile(folder / "checkpoints" / f"{ENTRIES:012}.txt", folder.parent / "mail.txt")
    return folder


def another_byte(rng, whole):
    place = rng.randrange(len(whole))
    return whole[:place] + bytes([whole[place] ^ rng.randrange(1, 256)]) + whole[place + 1 :]


def byte_less(rng, whole):
    place = rng.randrange(len(whole))
    return whole[:place] + whole[place + 1 :]


def byte_more(rng, whole):
    place = rng.randrange(len(whole) + 1)
    return whole[:place] + rng.choice([b" ", b"\n", b"0", b"a", b'"', b"\\"]) + whole[place:]


def neighbours_swapped(rng, whole):
    place = rng.randrange(1, len(whole))
    return whole[: place - 1] + whole[place - 1 : place + 1][::-1] + whole[place + 1 :]


def cut_off(rng, whole):
    return whole[: rng.randrange(len(whole))]


def line_less(rng, whole):
    lines = whole.splitlines(keepends=True)
    del lines[rng.randrange(len(lines))]
    return b"".join(lines)


def line_twice(rng, whole):
    lines = whole.splitlines(keepends=True)
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    return b"".join(lines)


def lines_swapped(rng, whole):
    lines = whole.splitlines(keepends=True)
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


IN_A_FILE = (
    another_byte, byte_less, byte_more, neighbours_swapped, cut_off, line_less, line_twice,
    lines_swapped,
)  # fmt: skip


def entry_inserted(rng, folder):
    """One that is well formed, with all that hangs on it made anew: chains, log, rows, texts."""
    forger = Forger(folder, rng)
    bodies = forger.bodies()
    place = rng.randrange(len(bodies))
    forged = {**rng.choice(bodies[: place + 1]), "command_id": "forged", "at": bodies[place]["at"]}
    bodies.insert(place + 1, {**forged, "commitments": {}})
    forger.put(bodies)
    forger.follow_all()
    (folder / "SHA256SUMS").unlink()


def is_order_free(name, whole, changed):
    """Whether the same lines stand in an order that the format leaves open: of lists, of an entry's texts."""
    before, after = whole.split(b"\n"), changed.split(b"\n")
    entries = [[line.partition(b',"name"')[0] for line in each] for each in (before, after)]
    is_said = name in IN_ANY_ORDER or (name == "salts.jsonl" and entries[0] == entries[1])
    return is_said and sorted(before) == sorted(after)


def tamper(export, folder, seed):
    """Tamper with a copy of an export in one way; say how."""
    rng = random.Random(seed)  # noqa: S311 - the same again
    if rng.random() < 0.15:
        shutil.copytree(export, folder)
        entry_inserted(rng, folder)
        return "an entry was inserted"
    shutil.copytree(export, folder, copy_function=os.link)
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix not in {".py", ".md", ""}]
    path = rng.choice(
        [*paths, *(p for p in paths if p.suffix == ".jsonl"), next((folder / "files").iterdir())]
    )
    whole = path.read_bytes()
    if path.parent.name == "checkpoints":
        write_sums(folder)
    while True:
        way = rng.choice(IN_A_FILE)
        changed = way(rng, whole)
        is_free = is_order_free(path.name, whole, changed)
        if changed != whole and not is_free:
            break
    path.unlink()
    path.write_bytes(changed)
    return f"{path.relative_to(folder)}: {way.__name__}"


def verdict(verify):
    try:
        verify()
    except verify_history.TamperedError:
        return TAMPERED
    except verify_history.IncompleteError:
        return INCOMPLETE
    return OK


def test_one_tampering_with_any_data_file_is_found_by_all_three_verifiers(
    export, tmp_path, is_long, monkeypatch
):
    monkeypatch.setattr(fast_verification, "_BYTES_A_PROCESS", 1 << 16)  # so that several share it
    mail = export.parent / "mail.txt"
    seeds = range(1000 if is_long else 40)
    done = {tmp_path / str(seed): tamper(export, tmp_path / str(seed), seed) for seed in seeds}
    others = other_verdicts([export, *done], mail)
    outside = read_checkpoints(mail)
    found = {}
    for folder, other in zip([export, *done], others, strict=True):
        said = [
            verdict(partial(each.verify_folder, folder, outside))
            for each in (verify_history, fast_verification)
        ]
        found[folder] = (done.get(folder, "nothing"), {*said, other["status"]})
    assert found.pop(export) == ("nothing", {OK})
    missed = {how: said for how, said in found.values() if OK in said or len(said) != 1}
    assert missed == {}
