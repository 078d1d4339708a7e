"""What a person confirms beside a decision: the words beside the box, and whether a form says so.

The definition says which transition asks for which; every page that offers the transition asks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from notifications.translation import translate
from workflow.definition import Confirmation
from workflow.messages import Message, lazy


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box to tick: its name in a form, what stands beside it, what is said where it is empty."""

    name: str
    label: Message
    demand: Message


_BOXES: Mapping[Confirmation, Box] = {
    Confirmation.NO_STATE_SECRET: Box(
        name="no_secret",
        label=lazy("I confirm that this item holds no state secret."),
        demand=lazy("Confirm that the item holds no state secret before you submit it."),
    )
}


def boxes(confirms: Iterable[Confirmation]) -> list[Box]:
    """Return the box of each confirmation, once, in the language's order."""
    asked = set(confirms)
    return [box for each, box in _BOXES.items() if each in asked]


def unconfirmed(confirms: Iterable[Confirmation], form: FormData) -> list[str]:
    """Return what to say of each box that ``form`` leaves empty."""
    return [translate(box.demand) for box in boxes(confirms) if form.get(box.name) != "yes"]
