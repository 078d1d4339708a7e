"""The words of the mail about a visit: to whoever answers for the department that is inspected."""

from notifications.days_in_words import day_text
from notifications.mail_context import Desk, LetterFact, LetterText
from notifications.mail_parameters import VisitParameters
from notifications.messages import OutboxMessage
from notifications.translation import translate
from workflow.office_events import VisitChange


def visit(desk: Desk, message: OutboxMessage[VisitParameters]) -> LetterText:
    """Tell when the Office comes and who, or that it does not; what it is about is on its page."""
    said = message.parameters
    day, department = day_text(said.on_day), desk.department(said.department)
    match said.what:
        case VisitChange.PLANNED:
            subject = translate("[Inspection] {department}, {day}", department=department, day=day)
            heading = translate(
                "The Office inspects {department} on {day}.", department=department, day=day
            )
        case VisitChange.GIVEN_UP:
            subject = translate(
                "[Inspection given up] {department}, {day}", department=department, day=day
            )
            heading = translate(
                "The Office does not inspect {department} on {day}.",
                department=department,
                day=day,
            )
    inspectors = "\n".join(desk.person(each).name for each in said.inspectors)
    return LetterText(
        subject=subject,
        heading=heading,
        paragraphs=(translate("What it is about, and why it is given up, stands on its page."),),
        facts=(
            LetterFact(label=translate("Department"), value=department),
            LetterFact(label=translate("Day"), value=day),
            LetterFact(label=translate("Who comes"), value=inspectors),
        ),
        action=desk.way(translate("Open the inspection"), f"inspections/{said.inspection}"),
        small_print=(translate("This mail goes to whoever answers for the department."),),
    )
