"""The words of the mail about a finding: to whom it asks, and to the auditor who opened it."""

from notifications.letters.about_items import named
from notifications.mail_context import Desk, LetterFact, LetterText
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
            subject = translate("[Answer asked] Finding {number} of the audit", number=number)
            heading = translate("{who} asks for your answer to a finding of the audit.", who=who)
        case FindingChange.NOTED:
            subject = translate("[Note] Finding {number} of the audit", number=number)
            heading = translate("{who} wrote a note on a finding of the audit.", who=who)
        case FindingChange.CLOSED:
            subject = translate("[Closed] Finding {number} of the audit", number=number)
            heading = translate("{who} closed a finding of the audit.", who=who)
    return LetterText(
        subject=subject,
        heading=heading,
        paragraphs=(translate("What it says stands on its page alone."),),
        facts=(
            LetterFact(label=translate("Finding"), value=str(number)),
            LetterFact(label=translate("By"), value=named(desk.person(message.parameters.actor))),
        ),
        action=desk.way(translate("Open the finding"), f"findings/{number}"),
        small_print=(
            translate("This mail goes to whom the finding asks, and to whoever opened it."),
        ),
    )
