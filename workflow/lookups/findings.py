"""A finding as one person may read it. Nothing here writes."""

from sqlalchemy import Connection

from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Person
from workflow.people import may_read_history
from workflow.store import findings
from workflow.store.findings import AuditFinding


def visible_finding(connection: Connection, finding: int, person: Person) -> AuditFinding:
    """Return a finding that ``person`` may read: as auditor, or as whom it asks.

    Raises NotFoundRefusal.
    """
    found = findings.finding_by_id(connection, finding)
    if found is None or not (may_read_history(person) or found.addressee == person.id):
        raise NotFoundRefusal(lazy("this finding"))
    return found
