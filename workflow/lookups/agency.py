"""What the agency is called, and whom it tells outside: settings that the set-up keeps."""

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from workflow.store import definitions

DEPLOYMENT = "deployment"
AGENCY = "agency"
"""Setting: name, symbol, superior, place and outside recipients of the agency, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A mailbox outside the agency that gets notices."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """What the agency is called, and whom it tells outside."""

    name: str = "Cơ quan"
    symbol: str = "SNgV"
    superior: str = ""
    place: str = ""
    outside: tuple[Outside, ...] = ()


def load_agency(connection: Connection) -> Agency:
    """Return the agency as it was set up."""
    stored = definitions.setting(connection, AGENCY)
    if stored is None:
        return Agency()
    parsed = orjson.loads(stored)
    outside = tuple(Outside(**each) for each in parsed.pop("outside"))
    return Agency(**parsed, outside=outside)
