"""Who takes gzip, by what a request says of it (RFC 9110 §12.5.3)."""

import pytest

from api.web.compression import takes_gzip


@pytest.mark.parametrize(
    ("asked", "takes"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip ; q=1.000", True),
        ("*", True),
        ("*;q=0.1, identity", True),
        ("identity", False),
        ("br, zstd", False),
        ("gzippy", False),
        ("gzip;q=0", False),
        ("gzip; Q=0.000", False),
        ("*, gzip;q=0", False),
        ("gzip;q=0, br", False),
        ("*;q=0", False),
        ("gzip;q=2", False),
        ("gzip;q=x", False),
    ],
)
def test_what_is_weighed_with_nothing_is_not_taken(asked, takes):
    assert takes_gzip({} if asked is None else {"accept-encoding": asked}) is takes
