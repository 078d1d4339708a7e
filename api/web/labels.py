"""What codes are called on pages: one table for each vocabulary that more than one page shows."""

from collections.abc import Mapping
from typing import Final

from workflow.messages import Message, lazy
from workflow.model import DispatchChannel

CHANNELS: Final[Mapping[DispatchChannel, Message]] = {
    DispatchChannel.MAIL: lazy("E-mail"),
    DispatchChannel.POST: lazy("Post"),
    DispatchChannel.HAND: lazy("By hand"),
    DispatchChannel.AXIS: lazy("Document exchange axis"),
}
"""The channels by which a document leaves."""
