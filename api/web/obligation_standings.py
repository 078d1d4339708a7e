"""How a department stands to what it owes, as pages show it: a sign, a tone, and few words.

Owns what each standing is called and looks like; which one holds, ``workflow.queries.obligations``
says, for every page alike.
"""

from dataclasses import dataclass, replace
from typing import Final

from workflow.messages import Message, lazy
from workflow.queries.obligations import Cell, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A sign and its words."""

    words: Message
    icon: str
    tone: str


_LATE: Final = Look(words=lazy("Past due"), icon="triangle-alert", tone="late")
_DELIVERED_LATE: Final = Look(words=lazy("Delivered late"), icon="circle-alert", tone="waiting")
_LOOKS: Final = {
    Standing.MISSING: Look(words=lazy("Not begun"), icon="circle", tone="plain"),
    Standing.DRAFTING: Look(words=lazy("Being drafted"), icon="pencil", tone="waiting"),
    Standing.AWAITING_APPROVAL: Look(
        words=lazy("Waiting for approval"), icon="clock", tone="waiting"
    ),
    Standing.IN_APPROVAL: Look(words=lazy("Delivered"), icon="circle-dot", tone="done"),
    Standing.DONE: Look(words=lazy("Complete"), icon="circle-check", tone="done"),
}
LOOKS: Final = (*_LOOKS.values(), _DELIVERED_LATE, _LATE)
"""Every sign, for a legend."""
OPEN: Final = frozenset({Standing.MISSING, Standing.DRAFTING, Standing.AWAITING_APPROVAL})
"""Where the report is still owed."""


def look_of(cell: Cell) -> Look:
    """Return how a department stands."""
    if cell.is_late:
        return _LATE if cell.standing in OPEN else _DELIVERED_LATE
    look = _LOOKS[cell.standing]
    words = awaited(cell)
    return replace(look, words=words) if words is not None else look


def awaited(cell: Cell) -> Message | None:
    """Return for whose approval it waits; None where it awaits none."""
    if cell.approved_by is None:
        return None
    return lazy("Waiting for the approval of {who}", who=cell.approved_by)
