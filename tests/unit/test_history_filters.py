"""The filters of the history: every type of entry is of one kind, and an address says what it was made from."""

from collections import Counter
from datetime import datetime

from api.auth.access_log import AccessKind
from api.history_filters import KIND_LABELS, KINDS, PATTERN_LABELS, HistoryQuery
from api.web.accesses_in_words import KINDS as OPENINGS
from workflow.history import EntryType
from workflow.queries.patterns import TYPES, Pattern, night_in_utc


def test_every_type_of_entry_is_of_one_kind_and_every_kind_has_a_name():
    found = Counter(each for types in KINDS.values() for each in types)
    assert found == Counter(EntryType)
    assert KINDS.keys() == KIND_LABELS.keys()
    assert set(Pattern) == PATTERN_LABELS.keys() == TYPES.keys()


def test_every_access_that_is_noted_is_called_something():
    assert set(AccessKind) == OPENINGS.keys()


def test_an_address_asks_for_what_it_was_made_from_and_for_nothing_else():
    query = HistoryQuery(code="DN-2022-0001", via="link", beside=True)
    assert query.address == "code=DN-2022-0001&via=link&beside=1"
    assert (
        HistoryQuery.of({"code": "DN-2022-0001", "via": "link", "beside": "1", "x": "y"}) == query
    )
    narrow = HistoryQuery(code="DN-2022-0001", since="2022-05-04", beside=True)
    assert narrow.without("since") == HistoryQuery(code="DN-2022-0001", beside=True)
    assert narrow.without("beside") == HistoryQuery(code="DN-2022-0001", since="2022-05-04")


def test_the_night_is_where_the_agency_is():
    def spans(offset):
        return list(night_in_utc(datetime.fromisoformat(f"2022-05-04T12:00:00{offset}")))

    assert spans("+07:00") == [("15:00", "23:00")]
    assert spans("+00:00") == [("22:00", "24:00"), ("00:00", "06:00")]
    assert spans("-05:30") == [("03:30", "11:30")]
