"""What asks a person for an answer beside items: proposals to confirm, findings of the audit.

Owns that the menu counts what My work shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from workflow.context import Context
from workflow.model import Person
from workflow.queries.findings import AuditFinding, newest_findings
from workflow.queries.proposals import ProposalView, awaiting

_MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOf:
    """What waits for a person's answer."""

    proposals: Sequence[ProposalView]
    findings: Sequence[AuditFinding]

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.proposals) + len(self.findings)


def asked_of(context: Context, connection: Connection, person: Person) -> AskedOf:
    """Return what asks ``person``."""
    findings = newest_findings(
        connection, addressee=person.id, only_open=True, before=None, count=_MOST
    )
    return AskedOf(proposals=awaiting(context, connection, person), findings=findings)
