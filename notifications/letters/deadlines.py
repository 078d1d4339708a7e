"""The words of mails about deadlines: reminders by the ladder, by hand, and the Office's week."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from notifications.letters.calendar_file import CalendarEntry, calendar_file
from notifications.mail_context import Action, Desk, Fact, LetterText, ListRow, days_left
from notifications.mail_health import troubles
from notifications.messages import Kind, Message
from notifications.translation import translate
from workflow.deadlines import Deadline
from workflow.lookups.obligations import obligations
from workflow.messages import lazy
from workflow.model import ExtensionState, ReminderState
from workflow.queries.attention import Concern, Worry, concerns
from workflow.store import deadlines, extensions, reminder_ledger
from workflow.wording import worded


def _reminder(desk: Desk, message: Message) -> LetterText:
    owed = obligations(desk.context, desk.connection)
    by_id = {each.id: each for each in deadlines.all_deadlines(desk.connection)}
    carried = reminder_ledger.ledger_by_outbox(desk.connection, [message.id])
    open_ones = [
        (
            by_id[row.deadline],
            row,
            [
                each
                for each in row.departments
                if (by_id[row.deadline].campaign, by_id[row.deadline].kind, each) not in owed.met
            ],
        )
        for row in carried
        if row.state is ReminderState.PLANNED
    ]
    rows = [
        ListRow(
            text=_reminder_line(desk, deadline, department),
            label=translate("Open the list of items"),
            url=f"{desk.base_url}/items",
        )
        for deadline, _, departments in open_ones
        for department in departments
    ]
    words = dict.fromkeys(
        _words(desk, deadline, row.rung, departments) for deadline, row, departments in open_ones
    )
    first = by_id[carried[0].deadline]
    return LetterText(
        agency=desk.agency.name,
        subject=translate(
            "Reminder: {called} report, due {day}",
            called=first.called,
            day=desk.day(first.due_at)[:5],
        ),
        heading=translate("Reports of the campaign that are not delivered."),
        paragraphs=(
            *(each for each in words if each),
            translate(
                "According to the Office, the following reports have not been "
                "submitted. If they have, please ignore this mail."
            ),
        ),
        rows=tuple(rows),
        small_print=(
            translate(
                "You receive this mail by the reminders of a deadline that the Office "
                "set. It stops by itself when the report is submitted."
            ),
            *_why(desk, message),
        ),
        calendar=_calendar(desk, {deadline.id: deadline for deadline, _, _ in open_ones}.values()),
    )


def _calendar(desk: Desk, wanted: Iterable[Deadline]) -> bytes:
    entries = [
        deadline_entry(each, deployment=desk.keys.deployment, base_url=desk.base_url)
        for each in wanted
    ]
    return calendar_file(
        entries,
        name=desk.agency.name,
        zone=desk.context.calendar.zone,
        now=desk.context.clock(),
        method="PUBLISH",
    )


def deadline_entry(deadline: Deadline, *, deployment: str, base_url: str) -> CalendarEntry:
    """Return a deadline as calendars show it; its changes come as updates of the same entry."""
    return CalendarEntry(
        uid=f"deadline-{deadline.id}@{deployment}",
        summary=translate("{called} report due", called=deadline.called),
        due_at=deadline.due_at,
        sequence=deadline.version,
        url=f"{base_url}/deadlines",
    )


def _words(desk: Desk, deadline: Deadline, days: int, departments: Sequence[str]) -> str:
    """Return the Office's own words for a rung, filled in; empty where it has none."""
    words = next((rung.words for rung in deadline.ladder if rung.days == days), "")
    left = days_left(desk.context.calendar, desk.context.clock(), deadline.due_at)
    facts = {
        "kind": translate(deadline.called),
        "due": desk.day(deadline.due_at),
        "left": left,
        "data_until": _local_day(deadline.data_until),
    }
    return worded(
        words, {**facts, "departments": ", ".join(desk.department(each) for each in departments)}
    )


def _local_day(day: str) -> str:
    return "/".join(reversed(day.split("-")))


def _why(desk: Desk, message: Message) -> tuple[str, str]:
    """Return the foot that leads to the entry of the ledger behind a mail."""
    return (translate("Why you receive this mail:"), f"{desk.base_url}/reminders/{message.id}")


def _reminder_line(desk: Desk, deadline: Deadline, department: str) -> str:
    until = (
        translate(", figures up to {local_day}", local_day=_local_day(deadline.data_until))
        if deadline.data_until
        else ""
    )
    return translate(
        "{department}: {called} report, due {day} ({days_left}){until}",
        department=desk.department(department),
        called=deadline.called,
        day=desk.day(deadline.due_at),
        days_left=days_left(desk.context.calendar, desk.context.clock(), deadline.due_at),
        until=until,
    )


