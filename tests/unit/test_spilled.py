"""Records that are spilled to a file are those that were put in, in their order."""

import random

import pytest

from workflow.history.verify_history import Subject
from workflow.queries import spilled
from workflow.queries.spilled import SpilledRecords, SpillFile


def values_of(record):
    return (*vars(record).values(),)


@pytest.fixture
def file(monkeypatch):
    monkeypatch.setattr(spilled, "_MOST_LIVE", 3)
    with SpillFile() as opened:
        yield opened


def test_records_that_grow_and_shrink_are_as_they_were_left(file):
    rng = random.Random(5)  # noqa: S311 - the same again
    kept, records = {}, SpilledRecords(file, values_of, Subject)
    for _ in range(3000):
        name = f"item:{rng.randrange(40)}"
        for each in (kept, records):
            record = each.get(name) or each.setdefault(name, Subject())
            record.seq += 1
        size = rng.randrange(30)
        for each in (kept, records):
            each[name].taken = tuple((seq, "tặng", 1, 2) for seq in range(size))
            each[name].content_hash = "ab" * size or None
    assert len(kept) == 40
    assert [*records.items()] == [*kept.items()]
    records.settle()
    assert [*records.items()] == [*kept.items()]


def test_what_is_got_after_all_is_settled_is_a_copy(file):
    records = SpilledRecords(file, values_of, Subject)
    for number in range(10):
        records[f"item:{number}"] = Subject(seq=number)
    records.settle()
    records["item:4"].seq = 99
    assert records["item:4"].seq == 4
    for number in (4, 5, 6, 7, 8):
        records[f"item:{number}"] = Subject(seq=100 + number)
    assert [each.seq for each in records.values()] == [0, 1, 2, 3, 104, 105, 106, 107, 108, 9]


def test_a_name_that_was_never_put_in_is_not_there(file):
    records = SpilledRecords(file, values_of, Subject)
    records["item:1"] = Subject()
    assert records.get("item:2") is None
    assert "item:2" not in records
    del records["item:1"]
    assert [*records] == []
    assert records.get("item:1") is None


def test_the_file_is_closed_with_what_needs_it():
    with SpillFile() as file:
        place = file.write(0, b"x")
        assert file.read(place)[:1] == b"x"
    with pytest.raises(ValueError, match="closed"):
        file.read(place)
