"""The words of mails about deadlines: reminders by the ladder, by hand, and about more time."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial

from notifications.days_in_words import day_text
from notifications.letters.about_items import capital
from notifications.letters.calendar_file import CalendarEntry, calendar_file
from notifications.letters.owed_reports import (
    approver,
    how_far,
    is_asked,
    is_awaiting,
    other_answers,
    owed_name,
    see_who_owes,
    way_on,
)
from notifications.mail_context import (
    Action,
    Desk,
    LetterFact,
    LetterText,
    ListGroup,
    ListRow,
    days_left,
)
from notifications.mail_parameters import ExtensionParameters, RemindNowParameters
from notifications.messages import AnyMessage, OutboxMessage
from notifications.quoting import quoted, unlinked
from notifications.translation import translate, within_sentence
from workflow.deadlines import Deadline
from workflow.model import DIRECTORATE, DepartmentId, ExtensionState, Person, ReminderState
from workflow.people import may_draft
from workflow.queries.campaigns import campaign_names
from workflow.store.extensions import Extension
from workflow.wording import worded


def reminder(desk: Desk, message: AnyMessage) -> LetterText:
    """Urge what is owed by the deadlines of one digest, the first due first."""
    carried, reader = desk.reminders[message.id], desk.recipient(message)
    due = sorted(
        (
            (desk.deadlines[row.deadline], row.rung, desk.owed(row))
            for row in carried
            if row.state is ReminderState.PLANNED
        ),
        key=lambda each: each[0].due_at,
    )
    owed = [(deadline, each) for deadline, _, departments in due for each in departments]
    if not owed:  # all of it was met since the mail was claimed
        owed = [(desk.deadlines[row.deadline], each) for row in carried for each in row.departments]
    # Kept whatever was met meanwhile: a letter sent again after a crash is known as the same.
    first = min((desk.deadlines[row.deadline] for row in carried), key=lambda each: each.due_at)
    words = tuple(dict.fromkeys(_words(desk, *each) for each in due))
    subject = _about(desk, first, {each for row in carried for each in row.departments})
    is_asking = any(is_asked(desk, reader, *each) for each in owed)
    if reader.position in DIRECTORATE and not is_asking:
        letter = _escalation(desk, owed, due, _why(desk, message))
        subject = f"[{translate('For the Directorate')}] {subject}"
        return replace(letter, subject=subject, context=_campaign(desk, first), paragraphs=words)
    return LetterText(
        subject=f"[{translate('Urging')}] {subject}",
        heading=_heading(desk, reader, owed),
        is_late=all(each.due_at < desk.at for each, _ in owed),
        context=_campaign(desk, first),
        paragraphs=words,
        facts=_facts(desk, *owed[0]) if len(owed) == 1 else (),
        groups=_groups(desk, due, partial(_row, desk, reader)) if len(owed) > 1 else (),
        action=_main_action(desk, reader, owed),
        small_print=(
            *other_answers(desk, first),
            translate("If it has been handed in meanwhile, please ignore this mail."),
            translate(
                "This mail goes by the ladder of a deadline that the Office set. It stops by "
                "itself when the report is handed in."
            ),
        ),
        cause=_why(desk, message),
        calendar=_calendar(desk, {deadline.id: deadline for deadline, *_ in due}.values()),
    )


def _about(desk: Desk, deadline: Deadline, departments: Collection[str]) -> str:
    """Return what the subject of a mail that urges says: what is due, from whom, by when."""
    about = [owed_name(deadline)]
    if len(departments) == 1:
        about += [desk.department(each) for each in departments]
    else:
        about.append(translate("{count} department", "{count} departments", count=len(departments)))
    due = translate("due {day}", day=desk.short_day(deadline.due_at))
    return ", ".join((*about, due))


def _escalation(
    desk: Desk,
    owed: Sequence[tuple[Deadline, str]],
    due: Iterable[tuple[Deadline, int, Sequence[DepartmentId]]],
    cause: Action,
) -> LetterText:
    """Tell the Directorate who is late with what, and how late: it urges nobody itself."""
    return LetterText(
        subject="",
        heading=_escalating(desk, owed),
        groups=_groups(desk, due, lambda _, each: ListRow(text=desk.department(each))),
        action=see_who_owes(desk),
        small_print=(
            translate(
                "This mail goes to the Directorate by the ladder of a deadline that the Office "
                "set: heads of departments answer to it for what is late."
            ),
        ),
        cause=cause,
    )


def _escalating(desk: Desk, owed: Sequence[tuple[Deadline, str]]) -> str:
    """Return what the Directorate is told in one sentence: how many are late, with what."""
    departments = {department for _, department in owed}
    what = "; ".join(dict.fromkeys(_in_sentence(deadline) for deadline, _ in owed))
    if all(deadline.due_at < desk.at for deadline, _ in owed):
        return translate(
            "{count} department is late with: {what}.",
            "{count} departments are late with: {what}.",
            count=len(departments),
            what=what,
        )
    return translate(
        "{count} department has not handed in: {what}.",
        "{count} departments have not handed in: {what}.",
        count=len(departments),
        what=what,
    )


def _in_sentence(deadline: Deadline) -> str:
    return within_sentence(owed_name(deadline))


def _heading(desk: Desk, reader: Person, owed: Sequence[tuple[Deadline, str]]) -> str:
    """Return in one sentence what is owed, and what the reader is to do about it."""
    first, department = owed[0]
    what = _in_sentence(first)
    if len(owed) > 1 and len({deadline.id for deadline, _ in owed}) == 1:
        return translate(
            "{count} department has not handed in: {what}.",
            "{count} departments have not handed in: {what}.",
            count=len(owed),
            what=what,
        )
    if len(owed) > 1:
        return translate(
            "{count} report is not handed in yet.",
            "{count} reports are not handed in yet.",
            count=len(owed),
        )
    if is_awaiting(desk, first, department):
        until = desk.due_in_subject(first.due_at)
        # It may have been submitted since its reminder to the drafter was written down, and the
        # Office may have a rung of its own.
        if is_asked(desk, reader, first, department):
            return translate("Please approve the {what}, {until}.", what=what, until=until)
        return translate(
            "To be approved by {who}: {what}, {until}.",
            who=approver(desk, first, department),
            what=what,
            until=until,
        )
    is_late = first.due_at < desk.at
    until = desk.due_in_subject(first.due_at) if is_late else desk.no_later_than(first.due_at)
    return translate("Please hand in the {what}, {until}.", what=what, until=until)


def _campaign(desk: Desk, deadline: Deadline) -> str:
    return dict(campaign_names(desk.connection)).get(deadline.campaign, "")


def _facts(desk: Desk, deadline: Deadline, department: str) -> tuple[LetterFact, ...]:
    """Return what is owed by whom until when, and up to which day its figures count."""
    left = days_left(desk.context.calendar, desk.at, deadline.due_at)
    return (
        LetterFact(label=translate("To hand in"), value=owed_name(deadline)),
        LetterFact(label=translate("Department"), value=desk.department(department)),
        LetterFact(label=translate("Due by"), value=f"{desk.moment(deadline.due_at)} ({left})"),
        LetterFact(label=translate("Figures up to"), value=_data_until(deadline)),
        LetterFact(
            label=translate("Standing"), value=how_far(desk, deadline, DepartmentId(department))
        ),
    )


def _groups(
    desk: Desk,
    due: Iterable[tuple[Deadline, int, Sequence[DepartmentId]]],
    row: Callable[[Deadline, DepartmentId], ListRow],
) -> tuple[ListGroup, ...]:
    """Return a group for each report that is owed: a ``row`` for each department, and how far."""
    groups = []
    for deadline, _, departments in due:
        left = days_left(desk.context.calendar, desk.at, deadline.due_at)
        figures = (
            translate(", figures up to {local_day}", local_day=_data_until(deadline))
            if deadline.data_until
            else ""
        )
        groups.append(
            ListGroup(
                heading=f"{owed_name(deadline)} ({len(departments)})",
                note=capital(f"{desk.no_later_than(deadline.due_at)} ({left}){figures}"),
                rows=tuple(
                    replace(row(deadline, each), note=how_far(desk, deadline, each))
                    for each in departments
                ),
            )
        )
    return tuple(groups)


def _row(desk: Desk, reader: Person, deadline: Deadline, department: DepartmentId) -> ListRow:
    """Return a department, and where the reader goes on with it."""
    way, name = way_on(desk, reader, deadline, department), desk.department(department)
    return ListRow(
        text=way.label if name in way.label else f"{way.label}, {name}",
        url=way.url,
    )


def _main_action(desk: Desk, reader: Person, owed: Sequence[tuple[Deadline, str]]) -> Action:
    """Return the one button: to what the reader drafts, to the one report owed, or to the board."""
    own = [each for each in owed if may_draft(reader, DepartmentId(each[1]))]
    chosen = own[:1] or (owed if len(owed) == 1 else ())
    if not chosen:
        return see_who_owes(desk)
    deadline, department = chosen[0]
    return way_on(desk, reader, deadline, DepartmentId(department))


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
        summary=unlinked(translate("Due: {owed}", owed=within_sentence(deadline.owed))),
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
        "data_until": _data_until(deadline),
    }
    return worded(
        words, {**facts, "departments": ", ".join(desk.department(each) for each in departments)}
    )


def _data_until(deadline: Deadline) -> str:
    """Return up to which day figures count; "" where nothing says so."""
    return day_text(deadline.data_until) if deadline.data_until else ""


def _why(desk: Desk, message: AnyMessage) -> Action:
    """Return the way to the entry of the ledger behind a mail."""
    return desk.way(translate("Why you receive this mail"), f"reminders/{message.id}")


def extension(desk: Desk, message: OutboxMessage[ExtensionParameters]) -> LetterText:
    """Tell the Office that more time is asked for, or whoever asked what it said."""
    asked = desk.extensions[message.parameters.extension]
    deadline = desk.deadlines[asked.deadline]
    department = desk.department(asked.department)
    tag, heading, words = _extension_words(desk, asked)
    is_asked = asked.state is ExtensionState.ASKED
    button = (
        desk.way(translate("Answer"), "deadlines")
        if is_asked
        else way_on(desk, desk.recipient(message), deadline, asked.department)
    )
    return LetterText(
        subject=f"[{tag}] {owed_name(deadline)}, {department}",
        heading=heading,
        context=_campaign(desk, deadline),
        facts=(
            LetterFact(label=translate("To hand in"), value=owed_name(deadline)),
            LetterFact(label=translate("Department"), value=department),
            LetterFact(label=translate("Due by"), value=desk.moment(deadline.due_at)),
            LetterFact(label=translate("Asked for"), value=desk.moment(asked.wanted_at)),
            *words,
        ),
        action=button,
        small_print=(
            translate("This mail goes to the department that asked, and to whoever decides."),
        ),
    )


def _extension_words(desk: Desk, asked: Extension) -> tuple[str, str, list[LetterFact]]:
    """Return what has become of an extension, the same as a sentence, and what was said with it."""
    department, wanted = desk.department(asked.department), desk.short_day(asked.wanted_at)
    names = {"department": department, "wanted": wanted}
    who = translate("The Office")
    match asked.state:
        case ExtensionState.ASKED:
            tag = translate("More time asked for")
            heading = translate("{department} asks for more time, until {wanted}.", **names)
            label, who, words = translate("Reason"), department, asked.why
        case ExtensionState.GRANTED:
            tag = translate("More time given")
            heading = translate("{department} has more time, until {wanted}.", **names)
            label, words = translate("Comment"), asked.answer
        case ExtensionState.REFUSED:
            tag = translate("No more time")
            heading = translate("No more time for {department}.", **names)
            label, words = translate("Reason"), asked.answer
    return tag, heading, [LetterFact(label=label, value=quoted(who, words))] if words else []


def remind_now(desk: Desk, message: OutboxMessage[RemindNowParameters]) -> LetterText:
    """Urge a department in the Office's own words."""
    said = message.parameters
    deadline, department = desk.deadlines[said.deadline], DepartmentId(said.department)
    return LetterText(
        subject=f"[{translate('Urging')}] {_about(desk, deadline, [department])}",
        heading=_heading(desk, desk.recipient(message), [(deadline, department)]),
        context=_campaign(desk, deadline),
        paragraphs=tuple(said.message.splitlines()),
        facts=_facts(desk, deadline, department),
        action=way_on(desk, desk.recipient(message), deadline, department),
        small_print=(translate("The Office sent this mail itself; it stands in the history."),),
        cause=_why(desk, message),
    )
