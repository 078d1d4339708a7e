"""Why a transition is not there, closed to a person, or incomplete: each with every reason.

Owns permission and content as reasons; in which order they refuse is the plan's. Pure.
"""

from collections.abc import Iterator
from functools import reduce

from workflow.definition import Actor, Transition
from workflow.errors import Reason, reason
from workflow.messages import lazy
from workflow.model import NEVER_DECIDE, Holder, Item
from workflow.rules.guards import GUARDS, applies, unmet
from workflow.rules.rulebook import Rulebook
from workflow.rules.sign_off import Past, waiting
from workflow.rules.situation import Situation


def offered(rulebook: Rulebook, situation: Situation, transition_id: str) -> Transition | None:
    """Return the transition that is there under this id: the first whose condition holds."""
    for each in rulebook.alternatives(situation.item.state, transition_id):
        if applies(each, situation):
            return each
    return None


def as_holder(rulebook: Rulebook, situation: Situation) -> Holder | None:
    """Return how the actor holds the item, themselves or for somebody else, or None."""
    item, actor = situation.item, situation.actor
    if actor is None:
        return None
    for holder in rulebook.holders(item.state, item, situation.directory):
        if holder.person == actor.id:
            return holder
    return None


def missing_factor() -> Reason:
    """Return the reason for a step that needs a PIN or TOTP and got none."""
    return reason(
        "second-factor",
        "This step needs your PIN or your authenticator code (TOTP). Enter it, then send again.",
    )


def closed_reasons(
    rulebook: Rulebook, transition: Transition, situation: Situation, past: Past
) -> list[Reason]:
    """Return every reason of permission why ``transition`` is closed to the actor; empty: open."""
    return list(_permission_reasons(rulebook, transition, situation, past))


def _permission_reasons(
    rulebook: Rulebook, transition: Transition, situation: Situation, past: Past
) -> Iterator[Reason]:
    if situation.by_recipient:
        if not transition.by_recipient:
            yield reason(
                "recipient",
                "“{label}” is not open to whom the dossier was sent to.",
                label=transition.label,
            )
        yield from _guard_reasons(transition, situation, is_about_person=True)
        return
    holder = as_holder(rulebook, situation)
    if situation.actor is not None and situation.actor.position in NEVER_DECIDE:
        yield reason(
            "never_decides",
            "An auditor and an administrator decide nothing on items. Another competent person "
            "will handle it.",
        )
    if (transition.by is Actor.CLOCK) is not (situation.actor is None):
        yield reason(
            "clock",
            "“{label}” is taken by the system alone, when the time of the step is over.",
            label=transition.label,
        )
    is_author = situation.actor is not None and rulebook.stands_for_author(
        situation.item, situation.directory, situation.actor.id
    )
    if transition.by is Actor.AUTHOR and not is_author:
        yield reason(
            "author", "Only the item's author may choose “{label}”.", label=transition.label
        )
    if transition.by is Actor.HOLDER and holder is None:
        yield reason(
            "holder",
            "The item does not wait for you at this step, so you cannot choose “{label}”.",
            label=transition.label,
        )
    if transition.by is Actor.HOLDER and holder is not None:
        yield from _holder_reasons(rulebook, situation, holder, past)
    yield from _apart_reasons(rulebook, transition, past)
    yield from _guard_reasons(transition, situation, is_about_person=True)


def _holder_reasons(
    rulebook: Rulebook, situation: Situation, holder: Holder, past: Past
) -> Iterator[Reason]:
    """Yield why a holder may not answer: they, or whom they speak for, have already."""
    if past.answers and _has_answered(rulebook, situation, holder, past):
        yield reason(
            "answered",
            "You, or the person you stand in for, already answered at this step. The "
            "item waits for the others' answers.",
        )
    if holder.on_behalf_of is not None and past.seats - {holder.on_behalf_of}:
        yield reason(
            "already_acted",
            "You handled this item at another step, so you cannot stand in for "
            "somebody else here. Another competent person will handle it.",
        )


def _apart_reasons(rulebook: Rulebook, transition: Transition, past: Past) -> Iterator[Reason]:
    """Yield which step this person took that the process keeps apart from ``transition``."""
    if both := rulebook.apart[transition.id] & past.taken:
        quoted = (
            lazy("“{label}”", label=each.label)
            for each in rulebook.definition.transitions
            if each.id in both
        )
        labels = reduce(
            lambda first, second: lazy("{first} and {second}", first=first, second=second), quoted
        )
        yield reason(
            "different_people",
            "You already took {labels} on this item; the process does not let one "
            "person do both steps. Another competent person will handle it.",
            labels=labels,
        )


def _has_answered(rulebook: Rulebook, situation: Situation, holder: Holder, past: Past) -> bool:
    groups = rulebook.groups(situation.item, situation.directory)
    return holder not in waiting(
        rulebook.states[situation.item.state].sign_off, groups, (holder,), past
    )


def _guard_reasons(
    transition: Transition, situation: Situation, *, is_about_person: bool
) -> Iterator[Reason]:
    for use in transition.guards:
        guard = GUARDS[use.name]
        if guard.is_about_person is is_about_person and (
            found := guard.check(situation, **use.parameters)
        ):
            yield found


def content_reasons(transition: Transition, situation: Situation) -> Iterator[Reason]:
    """Yield every reason of content why ``transition`` would be refused in ``situation``."""
    yield from _guard_reasons(transition, situation, is_about_person=False)
    for requirement in transition.requires:
        if found := unmet(requirement, situation):
            yield found


def not_offered(rulebook: Rulebook, item: Item, transition_id: str) -> Reason:
    """Return why the item's state has no such transition now.

    It never has, or its condition does not hold.
    """
    label: object = next(
        (each.label for each in rulebook.definition.transitions if each.id == transition_id),
        transition_id,
    )
    if rulebook.alternatives(item.state, transition_id):
        return reason(
            "when",
            "This item does not meet the condition for “{label}”: the process opens "
            "this step for some items only.",
            label=label,
        )
    state = rulebook.states[item.state].label_now
    return reason(
        "state",
        "The item is in the state “{state}”, so “{label}” is not possible.",
        state=state,
        label=label,
    )
