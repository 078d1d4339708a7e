"""Refusals of reading: what a route says to whoever may not see what it shows, one sentence each.

What somebody may change is judged inside the command, never here.
"""

from api.auth.sessions import Caller
from workflow.errors import NotPermittedRefusal, reason
from workflow.model import Position
from workflow.people import (
    may_manage_people,
    may_read_history,
    may_read_register,
    may_watch,
)


def require_watcher(asker: Caller) -> None:
    """Let pass only who sees what is kept of everybody. Raises NotPermittedRefusal."""
    if not may_watch(asker.person):
        raise NotPermittedRefusal(
            reason("office", "Only the Office, the Directorate and auditors may see this.")
        )


def require_register_reader(asker: Caller) -> None:
    """Let pass only who reads the register of outgoing documents. Raises NotPermittedRefusal."""
    if not may_read_register(asker.person):
        raise NotPermittedRefusal(
            reason(
                "register",
                "Only the clerk, the Office, the Directorate and auditors may see the register.",
            )
        )


def require_auditor(asker: Caller) -> None:
    """Let pass only auditors. Raises NotPermittedRefusal."""
    if not may_read_history(asker.person):
        raise NotPermittedRefusal(
            reason("auditor", "Only auditors may read and download the whole history.")
        )


def require_people_reader(asker: Caller) -> None:
    """Let pass only who manages people, and auditors. Raises NotPermittedRefusal."""
    if not may_manage_people(asker.person) and asker.person.position is not Position.AUDITOR:
        raise NotPermittedRefusal(
            reason(
                "people", "Only the Office, administrators and auditors may see the list of people."
            )
        )
