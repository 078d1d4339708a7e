"""The address of the database, as an operator writes it.

Apart from ``setting_values``, for SQLAlchemy takes 170 ms to load, which no wrong argument of the
command line is to wait for. No part of a URL may stand in a sentence: it may be a password.
"""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from api.setting_values import PORTS, WrongValueError
from workflow.messages import lazy


def parse_database_url(text: str) -> str:
    """Return a database URL of a kind that the product knows. Raises WrongValueError."""
    wrong = lazy(
        "write sqlite:////folder/thidua.db or "
        "postgresql://user:password@host/database; special characters in the password "
        "as %xx (@ is %40, / is %2F, # is %23)"
    )
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise WrongValueError(wrong) from None
    is_file = (
        backend == "sqlite"
        and not url.host
        and not url.query
        and (url.database or "").strip(":") not in {"", "memory"}
    )
    is_server = (
        backend == "postgresql"
        and bool(url.database)
        and url.port != 0
        and (url.port or 1) in PORTS
    )
    if not (is_file or is_server) or "\0" in text:
        raise WrongValueError(wrong)
    return text
