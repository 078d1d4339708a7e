"""The words of the mail about a day of the calendar by which something is due at another time.

One mail to each person, however much of theirs has moved. It says when each is due as it is sent.
"""

from notifications.days_in_words import day_text
from notifications.letters.about_items import context_of
from notifications.letters.owed_reports import owed_name
from notifications.mail_context import Desk, LetterText, ListGroup, ListRow
from notifications.mail_parameters import CalendarParameters
from notifications.messages import OutboxMessage
from notifications.translation import translate
from workflow.store import items


def calendar_moved(desk: Desk, message: OutboxMessage[CalendarParameters]) -> LetterText:
    """Tell a person what of theirs is due at another time, and when."""
    said = message.parameters
    day = day_text(said.day)
    reports, moved = _reports(desk, said), _items(desk, said)
    count = len(reports) + len(moved)
    named = (
        (translate("Deadlines"), reports),
        (translate("Items"), moved),
    )
    return LetterText(
        subject=translate("[Calendar changed] New due days, for {day} was set otherwise", day=day),
        heading=translate(
            "{count} thing that you answer for is due at another time.",
            "{count} things that you answer for are due at another time.",
            count=count,
        ),
        context=translate("The Office set {day} of the working calendar otherwise.", day=day),
        groups=tuple(
            ListGroup(heading=f"{heading} ({len(rows)})", rows=rows)
            for heading, rows in named
            if rows
        ),
        action=desk.way(translate("See the calendar"), f"deadlines/calendar?year={said.day.year}"),
        small_print=(
            translate("Which notice it follows stands on the calendar's page and in the history."),
        ),
    )


def _reports(desk: Desk, said: CalendarParameters) -> tuple[ListRow, ...]:
    known = [desk.deadlines[each] for each in said.deadlines if each in desk.deadlines]
    return tuple(
        ListRow(
            text=owed_name(each),
            note=desk.no_later_than(each.due_at),
            url=f"{desk.base_url}/deadlines",
        )
        for each in known
    )


def _items(desk: Desk, said: CalendarParameters) -> tuple[ListRow, ...]:
    known = items.items_by_id(desk.connection, said.items)
    return tuple(
        ListRow(
            text=context_of(desk, each),
            note=desk.no_later_than(each.due_at) if each.due_at else translate("no due day"),
            url=f"{desk.base_url}/items/{each.code}",
        )
        for each in known.values()
    )
