"""Who has approved an item before its present step, as its own history says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.definition import Label
from workflow.history.payloads import SignedOff, TransitionTaken, Undone
from workflow.model import Item, Person
from workflow.queries.timeline import EntryView


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A step that somebody took an item on by, in which state, and which still stands."""

    who: Person
    on_behalf_of: Person | None
    what: Label
    at: datetime
    state: str


def approvals_of(item: Item, entries: Sequence[EntryView]) -> list[Approval]:
    """Return the approvals of ``item`` that stand, oldest first, from its timeline.

    What leads back to a state takes away what was given from there on; what was undone counts not.
    """
    payloads = [each.fact.payload for each in entries]
    undone = {each.undoes for each in payloads if isinstance(each, Undone)}
    found: list[Approval] = []
    for each in entries:
        if each.entry.seq in undone:
            continue
        if isinstance(each.fact.payload, TransitionTaken):
            place = next(
                (n for n, one in enumerate(found) if one.state == each.fact.to_state), None
            )
            found = found if place is None else found[:place]
            if place is None and each.transition is not None and each.transition.is_return:
                found = []  # to a state in which nobody approves
        found += _approvals_in(item, each)
    return found


def _approvals_in(item: Item, entry: EntryView) -> list[Approval]:
    """Return the approval that an entry is: a step on, or one answer of several, without words."""
    transition, who = entry.transition, entry.actor
    if (
        not isinstance(entry.fact.payload, TransitionTaken | SignedOff)
        or transition is None
        or transition.needs_comment
        or who is None
        or who.id == item.author
        or entry.fact.from_state is None
    ):
        return []
    return [
        Approval(
            who=who,
            on_behalf_of=entry.on_behalf_of,
            what=transition.verb or transition.label,
            at=entry.entry.at,
            state=entry.fact.from_state,
        )
    ]
