"""Whom a decision is told to: the new holders, the author, the board, and those no longer asked."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from workflow.commands.decision import PlannedDecision
from workflow.commands.refresh_holders import stuck_events
from workflow.events import (
    AuthorInformed,
    DecisionConfirmed,
    DossierSent,
    Event,
    HolderReleased,
    ReleaseReason,
    TaskAssigned,
    TaskReason,
    TransitionTold,
)
from workflow.history.payloads import Decision, DecisionReported
from workflow.model import Via
from workflow.people import Directory
from workflow.rules.holders import found_by

PlanNames = Callable[[str, str], bool]
"""Whether the plan of a campaign names a line of Nơi nhận: by the ids of both."""


def events_of(
    planned: PlannedDecision, directory: Directory, plan_names: PlanNames
) -> Iterator[Event]:
    """Yield the events of one decision."""
    yield from _released(planned)
    yield from _confirmed(planned)
    if planned.plan.moves:
        is_carried = planned.carried_by is not None
        state = planned.rulebook.states[planned.plan.to]
        occurrence = f"d{planned.entry.seq}"
        yield from stuck_events(
            planned.item, state, planned.plan.able, directory, occurrence=occurrence
        )
        if not (state.held_by_author or planned.plan.waits_elsewhere or is_carried):
            yield from _assigned(planned)
        leads_back = planned.rulebook.is_before(planned.plan.to, planned.item.state)
        if planned.plan.transition.tells_author and not (is_carried and leads_back):
            yield _author_informed(planned)
        yield from _transition_told(planned, directory, plan_names)
        yield from _sent(planned)


def _released(planned: PlannedDecision) -> Iterator[Event]:
    """Yield the word to those whose answer is no longer needed."""
    item = planned.item
    for person in planned.plan.released:
        yield HolderReleased(
            item=item.id,
            code=item.code,
            person=person,
            version=item.version + 1,
            occurrence=f"s{planned.entry.seq}",
            why=ReleaseReason.SETTLED,
        )


def _confirmed(planned: PlannedDecision) -> Iterator[Event]:
    """Yield the word to who decided behind a link that this was done in their name.

    A mail may have been read by others.
    """
    item, fact = planned.item, planned.entry.fact
    if fact.actor is not None and fact.via == Via.LINK and planned.carried_by is None:
        yield DecisionConfirmed(
            item=item.id,
            code=item.code,
            person=fact.actor,
            version=item.version + 1,
            transition=planned.plan.transition.id,
            definition_hash=item.definition_hash,
            at=fact.at,
        )


def _assigned(planned: PlannedDecision) -> Iterator[Event]:
    """Yield the task of each new holder who may take the item on."""
    item = planned.item
    for holder in planned.plan.able:
        yield TaskAssigned(
            item=item.id,
            code=item.code,
            person=holder.person,
            step=planned.step,
            content_hash=item.content_hash,
            version=item.version + 1,
            state=planned.plan.to,
            why=TaskReason.ENTERED,
        )


def _author_informed(planned: PlannedDecision) -> AuthorInformed:
    item = planned.item
    return AuthorInformed(
        item=item.id,
        code=item.code,
        person=item.author,
        version=item.version + 1,
        transition=planned.plan.transition.id,
        actor=planned.entry.fact.actor,
        comment=planned.plan.comment,
    )


def _transition_told(
    planned: PlannedDecision, directory: Directory, plan_names: PlanNames
) -> Iterator[Event]:
    """Yield a notice for each whom the definition tells of it, never for who took it."""
    item, plan, actor = planned.item, planned.plan, planned.entry.fact.actor
    if not plan.transition.tells:
        return
    origin = replace(item.origin, recused=())
    for place, telling in enumerate(plan.transition.tells):
        if telling.recipient and not plan_names(item.campaign, telling.recipient):
            continue
        people = (person.id for rule in telling.to for person in found_by(rule, origin, directory))
        for person in dict.fromkeys(people):
            if person != actor:
                yield TransitionTold(
                    item=item.id,
                    code=item.code,
                    person=person,
                    version=item.version + 1,
                    transition=plan.transition.id,
                    source=item.state,
                    place=place,
                    state=plan.to,
                    actor=actor,
                    definition_hash=item.definition_hash,
                )


def _sent(planned: PlannedDecision) -> Iterator[Event]:
    """Yield the notice to the board where a dossier leaves for it: one for all that it holds."""
    item, dispatch = planned.item, planned.dispatch
    if dispatch is not None and planned.plan.transition.sends:
        told = [each for one in (planned, *planned.carried) if (each := _reported(one))]
        first = told[0] if told else None
        yield DossierSent(
            item=item.id,
            code=item.code,
            version=item.version + 1,
            number=dispatch.notation,
            issued_on=dispatch.issued_on,
            channel=dispatch.channel,
            decision_number=first.number if first else "",
            decided_on=first.decided_on if first else None,
            awarded=sum(each.awarded for each in told if first and each.number == first.number),
            along=len(planned.carried),
        )


def _reported(planned: PlannedDecision) -> DecisionReported | None:
    payload = planned.entry.fact.payload
    return payload.reports if isinstance(payload, Decision) else None
