"""What a person confirms beside a decision: the words beside the box, and what a form confirms.

The definition says which transition asks for which; every page that offers the transition asks, and
the decision is refused where one is missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from workflow.definition import Confirmation
from workflow.messages import Message, lazy


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box to tick: its name in a form, and what stands beside it."""

    name: str
    label: Message


_BOXES: Mapping[Confirmation, Box] = {
    Confirmation.NO_STATE_SECRET: Box(
        name="no_secret",
        label=lazy("I confirm that this item holds no state secret."),
    )
}


def boxes(confirms: Iterable[Confirmation]) -> list[Box]:
    """Return the box of each confirmation, once, in the language's order."""
    asked = set(confirms)
    return [box for each, box in _BOXES.items() if each in asked]


def confirmed_in(form: FormData) -> frozenset[Confirmation]:
    """Return what ``form`` confirms."""
    return frozenset(each for each, box in _BOXES.items() if form.get(box.name) == "yes")
