"""The words of the Office's mail of the week: what needs it, gravest first."""

from collections.abc import Sequence

from notifications.days_in_words import day_text
from notifications.letters.about_items import capital
from notifications.letters.owed_reports import owed_name
from notifications.mail_context import Desk, LetterText, ListGroup, ListRow
from notifications.mail_parameters import WeeklyParameters
from notifications.messages import OutboxMessage
from notifications.translation import counted, translate
from workflow.messages import lazy
from workflow.queries.attention import MOST_NAMED, Concern, Worry

_MOST_ROWS = 5
"""Rows of one kind of concern; the page has them all."""
_WORRIES = {
    Worry.STUCK: lazy("items that nobody can handle"),
    Worry.EXTENSION: lazy("more time asked for, waiting for an answer"),
    Worry.REQUEST: lazy("requests on personal data"),
    Worry.LATE_REPORT: lazy("overdue reports"),
    Worry.LATE_ITEM: lazy("items late at a step, not yet sent"),
    Worry.NOBODY_REMINDED: lazy("deadlines that remind nobody"),
    Worry.DUE_SOON: lazy("reports due soon"),
    Worry.UNCONFIRMED: lazy("outcomes of the board not recorded"),
}


def weekly(desk: Desk, message: OutboxMessage[WeeklyParameters]) -> LetterText:
    """Tell the Office what needs it, as it is when the mail leaves."""
    found, undelivered = desk.concerns, len(desk.troubles.undelivered)
    dead = translate(
        "Mails that could not be sent: {count}.",
        "Mails that could not be sent: {count}.",
        count=undelivered,
    )
    # The subject is the week's: a letter sent again after a crash is known as the same.
    week = day_text(message.parameters.week)
    groups = _groups(desk, found)
    return LetterText(
        subject=translate("[To mend] What needs the Office, week of {week}", week=week),
        heading=translate(
            "{count} matter needs the Office this week.",
            "{count} matters need the Office this week.",
            count=len(found),
        ),
        paragraphs=(dead if undelivered else "",),
        groups=groups,
        action=desk.way(translate("Open the page To mend"), "office"),
        small_print=(
            translate(
                "This mail goes to the Office at the beginning of a week, only when "
                "something needs it."
            ),
        ),
    )


def _groups(desk: Desk, found: Sequence[Concern]) -> tuple[ListGroup, ...]:
    """Return a group for each kind of concern, with how many there are and the first of them."""
    groups = []
    for worry in Worry:
        alike = [each for each in found if each.worry is worry]
        rows = [_row(desk, each) for each in alike[:_MOST_ROWS]]
        if len(alike) > _MOST_ROWS:
            count = len(alike) - _MOST_ROWS
            more = translate("And {count} more", "And {count} more", count=count)
            rows.append(ListRow(text=more, url=f"{desk.base_url}/office"))
        if alike:
            heading = f"{capital(translate(_WORRIES[worry]))} ({counted(len(alike), MOST_NAMED)})"
            groups.append(ListGroup(heading=heading, rows=tuple(rows)))
    return tuple(groups)


def _row(desk: Desk, concern: Concern) -> ListRow:
    """Return a concern, which leads to where it is mended."""
    if concern.request is not None:
        path, label = f"privacy/requests/{concern.request}", translate("Open the request")
    elif concern.code is not None:
        path, label = f"items/{concern.code}", translate("Open the item")
    elif concern.department is not None and concern.worry is not Worry.EXTENSION:
        path = f"deadlines/{concern.deadline}/remind?department={concern.department}"
        label = translate("Urge {department}", department=desk.department(concern.department))
    else:
        path, label = "deadlines", translate("Open the deadline")
    deadline = desk.deadlines.get(concern.deadline or 0)
    report = (
        [owed_name(deadline), translate("due {day}", day=desk.short_day(deadline.due_at))]
        if deadline is not None
        else []
    )
    return ListRow(
        text=translate(concern.sentence),
        note=", ".join(report),
        url=f"{desk.base_url}/{path}",
        link=label,
    )
