"""Tell who decided or edited on an old version what has happened meanwhile, and by whom."""

from sqlalchemy import Connection

from workflow.context import Context
from workflow.errors import LastTransition, StaleRefusal
from workflow.history.payloads import Decision
from workflow.messages import lazy
from workflow.model import Item
from workflow.people import Directory
from workflow.store import history
from workflow.store.history import StoredEntry


def stale(
    context: Context, connection: Connection, item: Item, directory: Directory, *, given: int | None
) -> StaleRefusal:
    """Return the refusal for a stale version, with who did what last."""
    entry = history.last_decision(connection, item.id)
    return StaleRefusal(
        state=item.state,
        version=item.version,
        given=given,
        last=_last(context, connection, entry, directory) if entry else None,
    )


def _last(
    context: Context, connection: Connection, entry: StoredEntry, directory: Directory
) -> LastTransition:
    fact = entry.fact
    rulebook = context.rulebooks.of(connection, fact.definition_hash or "")
    actor = directory.people.get(fact.actor) if fact.actor is not None else None
    recipient = fact.payload.recipient if isinstance(fact.payload, Decision) else None
    nobody = recipient.name if recipient else lazy("The system")
    transition = fact.transition or fact.type
    labels = {each.id: each.label for each in rulebook.definition.transitions}
    return LastTransition(
        transition=transition,
        label=labels.get(transition, lazy("Content edited")),
        actor=actor.email if actor else "",
        actor_name=actor.name if actor else nobody,
        at=entry.at.astimezone(context.calendar.zone),
    )
