"""Any single change of any byte of an export's data files is found, whatever becomes of its sums."""

import random

import pytest

from tests.histories import PEOPLE, History
from tests.made_exports import write_export, write_files
from workflow.history.verify_history import IncompleteError, TamperedError
from workflow.queries import fast_verification

UNCOVERED = 3
"""How many entries come after the checkpoint."""
STEP = 2000
"""Bytes from one place that is changed to the next; all of them in the long run."""


class OfEveryType(History):
    """The agency's founding, an entry of each type that is about no item, and the lives of two items."""

    def entries(self, *_):
        yield from self.founding()
        for subject, kind, members in self.events.each():
            yield self.line(subject, kind, members.pop("data"), **members)
        for kind in self.definitions:
            yield from self.drafted(kind)
            yield from self.lived(self.items[-1])


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """A small export without sums, as somebody leaves it who would have to compute them anew."""
    folder = tmp_path_factory.mktemp("small") / "export"
    count, history = len(list(OfEveryType(38).entries())), OfEveryType(38)
    write_export(folder, history, count, every=count - UNCOVERED)
    write_files(folder, history)
    assert not (folder / "SHA256SUMS").exists()
    return folder


@pytest.fixture(autouse=True)
def wordless(monkeypatch):
    """Nobody asks what is wrong, only whether anything is."""
    monkeypatch.setattr(fast_verification.verify_history, "verify_folder", lambda *_: None)


def is_whole(folder):
    try:
        fast_verification.verify_folder(folder)
    except (TamperedError, IncompleteError):
        return False
    return True


def other_bytes(rng, place, whole):
    """The file with another byte there, without it, and with one more before it."""
    changed = bytearray(whole)
    if place < len(whole):
        changed[place] ^= rng.randrange(1, 256)
        yield bytes(changed)
        yield whole[:place] + whole[place + 1 :]
    more = rng.choice([b" ", b"\n", b"0", b"a", b"A", b'"', b"\\"])
    yield whole[:place] + more + whole[place:]


def places(rng, size, step):
    """The ends, and one in each stretch of a file."""
    return {
        0,
        size - 1,
        size,
        *(min(size, each + rng.randrange(step)) for each in range(0, size, step)),
    }


def test_a_line_that_opens_otherwise_is_found(export, is_long):
    """Also one that is told by the bytes that it has in common with others before it."""
    path, opening = export / "entries.jsonl", len(b'{"subject":"')
    whole, start, missed = path.read_bytes(), 0, []
    chance = random.Random(7)  # noqa: S311 - the same again
    for number, line in enumerate(whole.splitlines(keepends=True)):
        each = range(start, start + opening)
        for place in each if is_long else chance.sample(each, 4):
            path.write_bytes(whole[:place] + b"/" + whole[place + 1 :])
            if is_whole(export):
                missed.append((number, place - start))
        start += len(line)
    path.write_bytes(whole)
    assert missed == []


def test_any_change_of_a_byte_is_found(export, is_long):
    rng = random.Random(7)  # noqa: S311 - the same again
    files = [
        path
        for path in sorted(export.rglob("*"))
        if path.suffix in {".jsonl", ".json", ".txt"} or path.parent.name == "files"
    ]
    assert {path.name for path in files} >= {
        f"{name}.jsonl" for name in ("entries", "log", "items", "people", "salts")
    }
    missed = []
    for path in files:
        whole = path.read_bytes()
        for place in sorted(places(rng, len(whole), 1 if is_long else STEP)):
            for changed in other_bytes(rng, place, whole):
                path.write_bytes(changed)
                if changed != whole and is_whole(export):
                    missed.append((path.name, place, changed[max(0, place - 20) : place + 20]))
        path.write_bytes(whole)
    assert missed == []
    assert is_whole(export)


def test_a_person_keeps_the_name_that_a_later_entry_says_nothing_of(tmp_path):
    """As every reader: none lets another name pass because somebody only moved since."""
    history = OfEveryType(38)
    write_export(tmp_path / "export", history, 0)
    path = tmp_path / "export" / "people.jsonl"
    whole = path.read_bytes()
    for number in PEOPLE:
        other = whole.replace(f'Người số {number}"'.encode(), f'Người khác {number}"'.encode())
        path.write_bytes(other)
        assert other != whole
        assert not is_whole(tmp_path / "export"), number
