"""Plan a decision: from a request and what is known, to the new state or to every reason why not.

Pure and complete: permission, guards, rulebook, holders, due date. It writes nothing; the command
does, from the plan. The order of refusals is part of the interface: stale, not permitted, second
factor, invalid. Each says all it can say at once: a missing second factor comes with every reason
of content beside it, so that nobody has to plan again to learn them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from workflow import values
from workflow.deadlines import WorkingCalendar
from workflow.definition import Actor, Campaign, Confirmation, SignOff, Transition
from workflow.errors import (
    InvalidRefusal,
    NotPermittedRefusal,
    Reason,
    Refusal,
    SecondFactorRefusal,
    StaleRefusal,
    reason,
)
from workflow.messages import listed
from workflow.model import FACTORS, Content, Holder, Item, Method, Person, PersonId, Via
from workflow.people import Directory
from workflow.rules.council import asks_council
from workflow.rules.dead_ends import able, incomplete_reasons
from workflow.rules.gathering import goes_along
from workflow.rules.reasons import (
    as_holder,
    closed_reasons,
    missing_factor,
    not_offered,
    offered,
)
from workflow.rules.rulebook import Rulebook
from workflow.rules.sign_off import NOTHING, Act, Past, SignOffAnswer, seat_of, settled, waiting
from workflow.rules.signing import Ground, ground_of
from workflow.rules.situation import Situation

COMMENT_LIMIT = 4000
_DEMANDS: Mapping[Confirmation, Reason] = {
    Confirmation.NO_STATE_SECRET: reason(
        "confirm", "Confirm that the item holds no state secret before you submit it."
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody wants done to an item. ``version`` None: whatever it is now (the clock).

    ``method`` as proven.
    """

    transition: str
    actor: PersonId | None
    """None: the clock, by a timer; or, with ``by_recipient``, whom the dossier was sent to."""
    version: int | None
    to: str | None = None
    comment: str = ""
    until: str | None = None
    """The day (ISO) by which a supplement is wanted; counts where a recipient may ask for one."""
    method: Method = Method.NONE
    via: Via = Via.PAGE
    by_recipient: bool = False
    confirmed: frozenset[Confirmation] | None = None
    """What was confirmed beside the choice; None where the request is itself the confirmation."""
    faults: tuple[Reason, ...] = ()
    """What is wrong with the document's number, date or channel.

    Counts where the transition is numbered.
    """
    forbidden: tuple[Reason, ...] = ()
    """What the rules of awards forbid, or what is wrong with the decision on one.

    Counts where the transition asks them, or says what became of a nomination.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a decision is judged against: people, calendar, and the instant."""

    directory: Directory
    calendar: WorkingCalendar
    now: datetime
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)
    """The campaigns of the items that are decided on, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A decision that may be written."""

    transition: Transition
    to: str
    actor: Person | None
    """None: the clock, or the recipient."""
    on_behalf_of: PersonId | None
    holders: tuple[Holder, ...]
    due_at: datetime | None
    comment: str
    answer: SignOffAnswer | None = None
    waits_elsewhere: bool = False
    """Whether who then holds it cannot go on before something else: no link is mailed.

    A round of the council, or the consolidated report that the item goes with.
    """
    able: tuple[Holder, ...] = ()
    """Who of the holders may take it on; the others did what the process keeps apart from it."""
    ground: Ground | None = None
    """On what the actor signs for the head; None: as the head, or it is no signature."""
    released: tuple[PersonId, ...] = ()
    """Who else held the item and is asked no more: this answer settled it, or was their seat's."""

    @property
    def moves(self) -> bool:
        """Return whether the item enters a state by it.

        An answer of one among several may leave it where it is.
        """
        return self.answer is None or self.answer.settles


