"""The words of the mail about a finding: to whom it asks, and to the auditor who opened it."""

from notifications.mail_context import Action, Desk, LetterText
from notifications.mail_parameters import FindingParameters
from notifications.messages import OutboxMessage
from notifications.translation import translate
from workflow.model import FindingChange


def finding(desk: Desk, message: OutboxMessage[FindingParameters]) -> LetterText:
    """Tell of a finding; what it says stands on its page, behind the sign-in."""
    number = message.parameters.finding
    who = desk.person(message.parameters.actor).name
    match message.parameters.what:
        case FindingChange.OPENED:
            subject = translate("Answer asked: finding {number}", number=number)
            heading = translate("{who} asks for your answer to a finding of the audit.", who=who)
        case FindingChange.NOTED:
            subject = translate("Note on finding {number}", number=number)
            heading = translate("{who} wrote a note on a finding of the audit.", who=who)
        case FindingChange.CLOSED:
            subject = translate("Finding {number} is closed", number=number)
            heading = translate("{who} closed a finding of the audit.", who=who)
    return LetterText(
        subject=subject,
        heading=heading,
        paragraphs=(translate("Sign in to read it."),),
        action=Action(
            label=translate("Open the finding"), url=f"{desk.base_url}/findings/{number}"
        ),
        small_print=(
            translate("You receive this mail because the finding asks you, or you opened it."),
        ),
    )
