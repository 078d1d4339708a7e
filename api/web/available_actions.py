"""What a reader can do with an item, the main thing first, and what a draft still lacks.

Owns the order and the weight of the ways on as pages show them. It judges nothing: which ways are
open, the core has said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.definition import Transition, Weight, weights_of
from workflow.messages import Message
from workflow.queries.items import ItemView, TransitionView
from workflow.rules import missing_fields

_ORDER = tuple(Weight)
_FIELDS_MISSING = "content_complete"
"""The rule whose reason names fields; its fields are listed one by one instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOn:
    """One open way on, and how much it counts."""

    transition: Transition
    weight: Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPart:
    """A field that a draft lacks, and where it is written."""

    label: object
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """What keeps a draft from being handed in: fields, and whatever else its process asks."""

    fields: Sequence[MissingPart]
    others: Sequence[Message]

    @property
    def count(self) -> int:
        """Return how many things are to be mended."""
        return len(self.fields) + len(self.others)


def ways_on(view: ItemView, options: Sequence[TransitionView]) -> list[WayOn]:
    """Return the open ways, the main one first, what gives the item up last."""
    open_ones = [each.transition for each in options if each.is_allowed]
    weights = weights_of(view.definition, view.item.state, open_ones)
    found = [WayOn(transition=each, weight=weights[each.id]) for each in open_ones]
    return sorted(found, key=lambda each: _ORDER.index(each.weight))


def incomplete(view: ItemView, options: Sequence[TransitionView]) -> Incomplete | None:
    """Return what the author has yet to write before handing in; None where nothing is missing."""
    handing_in = next((each for each in options if each.transition.hands_in), None)
    if handing_in is None or handing_in.is_allowed or not view.state.held_by_author:
        return None
    asked = [each for each in view.definition.fields if each.id in view.asked]
    return Incomplete(
        fields=[
            MissingPart(label=each.label, href=f"/items/{view.item.code}/edit#f-{each.id}")
            for each in missing_fields(asked, view.content.fields)
        ],
        others=[each.message for each in handing_in.reasons if each.rule != _FIELDS_MISSING],
    )
