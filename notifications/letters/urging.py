"""The words of the mail by which the Office urges whoever holds items that are late.

One mail to each person, in the Office's own words, with all of theirs that the Office chose.
"""

from notifications.letters.about_items import context_of
from notifications.mail_context import Desk, LetterText, ListGroup, ListRow, days_left
from notifications.mail_parameters import UrgedParameters
from notifications.messages import OutboxMessage
from notifications.translation import translate
from workflow.model import Item
from workflow.store import items


def urged(desk: Desk, message: OutboxMessage[UrgedParameters]) -> LetterText:
    """Urge a person to handle what is late with them."""
    said = message.parameters
    known = list(items.items_by_id(desk.connection, said.items).values())
    heading = translate(
        "{count} item is late and waits to be handled.",
        "{count} items are late and wait to be handled.",
        count=len(known),
    )
    return LetterText(
        subject=translate("[Urging] {what}", what=heading.removesuffix(".")),
        heading=heading,
        paragraphs=tuple(said.message.splitlines()),
        groups=(ListGroup(rows=tuple(_row(desk, each) for each in known)),),
        action=desk.way(translate("Open My work"), ""),
        small_print=(translate("The Office sent this mail itself; it stands in the history."),),
    )


def _row(desk: Desk, item: Item) -> ListRow:
    return ListRow(
        text=context_of(desk, item),
        note=days_left(desk.context.calendar, desk.at, item.due_at) if item.due_at else "",
        url=f"{desk.base_url}/items/{item.code}",
    )
