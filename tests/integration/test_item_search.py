"""Items are found by parts of their words, by an index that triggers keep; lists are read in order."""

import pytest
from sqlalchemy import event, text

from tests.conftest import CAMPAIGN
from workflow.people import Scope
from workflow.store import item_search, listing
from workflow.store.instants import read
from workflow.store.item_search import few_holding, few_holding_any
from workflow.store.listing import ItemFilter, count_items, item_ids, neighbours

STAFF = "staff.htqt@so.example"
ALL = Scope(is_everything=True, department=None)


def titled(running, title):
    """Return the code of a draft of that title."""
    draft = running.draft()
    answer = running.client(STAFF).patch(
        f"/items/{draft['code']}", json={"title": title}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 200, answer.text
    return draft["code"]


@pytest.fixture(autouse=True)
def _asks_the_index(monkeypatch):
    """Let the newest item alone be looked through before the index is asked."""
    monkeypatch.setattr(listing, "LOOKED_THROUGH", 1)


@pytest.fixture
def connection(running):
    with running.parts.engines.read.connect() as connection:
        yield connection


def found(connection, words, **more):
    """The codes of what a list of those words shows."""
    ids = item_ids(connection, ALL, ItemFilter(text=words, **more), before=None, count=50)
    assert count_items(connection, ALL, ItemFilter(text=words, **more)) == len(ids)
    query = text("SELECT code FROM items WHERE id = :id")
    return [connection.execute(query, {"id": each}).scalar() for each in ids]


def found_id(connection, code):
    return connection.execute(
        text("SELECT id FROM items WHERE code = :code"), {"code": code}
    ).scalar()


def test_words_and_their_beginnings_are_found_and_nothing_else(running, connection):
    code = titled(running, "Tập thể Xuyên-Vũng “Quỳnh Ngoằng” 100%_\\\"' [là*gì?] không")
    for words in (
        *("xuyen-vun", "vung", "ngoan quynh", "ngoang xuyen", "100%_\\\"'", "“quynh", "la gi"),
        *("khong quynh", "(la*gi?)", "[la*g", code[3:].lower(), code.lower()[:8]),
    ):
        assert code in found(connection, words), words
    for words in (
        *("uyen-vun", "uynh", "xuyenvung", "ngoang-quynh", "00 ngoang", "la?gi", "khong ng"),
        *("xuyen-vun khongthayxyz", "qu ngoang"),
    ):
        assert found(connection, words) == [], words
    assert found(connection, "xuyen-vun", campaign=CAMPAIGN, state="drafted") == [code]
    assert found(connection, "xuyen-vun", state="submitted") == []
    assert few_holding(connection, ["uyen-vun"]) == few_holding(connection, ["ngoan", "quynh"])
    assert few_holding(connection, ["khongthayxyz"]) == []


def test_what_a_title_does_not_say_any_more_is_not_found(running, connection):
    code = titled(running, "Bẵngxưa nằm đây")
    assert found(connection, "bangxua") == [code]
    version = running.client(STAFF).get(f"/items/{code}").headers["ETag"]
    running.client(STAFF).patch(
        f"/items/{code}", json={"title": "Nay khácthay"}, headers={"If-Match": version}
    )
    connection.rollback()
    assert found(connection, "bangxua") == []
    assert found(connection, "khacthay") == [code]
    if connection.dialect.name == "postgresql":
        left = text("SELECT count(*) FROM search_words WHERE word = 'bangxua'")
        assert connection.execute(left).scalar() == 0


def test_the_index_knows_every_part_of_a_word_that_is_too_long_for_it(running, connection):
    word = "".join(chr(ord("a") + each % 26) * (each % 7 + 1) for each in range(70))
    code = titled(running, word[:290])
    for start in (0, 60, 90):
        assert few_holding(connection, [word[start : start + 200]]) == [found_id(connection, code)]
    assert found(connection, word[:200]) == [code]


def test_the_index_does_not_say_where_it_cannot_tell(running, connection, monkeypatch):
    codes = [titled(running, f"Trùnglặp thứ {each}") for each in range(3)]
    assert few_holding(connection, ["tr", "a"]) is None
    assert few_holding_any(connection, ["trunglap", "an"]) is None
    assert len(few_holding_any(connection, ["trunglap thu 0", "trunglap thu 2"])) >= 2
    monkeypatch.setattr(item_search, "FEW", 2)
    assert few_holding(connection, ["trunglap"]) is None
    assert found(connection, "trunglap") == codes[::-1]
    monkeypatch.setattr(item_search, "_MOST_WORDS", 0)
    assert found(connection, "trunglap") == codes[::-1]


def test_what_the_newest_items_hold_is_found_without_the_index(running, connection, monkeypatch):
    codes = [titled(running, f"Gầnđây {each * 5}") for each in "xyzw"]
    connection.rollback()
    monkeypatch.setattr(listing, "LOOKED_THROUGH", 3)
    sent = []
    event.listen(
        connection,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: sent.append(statement),
    )

    def newest(count, words="ganday", **more):
        sent.clear()
        wanted = ItemFilter(text=words, **more)
        return [*item_ids(connection, ALL, wanted, before=None, count=count)]

    every = newest(4)
    assert [each for each in sent if "item_search" in each]
    assert newest(3) == every[:3]
    assert not [each for each in sent if "item_search" in each]
    assert newest(4, "xxxxx ganday") == every[3:]
    monkeypatch.setattr(listing, "LOOKED_THROUGH", 100)
    assert newest(4) == every
    assert newest(4, state="drafted") == every
    assert newest(4, "khongthayxyz") == []
    assert not [each for each in sent if "item_search" in each]
    assert len(every) == len(codes)


def test_more_than_are_counted_one_by_one_are_counted_as_one_more(running, connection, monkeypatch):
    running.draft()
    monkeypatch.setattr(listing, "MOST_COUNTED", 1)
    titled(running, "Một")
    connection.rollback()
    assert count_items(connection, ALL, ItemFilter()) == 2


@pytest.mark.parametrize("is_by_due", [False, True])
def test_pages_and_neighbours_follow_one_order(running, connection, is_by_due):
    for state in ("drafted", "submitted", "submitted", "department_approved"):
        running.item_in(state)
    connection.rollback()
    wanted = ItemFilter(is_by_due=is_by_due)
    whole = item_ids(connection, ALL, wanted, before=None, count=200)
    dues = dict(connection.execute(text("SELECT id, due_at FROM items")).all())
    if is_by_due:
        undated = [each for each in whole if dues[each] is None]
        dated = [each for each in whole if dues[each] is not None]
        assert len(dated) >= 3
        assert whole == dated + undated
        assert dated == sorted(dated, key=lambda each: (dues[each], each))
        assert undated == sorted(undated, reverse=True)
    else:
        assert whole == sorted(whole, reverse=True)
    for place, each in enumerate(whole):
        assert item_ids(connection, ALL, wanted, before=each, count=200) == whole[place + 1 :]
        assert count_items(connection, ALL, wanted, up_to=each) == place + 1
        before = whole[place - 1] if place else None
        after = whole[place + 1] if place + 1 < len(whole) else None
        assert neighbours(connection, ALL, wanted, each) == (before, after)


def test_what_waits_for_somebody_is_found_whoever_has_how_much(running, connection, monkeypatch):
    codes = [running.item_in("submitted")["code"] for _ in range(4)]
    connection.rollback()
    head = running.person("head.htqt@so.example").id
    wanted = ItemFilter(holder=head)
    query = text("SELECT item_id FROM holders WHERE person = :head ORDER BY item_id DESC")
    held = list(connection.execute(query, {"head": head}).scalars())
    assert len(held) >= len(codes)
    for looked_through in (1, 3, 300):
        monkeypatch.setattr(listing, "_LOOKED_THROUGH_FOR_LESS", looked_through)
        for count in (1, 3, 200):
            assert item_ids(connection, ALL, wanted, before=None, count=count) == held[:count]
        assert item_ids(connection, ALL, wanted, before=held[0], count=2) == held[1:3]
    assert count_items(connection, ALL, wanted) == len(held)
    assert count_items(connection, ALL, ItemFilter(holder=head, state="drafted")) == 0
    assert count_items(connection, ALL, wanted, up_to=held[1]) == 2


@pytest.mark.parametrize("looked_through", [0, 2, 300])
def test_what_is_due_within_some_days_is_found_wherever_it_stands(
    running, connection, monkeypatch, looked_through
):
    running.item_in("submitted")
    running.item_in("department_approved")
    connection.rollback()
    monkeypatch.setattr(listing, "_LOOKED_THROUGH_FOR_LESS", looked_through)
    query = text("SELECT id, state, due_at FROM items ORDER BY id DESC")
    every = connection.execute(query).all()
    dues = sorted({each.due_at for each in every if each.due_at})
    for end in (dues[0], dues[-1], "2100-01-01T00:00:00.000000Z"):
        for state in (None, "submitted"):
            wanted = ItemFilter(overdue_at=read(end), state=state)
            late = [
                each.id
                for each in every
                if each.due_at and each.due_at < end and state in (None, each.state)
            ]
            assert item_ids(connection, ALL, wanted, before=None, count=200) == late
            assert item_ids(connection, ALL, wanted, before=None, count=2) == late[:2]
            assert count_items(connection, ALL, wanted) == len(late)
            if len(late) > 2:
                assert item_ids(connection, ALL, wanted, before=late[0], count=200) == late[1:]
                assert neighbours(connection, ALL, wanted, late[1]) == (late[0], late[2])
    assert len(late) > 2
