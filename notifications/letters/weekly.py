"""The words of the Office's mail of the week: what needs it, gravest first."""

from collections import Counter
from collections.abc import Sequence

from notifications.mail_context import Action, Desk, LetterText, ListRow
from notifications.mail_parameters import WeeklyParameters
from notifications.messages import OutboxMessage
from notifications.translation import translate
from workflow.messages import lazy
from workflow.queries.attention import Concern, Worry

_MOST_ROWS = 20
_WORRIES = {
    Worry.STUCK: lazy("items that nobody can handle"),
    Worry.EXTENSION: lazy("more time asked for, waiting for an answer"),
    Worry.REQUEST: lazy("requests on personal data"),
    Worry.LATE_REPORT: lazy("overdue reports"),
    Worry.LATE_ITEM: lazy("items late at a step"),
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
    week = message.parameters.week.strftime("%d/%m")
    office = Action(label=translate("Open the page To mend"), url=f"{desk.base_url}/office")
    return LetterText(
        subject=translate("What needs the Office, week of {week}", week=week),
        heading=translate(
            "{count} matter needs the Office this week.",
            "{count} matters need the Office this week.",
            count=len(found),
        ),
        paragraphs=(_counted(found), dead if undelivered else ""),
        rows=_rows(desk, found, office),
        action=office,
        small_print=(
            translate(
                "This mail goes to the Office at the beginning of a week, only when "
                "something needs it."
            ),
        ),
    )


def _label(concern: Concern) -> str:
    if concern.request is not None:
        return translate("Open the request")
    return translate("Open the item") if concern.code else translate("Open the deadline")


def _path(concern: Concern) -> str:
    if concern.request is not None:
        return f"/privacy/requests/{concern.request}"
    return f"/items/{concern.code}" if concern.code else "/deadlines"


def _counted(found: Sequence[Concern]) -> str:
    """Return how many concerns there are of each kind, as a sentence, or nothing."""
    heads = Counter(each.worry for each in found)
    counted = [f"{translate(_WORRIES[each])}: {heads[each]}" for each in Worry if heads[each]]
    return f"{'; '.join(counted)}." if counted else ""


def _rows(desk: Desk, found: Sequence[Concern], office: Action) -> tuple[ListRow, ...]:
    """Return a row for each concern, and where there are too many, one that leads to the rest."""
    rows = [
        ListRow(
            text=translate(each.sentence),
            label=_label(each),
            url=f"{desk.base_url}{_path(each)}",
        )
        for each in found[:_MOST_ROWS]
    ]
    if len(found) > _MOST_ROWS:
        count = len(found) - _MOST_ROWS
        more = translate("And {count} more", "And {count} more", count=count)
        rows.append(ListRow(text=more, label=office.label, url=office.url))
    return tuple(rows)
