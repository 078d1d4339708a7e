"""The link by which the reader of a mail takes back what it tells of."""

from notifications.mail_context import Action, Desk
from notifications.translation import translate
from workflow.links import Purpose, token_for
from workflow.store.account_changes import find_change


def undo_link(desk: Desk, undo: str) -> tuple[Action | None, tuple[str, ...]]:
    """Return the link of the change ``undo`` (in hex) and what is said of it; none where empty."""
    change = find_change(desk.connection, bytes.fromhex(undo)) if undo else None
    if change is None:
        return None, ()
    until = change.until.astimezone(desk.context.calendar.zone)
    words = translate(
        "If it was not you who wanted this, the link below takes it back, once, until {until}. "
        "Its page says first what will happen.",
        until=until.strftime(translate("%H:%M on %d/%m/%Y")),
    )
    url = f"{desk.base_url}/a/{token_for(desk.keys, Purpose.UNDO, change.bound)}"
    return Action(label=translate("See what taking it back does"), url=url), (words,)
