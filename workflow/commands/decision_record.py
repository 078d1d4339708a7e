"""What is told of a decision: to the history, and to the new holders, the author, the board, and those no longer asked."""

from datetime import datetime
from typing import TYPE_CHECKING

from workflow.commands.dispatch import Dispatch
from workflow.commands.refresh_holders import stuck_events
from workflow.definition import State
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
from workflow.history import Entry, Fact, payloads
from workflow.history.payloads import seats_of
from workflow.model import Item, Via
from workflow.people import Directory
from workflow.rules import Plan
from workflow.rules.holders import found_by

if TYPE_CHECKING:
    from workflow.commands.decide import Decide


def fact_of(
    command: "Decide",
    item: Item,
    plan: Plan,
    dispatch: Dispatch | None,
    directory: Directory,
    *,
    at: datetime,
) -> Fact:
    """Return what the history keeps of a decision made at ``at``."""
    actor = directory.people[command.cause.actor] if command.cause.actor is not None else None
    return Fact(
        subject=item.subject,
        payload=_payload_of(command, plan, dispatch),
        at=at,
        actor=command.cause.actor,
        on_behalf_of=plan.on_behalf_of,
        position=actor.position.value if actor else None,
        via=command.cause.via.value,
        method=command.cause.method.value,
        transition=plan.transition.id,
        from_state=item.state,
        to_state=plan.to,
        version=item.version + 1,
        step=item.step + 1 if plan.moves else item.step,
        decided_version=item.version,
        content_hash=item.content_hash,
        definition_hash=item.definition_hash,
        command_id=command.cause.command_id,
        texts={"comment": plan.comment} if plan.comment else {},
    )


def _payload_of(command: "Decide", plan: Plan, dispatch: Dispatch | None) -> payloads.Decision:
    kind = payloads.Transition if plan.moves else payloads.SignedOff
    answer = plan.answer
    return kind(
        holders=seats_of(plan.holders),
        due_at=plan.due_at,
        seat=answer.seat if answer else None,
        answers=tuple(answer.answers.items()) if answer else (),
        members=answer.members if answer else None,
        dispatch=payloads.Dispatched(
            number=dispatch.notation, issued_on=dispatch.issued_on, channel=dispatch.channel
        )
        if dispatch
        else None,
        mend=tuple(dict.fromkeys(command.mend)),
    )


def events_of(
    state: State,
    item: Item,
    plan: Plan,
    entry: Entry,
    dispatch: Dispatch | None,
    directory: Directory,
) -> list[Event]:
    """Return the events of one decision; ``state`` is where the item is afterwards."""
    version = item.version + 1
    events: list[Event] = [
        HolderReleased(
            item=item.id,
            code=item.code,
            person=person,
            version=version,
            occurrence=f"s{entry.seq}",
            why=ReleaseReason.SETTLED,
        )
        for person in plan.released
    ]
    events += _confirmed(item, plan, entry)
    if not plan.moves:
        return events
    events += stuck_events(item, state, plan.holders, directory, occurrence=f"d{entry.seq}")
    if not state.held_by_author:
        events += [
            TaskAssigned(
                item=item.id,
                code=item.code,
                person=holder.person,
                step=item.step + 1,
                content_hash=item.content_hash,
                version=version,
                state=plan.to,
                why=TaskReason.ENTERED,
            )
            for holder in plan.holders
        ]
    if plan.transition.tells_author:
        events.append(
            AuthorInformed(
                item=item.id,
                code=item.code,
                person=item.author,
                version=version,
                transition=plan.transition.id,
                actor=entry.fact.actor,
                comment=plan.comment,
            )
        )
    events += _told(item, plan, entry, directory)
    if dispatch is not None and plan.transition.sends:
        events.append(
            DossierSent(
                item=item.id,
                code=item.code,
                version=version,
                number=dispatch.notation,
                issued_on=dispatch.issued_on,
                channel=dispatch.channel,
            )
        )
    return events


def _confirmed(item: Item, plan: Plan, entry: Entry) -> list[Event]:
    """Return the word to who decided behind a link that this was done in their name: a mail may have been read by others."""
    if entry.fact.actor is None or entry.fact.via != Via.LINK:
        return []
    return [
        DecisionConfirmed(
            item=item.id,
            code=item.code,
            person=entry.fact.actor,
            version=item.version + 1,
            transition=plan.transition.id,
            definition_hash=item.definition_hash,
            at=entry.fact.at,
        )
    ]


def _told(item: Item, plan: Plan, entry: Entry, directory: Directory) -> list[Event]:
    """Return who hears of the transition by its own definition, each once for each telling; never who took it."""
    found: list[Event] = []
    for place, telling in enumerate(plan.transition.tells):
        people = [
            person.id
            for rule in telling.to
            for person in found_by(rule, item.author, item.department, directory)
        ]
        found += [
            TransitionTold(
                item=item.id,
                code=item.code,
                person=person,
                version=item.version + 1,
                transition=plan.transition.id,
                source=item.state,
                place=place,
                state=plan.to,
                actor=entry.fact.actor,
                definition_hash=item.definition_hash,
            )
            for person in dict.fromkeys(people)
            if person != entry.fact.actor
        ]
    return found
