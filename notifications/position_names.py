"""What each position is called, on pages and in mails."""

from collections.abc import Mapping
from typing import Final

from workflow.messages import Message, lazy
from workflow.model import Position

POSITIONS: Final[Mapping[Position, Message]] = {
    Position.DIRECTOR: lazy("Director"),
    Position.DEPUTY_DIRECTOR: lazy("Deputy Director"),
    Position.CHIEF: lazy("Chief of the Office"),
    Position.HEAD: lazy("Head of department"),
    Position.DEPUTY: lazy("Deputy head of department"),
    Position.OFFICER: lazy("Office staff"),
    Position.STAFF: lazy("Staff"),
    Position.CLERK: lazy("Clerk"),
    Position.AUDITOR: lazy("Auditor"),
    Position.ADMIN: lazy("Administrator"),
}
"""What each position is called, in the order in which an agency names them."""