def plan_decision(
    rulebook: Rulebook,
    item: Item,
    content: Content | None,
    request: Request,
    around: Surroundings,
    past: Past = NOTHING,
) -> Plan | Refusal:
    """Return the plan, or the refusal that comes first; ``content``: None if no guard reads it."""
    if _is_stale(rulebook, item, request, past):
        return StaleRefusal(state=item.state, version=item.version, given=request.version)
    actor = around.directory.active(request.actor) if request.actor is not None else None
    if actor is None and request.actor is not None:
        return NotPermittedRefusal(_left())
    situation = Situation(
        definition=rulebook.definition,
        item=item,
        content=content,
        actor=actor,
        directory=around.directory,
        by_recipient=request.by_recipient,
        today=around.calendar.local_day(around.now),
        campaign=around.campaigns.get(item.campaign),
        council_passed=past.council_passed,
    )
    transition = offered(rulebook, situation, request.transition)
    if transition is None:
        return NotPermittedRefusal(not_offered(rulebook, item, request.transition))
    holder = as_holder(rulebook, situation)
    if refusal := _refusal(rulebook, transition, situation, request, past):
        return refusal
    # No guard had a reason to give, so the machine moves; if it does not, neither does the item.
    target = rulebook.target(item.state, transition.id, request.to or transition.to[0], situation)
    if target is None:
        return InvalidRefusal(_wrong_target(rulebook, transition, request))
    stood_for = holder.on_behalf_of if holder and transition.by is Actor.HOLDER else None
    plan = Plan(
        transition=transition,
        to=target,
        actor=actor,
        on_behalf_of=stood_for,
        holders=(holders := rulebook.holders(target, item, around.directory)),
        able=able(rulebook, target, holders, _acts_with(transition, actor, stood_for, past)),
        ground=_ground(rulebook, transition, situation, stood_for),
        due_at=_wanted_by(transition, request, around)
        or _due_at(rulebook, target, situation, around),
        comment=values.lines(request.comment),
        waits_elsewhere=_waits_elsewhere(rulebook, target, situation),
    )
    return _answered(rulebook, situation, holder, plan, past) if holder else plan


def _groundless(
    rulebook: Rulebook, transition: Transition, situation: Situation
) -> Iterator[Reason]:
    """Yield why somebody may not sign for the head: by order (TL.), what is the head's alone."""
    holder = as_holder(rulebook, situation) if transition.signs else None
    if holder is None or holder.on_behalf_of is None:
        return
    if not _ground(rulebook, transition, situation, holder.on_behalf_of):
        yield reason(
            "ground",
            "Nothing that is recorded lets you sign this for the head (Decree 30/2020/NĐ-CP, "
            "Article 13): no assignment (KT.), no work regulation (TL.) and no written "
            "authorisation (TUQ.).",
        )


def _ground(
    rulebook: Rulebook, transition: Transition, situation: Situation, stood_for: PersonId | None
) -> Ground | None:
    """Return the ground that a signature rests on, or None."""
    actor = situation.actor
    if actor is None or not transition.signs:
        return None
    definition, origin = rulebook.definition, situation.item.origin
    return ground_of(definition, origin, actor, stood_for, situation.directory)


def _waits_elsewhere(rulebook: Rulebook, state: str, situation: Situation) -> bool:
    """Return whether an item that comes to ``state`` goes on only past a round of the council.

    Or together with the consolidated report that it goes with.
    """
    item = situation.item
    if item.gathered_in and goes_along(rulebook.definition, replace(item, state=state)):
        return True
    return _waits_for_council(rulebook, state, situation)


def _due_at(
    rulebook: Rulebook, state: str, situation: Situation, around: Surroundings
) -> datetime | None:
    """Return until when an item is to leave ``state``; None while it waits for the council."""
    if _waits_for_council(rulebook, state, situation):
        return None
    return around.calendar.step_due(around.now, rulebook.states[state].working_days)


def _asks_until(transition: Transition, request: Request) -> bool:
    """Return whether a day counts by which whom the dossier was sent to wants a supplement."""
    return bool(request.until) and transition.by_recipient and transition.needs_comment


def _acts_with(
    transition: Transition, actor: Person | None, stood_for: PersonId | None, past: Past
) -> frozenset[Act]:
    """Return what was done on the item, with what is planned."""
    if actor is None:
        return past.acts
    return past.acts | {(actor.id, stood_for or actor.id, transition.id)}


def _wanted_by(transition: Transition, request: Request, around: Surroundings) -> datetime | None:
    """Return the end of the day that whom the dossier was sent to named, if they did."""
    day = values.day(request.until or "") if _asks_until(transition, request) else None
    return around.calendar.at(day, around.calendar.closes_at) if day else None


def _wrong_until(
    transition: Transition, situation: Situation, request: Request
) -> Iterator[Reason]:
    if not _asks_until(transition, request):
        return
    day = values.day(request.until or "")
    if day is None or (situation.today is not None and day < situation.today):
        yield reason("until", "The day until which to supplement must be real, and not past.")


def _waits_for_council(rulebook: Rulebook, state: str, situation: Situation) -> bool:
    """Return whether ``state`` is left only past a round: nobody is late before it has passed."""
    if situation.council_passed or state not in rulebook.council_states:
        return False
    return asks_council(rulebook.definition, state, situation.content)


