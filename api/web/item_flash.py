"""What the page after a change of an item says: what was done, where the item is now, what is next.

Owns these sentences. It reads the item as the change left it, and names nobody.
"""

from datetime import datetime

from sqlalchemy import Connection

from api.auth.sessions import Caller
from api.composition import Application
from api.web.dates import hour_and_day
from api.web.flash import Flash
from notifications.translation import counted, translate
from workflow.commands.undo import undoable_until
from workflow.model import Item
from workflow.queries.items import ItemView, item_view
from workflow.queries.listing import MOST_WAITING, find_item, waiting_for


async def item_flash(
    parts: Application, asker: Caller, code: str, did: str = "", *, decided: str = ""
) -> Flash:
    """Return what is said after ``did`` was done to an item, or after a transition of it.

    ``decided``: that transition. Its reader's list has one item less, whose next one is offered.
    """

    def load(connection: Connection) -> Flash:
        item = find_item(connection, code)
        if item is None:
            return Flash(sentences=(did,))
        view = item_view(parts.context, connection, item, asker.person.id)
        done = _decided(view, decided) if decided else did
        until = undoable_until(parts.context, connection, item, asker.person) if decided else None
        waiting = waiting_for(parts.context, connection, asker.person.id)[0] if decided else []
        return _flash((done, _where(parts, view)), parts, code, until, waiting)

    return await parts.database.read(load)


def _flash(
    sentences: tuple[str, str],
    parts: Application,
    code: str,
    undo_until: datetime | None,
    waiting: list[Item],
) -> Flash:
    others = [each for each in waiting if each.code != code]
    return Flash(
        sentences=sentences,
        undo=f"/items/{code}/undo" if undo_until else "",
        undo_until=hour_and_day(parts, undo_until),
        next_href=f"/items/{others[0].code}" if others else "",
        next_label=translate("Next item ({left})", left=counted(len(others), MOST_WAITING))
        if others
        else "",
    )


def _decided(view: ItemView, transition: str) -> str:
    labels = (each.label for each in view.definition.transitions if each.id == transition)
    label = next(labels, None)
    # Moved to other rules meanwhile, the item no longer knows the step that was taken.
    if label is None:
        return translate("The decision is recorded.")
    return translate("Recorded: {label}.", label=translate(label))


def _where(parts: Application, view: ItemView) -> str:
    code, label = view.item.code, translate(view.state.label_now)
    if view.item.due_at is None:
        return translate("{code} is now: {label}.", code=code, label=label)
    due = hour_and_day(parts, view.item.due_at)
    return translate(
        "{code} is now: {label}, at the latest {due}.", code=code, label=label, due=due
    )
