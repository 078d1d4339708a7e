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
    words = translate(
        "Whoever did not want this takes it back by the button, once, until {until}. "
        "Its page says first what will happen.",
        until=desk.moment(change.until),
    )
    url = f"{desk.base_url}/a/{token_for(desk.keys, Purpose.UNDO, change.bound)}"
    return Action(label=translate("See what taking it back does"), url=url), (words,)
