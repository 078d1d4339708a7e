"""What a failure of the driver means to the doors."""

import sqlite3

import pytest

from workflow.errors import ConflictError, UnavailableError
from workflow.store.outages import unavailability


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        (sqlite3.SQLITE_SCHEMA, ConflictError),
        (sqlite3.SQLITE_BUSY, UnavailableError),
        (sqlite3.SQLITE_CANTOPEN, UnavailableError),
        (sqlite3.SQLITE_ERROR, type(None)),
    ],
)
def test_a_failure_of_sqlite_is_told_by_its_code(code, meant):
    failure = sqlite3.OperationalError("what the driver says")
    failure.sqlite_errorcode = code
    assert type(unavailability(failure, driver=object())) is meant