def _extension(desk: Desk, message: Message) -> LetterText:
    asked = extensions.extension_by_id(desk.connection, message.params["extension"])
    if asked is None:  # pragma: no cover - extensions are never deleted
        raise ValueError("a mail about an extension that is not there")
    deadline = next(
        each for each in deadlines.all_deadlines(desk.connection) if each.id == asked.deadline
    )
    department, wanted = desk.department(asked.department), desk.day(asked.wanted_at)
    says = {
        ExtensionState.ASKED: (
            translate(
                "{department} asks for more time, until {wanted}",
                department=department,
                wanted=wanted,
            ),
            translate("Open the page Deadlines to agree or not."),
            translate("The department's reason"),
            asked.why,
        ),
        ExtensionState.GRANTED: (
            translate(
                "{department} has more time, until {wanted}", department=department, wanted=wanted
            ),
            translate("The department's reminders follow the new deadline."),
            translate("Comment"),
            asked.answer,
        ),
        ExtensionState.REFUSED: (
            translate("No more time for {department}", department=department),
            translate("The department's deadline stays as it is."),
            translate("Reason"),
            asked.answer,
        ),
    }
    heading, what, label, words = says[asked.state]
    return LetterText(
        agency=desk.agency.name,
        subject=translate("{heading}: {called} report", heading=heading, called=deadline.called),
        heading=f"{heading}.",
        paragraphs=(what,),
        facts=(
            Fact(label=translate("Report"), value=translate(deadline.called)),
            *((Fact(label=label, value=words),) if words else ()),
        ),
        action=Action(label=translate("Open the page Deadlines"), url=f"{desk.base_url}/deadlines"),
        small_print=(
            translate(
                "You receive this mail because your department asked for more time, or "
                "because you decide about it."
            ),
        ),
    )


def _counted(found: Sequence[Concern]) -> str:
    """Return how many concerns there are of each kind."""
    heads = Counter(each.worry for each in found)
    return "; ".join(
        f"{translate(_WORRIES[worry])}: {heads[worry]}" for worry in Worry if heads[worry]
    )


def _weekly(desk: Desk, message: Message) -> LetterText:
    found = concerns(desk.context, desk.connection)
    wrong = troubles(desk.context, desk.connection)
    counted = _counted(found)
    mail = (
        translate(
            "Mails that could not be sent: {count}.",
            "Mails that could not be sent: {count}.",
            count=len(wrong.undelivered),
        )
        if wrong.undelivered
        else ""
    )
    rows = [
        ListRow(
            text=translate(each.sentence),
            label=translate("Open the item") if each.code else translate("Open the deadline"),
            url=f"{desk.base_url}/items/{each.code}" if each.code else f"{desk.base_url}/deadlines",
        )
        for each in found[:_WEEKLY_ROWS]
    ]
    if len(found) > _WEEKLY_ROWS:
        more = translate("And {count} more", "And {count} more", count=len(found) - _WEEKLY_ROWS)
        rows.append(
            ListRow(
                text=more, label=translate("Open the page To mend"), url=f"{desk.base_url}/office"
            )
        )
    # The list is of when it leaves; the subject is the week's, so that a letter sent again after a crash is known as the same.
    week = date.fromisoformat(message.params["week"]).strftime("%d/%m")
    return LetterText(
        agency=desk.agency.name,
        subject=translate("What needs the Office, week of {week}", week=week),
        heading=translate(
            "{count} matter needs the Office this week.",
            "{count} matters need the Office this week.",
            count=len(found),
        ),
        paragraphs=tuple(part for part in (f"{counted}." if counted else "", mail) if part),
        rows=tuple(rows),
        action=Action(label=translate("Open the page To mend"), url=f"{desk.base_url}/office"),
        small_print=(
            translate(
                "This mail goes to the Office at the beginning of a week, only when "
                "something needs it."
            ),
        ),
    )


_WEEKLY_ROWS = 20
_WORRIES = {
    Worry.STUCK: lazy("items that nobody can handle"),
    Worry.EXTENSION: lazy("more time asked for, waiting for an answer"),
    Worry.LATE_REPORT: lazy("overdue reports"),
    Worry.LATE_ITEM: lazy("items late at a step"),
    Worry.NOBODY_REMINDED: lazy("deadlines that remind nobody"),
    Worry.DUE_SOON: lazy("reports due soon"),
    Worry.UNCONFIRMED: lazy("outcomes of the board not recorded"),
}


def _remind_now(desk: Desk, message: Message) -> LetterText:
    by_id = {each.id: each for each in deadlines.all_deadlines(desk.connection)}
    deadline = by_id[message.params["deadline"]]
    return LetterText(
        agency=desk.agency.name,
        subject=translate(
            "The Office reminds: {called} report, due {day}",
            called=deadline.called,
            day=desk.day(deadline.due_at)[:5],
        ),
        heading=translate(
            "The Office asks the department to deliver the {called} report.", called=deadline.called
        ),
        paragraphs=tuple(line for line in message.params["message"].splitlines() if line.strip()),
        facts=(
            Fact(
                label=translate("Department"), value=desk.department(message.params["department"])
            ),
            Fact(label=translate("Due"), value=desk.day(deadline.due_at)),
        ),
        action=Action(label=translate("Open the list of items"), url=f"{desk.base_url}/items"),
        small_print=(
            translate(
                "This reminder was sent by the Office directly and is recorded in the history."
            ),
            *_why(desk, message),
        ),
    )


DEADLINE_WRITERS: Mapping[Kind, Callable[[Desk, Message], LetterText]] = {
    Kind.REMINDER: _reminder,
    Kind.REMIND_NOW: _remind_now,
    Kind.WEEKLY: _weekly,
    Kind.EXTENSION: _extension,
}
