"""The words of mails about deadlines: reminders by the ladder, by hand, and about more time."""

from collections.abc import Iterable, Sequence

from notifications.letters.calendar_file import CalendarEntry, calendar_file
from notifications.mail_context import Action, Desk, LetterFact, LetterText, ListRow, days_left
from notifications.mail_parameters import ExtensionParameters, RemindNowParameters
from notifications.messages import AnyMessage, OutboxMessage
from notifications.quoting import Own, quoted, unlinked
from notifications.translation import translate
from workflow.deadlines import Deadline
from workflow.model import ExtensionState, ReminderState
from workflow.store.extensions import Extension
from workflow.wording import worded


def reminder(desk: Desk, message: AnyMessage) -> LetterText:
    """Remind of what is owed by the deadlines of one digest."""
    carried = desk.reminders[message.id]
    due = [
        (desk.deadlines[row.deadline], row.rung, desk.owed(row))
        for row in carried
        if row.state is ReminderState.PLANNED
    ]
    first = desk.deadlines[carried[0].deadline]
    return LetterText(
        subject=translate(
            "Reminder: {called} report, due {day}",
            called=first.called,
            day=desk.day(first.due_at)[:5],
        ),
        heading=translate("Reports of the campaign that are not delivered."),
        paragraphs=(
            *dict.fromkeys(_words(desk, *each) for each in due),
            translate(
                "According to the Office, the following reports have not been "
                "submitted. If they have, please ignore this mail."
            ),
        ),
        rows=tuple(
            ListRow(
                text=_reminder_line(desk, deadline, department),
                label=translate("Open the list of items"),
                url=f"{desk.base_url}/items",
            )
            for deadline, _, departments in due
            for department in departments
        ),
        small_print=(
            translate(
                "You receive this mail by the reminders of a deadline that the Office "
                "set. It stops by itself when the report is submitted."
            ),
            *_why(desk, message),
        ),
        calendar=_calendar(desk, {deadline.id: deadline for deadline, *_ in due}.values()),
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
        summary=unlinked(translate("{called} report due", called=deadline.called)),
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


def _why(desk: Desk, message: AnyMessage) -> tuple[str, str]:
    """Return the foot that leads to the entry of the ledger behind a mail."""
    return (translate("Why you receive this mail:"), Own(f"{desk.base_url}/reminders/{message.id}"))


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


def extension(desk: Desk, message: OutboxMessage[ExtensionParameters]) -> LetterText:
    """Tell the Office that more time is asked for, or whoever asked what it said."""
    asked = desk.extensions[message.parameters.extension]
    called = desk.deadlines[asked.deadline].called
    heading, what, words = _said_of(desk, asked)
    return LetterText(
        subject=translate("{heading}: {called} report", heading=heading, called=called),
        heading=f"{heading}.",
        paragraphs=(what,),
        facts=(LetterFact(label=translate("Report"), value=translate(called)), *words),
        action=Action(label=translate("Open the page Deadlines"), url=f"{desk.base_url}/deadlines"),
        small_print=(
            translate(
                "You receive this mail because your department asked for more time, or "
                "because you decide about it."
            ),
        ),
    )


def _said_of(desk: Desk, asked: Extension) -> tuple[str, str, list[LetterFact]]:
    """Return what has become of an extension, what follows, and what was said with it."""
    department, wanted = desk.department(asked.department), desk.day(asked.wanted_at)
    match asked.state:
        case ExtensionState.ASKED:
            heading = translate(
                "{department} asks for more time, until {wanted}",
                department=department,
                wanted=wanted,
            )
            what = translate("Open the page Deadlines to agree or not.")
            label, words = translate("The department's reason"), asked.why
        case ExtensionState.GRANTED:
            heading = translate(
                "{department} has more time, until {wanted}", department=department, wanted=wanted
            )
            what = translate("The department's reminders follow the new deadline.")
            label, words = translate("Comment"), asked.answer
        case ExtensionState.REFUSED:
            heading = translate("No more time for {department}", department=department)
            what = translate("The department's deadline stays as it is.")
            label, words = translate("Reason"), asked.answer
    who = department if asked.state is ExtensionState.ASKED else translate("The Office")
    return heading, what, [LetterFact(label=label, value=quoted(who, words))] if words else []


def remind_now(desk: Desk, message: OutboxMessage[RemindNowParameters]) -> LetterText:
    """Remind a department in the Office's own words."""
    said = message.parameters
    deadline = desk.deadlines[said.deadline]
    return LetterText(
        subject=translate(
            "The Office reminds: {called} report, due {day}",
            called=deadline.called,
            day=desk.day(deadline.due_at)[:5],
        ),
        heading=translate(
            "The Office asks the department to deliver the {called} report.", called=deadline.called
        ),
        paragraphs=tuple(said.message.splitlines()),
        facts=(
            LetterFact(label=translate("Department"), value=desk.department(said.department)),
            LetterFact(label=translate("Due"), value=desk.day(deadline.due_at)),
        ),
        action=Action(label=translate("Open the list of items"), url=f"{desk.base_url}/items"),
        small_print=(
            translate(
                "This reminder was sent by the Office directly and is recorded in the history."
            ),
            *_why(desk, message),
        ),
    )
