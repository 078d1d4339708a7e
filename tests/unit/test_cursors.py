"""Cursors of lists: what is made is read again, and nothing else is."""

import pytest

from api.cursors import next_cursor, read_cursor, write_cursor
from workflow.errors import InvalidRefusal
from workflow.values import LARGEST_ID


@pytest.mark.parametrize("last", [1, 9, 10, 4711, LARGEST_ID])
def test_a_cursor_is_read_as_it_was_written(last):
    assert read_cursor(write_cursor(last)) == last


def test_without_a_cursor_a_list_begins_at_its_beginning():
    assert read_cursor(None) is None


@pytest.mark.parametrize("given", ["", "i5", "aTU=", "aTU ", "aTA1", "Yjk", "aS0x", "aQ", "ạ"])
def test_a_cursor_of_somebody_else_is_refused(given):
    with pytest.raises(InvalidRefusal):
        read_cursor(given)


@pytest.mark.parametrize(
    ("found", "limit", "last"), [([], 2, None), ([9, 8], 2, None), ([9, 8, 7], 2, 8)]
)
def test_there_is_a_next_page_where_one_more_was_found(found, limit, last):
    assert next_cursor(found, limit) == (None if last is None else write_cursor(last))
