"""What codes are called on pages: one table for each vocabulary that more than one page shows."""

from collections.abc import Mapping
from typing import Final

from workflow.messages import Message, lazy
from workflow.model import DispatchChannel, Position

CHANNELS: Final[Mapping[DispatchChannel, Message]] = {
    DispatchChannel.MAIL: lazy("E-mail"),
    DispatchChannel.POST: lazy("Post"),
    DispatchChannel.HAND: lazy("By hand"),
    DispatchChannel.AXIS: lazy("Document exchange axis"),
}
"""The channels by which a document leaves."""

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
