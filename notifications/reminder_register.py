"""The register of reminders as people read it: what went, what will go, and why.

Owns the words for the reasons that the ledger keeps as codes; they are said in the language of
whoever reads them.
"""

from dataclasses import dataclass
from datetime import date, datetime

from workflow.deadlines import PlannedReminder
from workflow.messages import Message, lazy, verbatim
from workflow.model import PersonId, ReminderReason, ReminderState
from workflow.store.reminder_ledger import LedgerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """One reminder as the Office reads it: planned, sent, superseded or failed, with its reason."""

    deadline: int
    rung: int
    person: PersonId
    departments: tuple[str, ...]
    at: datetime
    state: ReminderState
    reason: Message
    message_id: str | None


def from_ledger(row: LedgerRow) -> ReminderRow:
    """Return an entry of the ledger as the Office reads it."""
    return ReminderRow(
        deadline=row.deadline,
        rung=row.rung,
        person=row.person,
        departments=row.departments,
        at=row.at,
        state=row.state,
        reason=reason_of(row),
        message_id=row.message_id,
    )


def from_plan(each: PlannedReminder) -> ReminderRow:
    """Return a planned reminder as the Office reads it."""
    return ReminderRow(
        deadline=each.deadline,
        rung=each.rung,
        person=each.person,
        departments=each.departments,
        at=each.at,
        state=ReminderState.PLANNED if each.goes else ReminderState.SUPERSEDED,
        reason=_in_words(*_why(each), each.rung),
        message_id=None,
    )


def _why(reminder: PlannedReminder) -> tuple[str, str]:
    """Return why a planned reminder goes, or does not: the reason, and its detail."""
    if reminder.is_met:
        return ReminderReason.MET, ""
    if reminder.snoozed_until is not None:
        return ReminderReason.SNOOZED, reminder.snoozed_until.isoformat()
    return ReminderReason.RUNG, ""


def reason_of(row: LedgerRow) -> Message:
    """Return why a reminder went or did not, to be read in the reader's language."""
    reason, _, detail = row.reason.partition(" ")
    return _in_words(reason, detail, row.rung)


def _in_words(reason: str, detail: str, rung: int) -> Message:
    match reason:
        case ReminderReason.RUNG if rung < 0:
            return lazy(
                "{count} working day until the deadline.",
                "{count} working days until the deadline.",
                count=-rung,
            )
        case ReminderReason.RUNG if rung:
            return lazy("Working days overdue: {rung}.", rung=rung)
        case ReminderReason.SNOOZED:
            until = date.fromisoformat(detail)
            return lazy("The recipient put the reminder off until {until:%d/%m/%Y}.", until=until)
        case ReminderReason.NOT_SENT:
            return lazy("Not sent: {detail}", detail=detail)
        case _ if reason in _REASONS:
            return _REASONS[ReminderReason(reason)]
        case _:
            return verbatim(f"{reason} {detail}")  # a sentence, as earlier programs wrote them


_REASONS = {
    ReminderReason.RUNG: lazy("On the due day itself."),
    ReminderReason.BY_HAND: lazy("The Office reminded directly."),
    ReminderReason.MET: lazy("The department has delivered its report."),
    ReminderReason.OVERTAKEN: lazy("A later reminder has come due."),
    ReminderReason.DEADLINE_MOVED: lazy("The deadline has changed."),
    ReminderReason.RECIPIENT_LEFT: lazy("The recipient no longer works here."),
    ReminderReason.NOTHING_OWED: lazy("The reports were delivered or the deadline has changed."),
    ReminderReason.UNWRITABLE: lazy("The mail could not be written."),
    ReminderReason.SENT_AGAIN: lazy("Sent again by the Office."),
}
