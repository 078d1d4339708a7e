"""What the agency is called, and whom it tells outside: settings that the set-up keeps."""

from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection

from workflow.definition import OutgoingRules, Signing
from workflow.store import definitions

DEPLOYMENT = "deployment"
AGENCY = "agency"
"""Setting, as JSON: name, symbol, superior, place, who is told outside, who signs, who numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A mailbox outside the agency that gets notices."""

    id: str
    name: str
    email: str
    organ_id: str = ""
    """Its identifier on the document axis, where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """What the agency is called, and whom it tells outside."""

    name: str = "Cơ quan"
    symbol: str = "SNgV"
    superior: str = ""
    place: str = ""
    outside: tuple[Outside, ...] = ()
    signing: Signing = field(default_factory=Signing)
    """Who signs for the head by the agency's file; of effect once the head has confirmed it."""
    outgoing: OutgoingRules = field(default_factory=OutgoingRules)

    @property
    def recipient(self) -> Outside | None:
        """Return who gets the package of a dossier that leaves by mail, and answers it."""
        wanted = self.outgoing.answered_by
        return next((each for each in self.outside if each.id == wanted), None)


def load_agency(connection: Connection) -> Agency:
    """Return the agency as it was set up."""
    stored = definitions.setting(connection, AGENCY)
    if stored is None:
        return Agency()
    parsed = orjson.loads(stored)
    outside = tuple(Outside(**each) for each in parsed.pop("outside"))
    signing = Signing.model_validate(parsed.pop("signing", {}))
    outgoing = OutgoingRules.model_validate(parsed.pop("outgoing", {}))
    return Agency(**parsed, outside=outside, signing=signing, outgoing=outgoing)