def _answers(rulebook: Rulebook, item: Item, transition_id: str) -> SignOff | None:
    """Return the sign-off that a transition is one answer in, or None."""
    sign_off = rulebook.states[item.state].sign_off
    is_answer = sign_off is not None and transition_id in {sign_off.approve, sign_off.reject}
    return sign_off if is_answer else None


def _is_stale(rulebook: Rulebook, item: Item, request: Request, past: Past) -> bool:
    """Return whether the item is no longer what was decided on.

    Among several who sign off, another's answer makes nobody's page stale: content and step are
    what they were.
    """
    if request.version is None:
        return False
    is_answer = _answers(rulebook, item, request.transition) is not None
    oldest = item.version - past.answered if is_answer else item.version
    return not oldest <= request.version <= item.version


def _refusal(
    rulebook: Rulebook,
    transition: Transition,
    situation: Situation,
    request: Request,
    past: Past,
) -> Refusal | None:
    forbidden = [
        *closed_reasons(rulebook, transition, situation, past),
        *_groundless(rulebook, transition, situation),
    ]
    if request.via is Via.LINK and not transition.by_email:
        forbidden.append(
            reason(
                "by_email",
                "“{label}” is not offered by mail. Sign in, then choose it on the item's page.",
                label=transition.label,
            )
        )
    if forbidden:
        return NotPermittedRefusal(*forbidden)
    incomplete = [
        *incomplete_reasons(rulebook, transition, situation, past),
        *_request_reasons(rulebook, transition, request),
        *_wrong_until(transition, situation, request),
    ]
    if transition.second_factor and request.method not in FACTORS:
        return SecondFactorRefusal(missing_factor(), incomplete=incomplete)
    return InvalidRefusal(*incomplete) if incomplete else None


def _request_reasons(
    rulebook: Rulebook, transition: Transition, request: Request
) -> Iterator[Reason]:
    """Yield what is wrong with what was sent beside the choice itself."""
    if transition.needs_comment and not values.is_filled(values.tidy(request.comment)):
        yield reason(
            "comment",
            "“{label}” needs a reason. Write the reason, then send again.",
            label=transition.label,
        )
    elif request.comment and (
        wrong := values.lines_fault(request.comment, COMMENT_LIMIT, may_be_empty=True)
    ):
        yield reason("comment", "The comment {wrong}", wrong=wrong)
    if request.to is not None and request.to not in transition.to:
        yield _wrong_target(rulebook, transition, request)
    if request.confirmed is not None:
        yield from (_DEMANDS[each] for each in transition.confirms if each not in request.confirmed)
    if transition.numbered:
        yield from request.faults
    is_judged = transition.judged or transition.signs or transition.sends
    if transition.result is not None or is_judged:
        yield from request.forbidden


def _answered(
    rulebook: Rulebook, situation: Situation, holder: Holder, plan: Plan, past: Past
) -> Plan:
    """Make ``plan`` one answer among several where it is one.

    The item moves if it settles the step, else it waits for the others.
    """
    item, directory = situation.item, situation.directory
    sign_off = _answers(rulebook, item, plan.transition.id)
    if sign_off is None:
        return plan
    groups = rulebook.groups(item, directory)
    answers = {**past.answers, seat_of(holder): plan.transition.id}
    members = len({seat for group in groups for seat in group} | set(answers))
    settles = settled(sign_off, groups, answers) == plan.transition.id
    answer = SignOffAnswer(seat=seat_of(holder), answers=answers, members=members, settles=settles)
    asked = rulebook.holders(item.state, item, directory)
    left = () if settles else waiting(sign_off, groups, asked, replace(past, answers=answers))
    released = tuple(
        each.person
        for each in waiting(sign_off, groups, asked, past)
        if each not in left and each.person != holder.person
    )
    plan = replace(plan, answer=answer, released=released)
    return plan if settles else replace(plan, to=item.state, holders=left, due_at=item.due_at)


def _left() -> Reason:
    return reason("active", "Your account is no longer active. Please ask the Office.")


def _wrong_target(rulebook: Rulebook, transition: Transition, request: Request) -> Reason:
    labels = [rulebook.states[each].label for each in transition.to]
    return reason(
        "to",
        "Cannot go to “{to}”. Choose one of: {allowed}.",
        to=request.to or transition.to[0],
        allowed=listed(labels, ", "),
    )
