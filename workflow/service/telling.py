"""Who hears of a decision: the new holders, the author, the board, and those who are no longer asked."""

from workflow.definition import State
from workflow.events import AuthorInformed, DossierSent, Event, HolderReleased, TaskAssigned
from workflow.history import Entry
from workflow.model import Item
from workflow.rules import Plan
from workflow.service.dispatching import Dispatch


def events_of(state: State, item: Item, plan: Plan, entry: Entry, dispatch: Dispatch | None) -> list[Event]:
    """Return the events of one decision; ``state`` is where the item is afterwards."""
    version = item.version + 1
    events: list[Event] = [
        HolderReleased(item=item.id, code=item.code, person=person, version=version, occurrence=f"s{entry.seq}") for person in plan.released
    ]
    if not plan.moves:
        return events
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
                why="entered",
            )
            for holder in plan.holders
        ]
    if plan.transition.tells_author and entry.fact.actor is not None:
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
    if dispatch is not None and plan.transition.sends:
        events.append(
            DossierSent(
                item=item.id, code=item.code, version=version, number=dispatch.notation, issued_on=dispatch.issued_on, channel=dispatch.channel
            )
        )
    return events
