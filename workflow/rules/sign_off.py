"""Sign-off by several: who still has to answer, and when their answers settle the step.

Pure and early: approval is settled as soon as enough are for it, rejection as soon as enough are
against or approval can no longer be reached. A seat is a person asked by a holder rule; whoever
stands in speaks for that seat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workflow.definition import Share, SignOff
from workflow.model import Holder, PersonId

Groups = Sequence[Sequence[PersonId]]
"""The seats that each holder rule of the state finds."""

Act = tuple[PersonId, PersonId, str]
"""Who took which transition on an item, and for whose seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What of an item's history a decision is judged by.

    ``answers``: the transition that each seat chose in this step, on this content; ``answered``:
    how many entries those are. ``taken``: the transitions that the person who now acts has ever
    taken on the item.
    """

    answers: Mapping[PersonId, str] = field(default_factory=dict)
    answered: int = 0
    taken: frozenset[str] = frozenset()
    seats: frozenset[PersonId] = frozenset()
    """For whom that person has decided on the item: themselves, or those they stood in for."""
    acts: frozenset[Act] = frozenset()
    """What stands of all that anybody has decided on the item."""
    council_passed: bool = False
    """Whether a closed round of the council has passed the item as it is now."""


NOTHING = Past()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffAnswer:
    """One answer and all with it; ``settles``: the item moves by it."""

    seat: PersonId
    answers: Mapping[PersonId, str]
    members: int
    settles: bool


def seat_of(holder: Holder) -> PersonId:
    """Return the seat that ``holder`` speaks for."""
    return holder.on_behalf_of if holder.on_behalf_of is not None else holder.person


def settled(sign_off: SignOff, groups: Groups, answers: Mapping[PersonId, str]) -> str | None:
    """Return the transition that ``answers`` settle on, or None while it is open."""
    members = {seat for group in groups for seat in group} | set(answers)
    approving = {seat for seat, answer in answers.items() if answer == sign_off.approve}
    rejecting = set(answers) - approving
    if _suffices(sign_off.approvals, approving, members, groups):
        return sign_off.approve
    if sign_off.rejections is not None and _suffices(
        sign_off.rejections, rejecting, members, groups
    ):
        return sign_off.reject
    return (
        None
        if _suffices(sign_off.approvals, members - rejecting, members, groups)
        else sign_off.reject
    )


def waiting(
    sign_off: SignOff | None, groups: Groups, holders: tuple[Holder, ...], past: Past
) -> tuple[Holder, ...]:
    """Return the holders who still have to answer.

    All of them where nobody left can settle what is settled already.
    """
    if sign_off is None or not past.answers or settled(sign_off, groups, past.answers) is not None:
        return holders
    return tuple(each for each in holders if seat_of(each) not in past.answers)


def _suffices(
    share: Share | str, saying: set[PersonId], members: set[PersonId], groups: Groups
) -> bool:
    if isinstance(share, str):
        return bool(saying) and (share == "any" or saying >= members)
    if share.of_each_group is not None:
        return all(
            len(saying.intersection(group)) >= share.of_each_group for group in groups if group
        ) and bool(saying)
    if share.count is not None:
        return len(saying) >= share.count
    return bool(saying) and len(saying) * 100 >= (share.percent or 0) * len(members)
