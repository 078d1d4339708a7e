"""The words of the mail about a proposal: to each person who may confirm it."""

from notifications.mail_context import Action, Desk, LetterFact, LetterText
from notifications.mail_parameters import ProposalParameters
from notifications.messages import OutboxMessage
from notifications.proposals_in_words import words_of
from notifications.translation import translate
from workflow.queries.proposals import proposal_for


def proposal(desk: Desk, message: OutboxMessage[ProposalParameters]) -> LetterText:
    """Ask for an answer to what somebody else proposed."""
    identity = message.parameters.proposal
    view = proposal_for(desk.context, desk.connection, identity, None)
    if view is None:
        raise ValueError("a proposal that is not there")
    until = view.proposal.until.astimezone(desk.context.calendar.zone).strftime("%d/%m/%Y")
    return LetterText(
        subject=translate("Confirm or reject: proposal {number}", number=identity),
        heading=translate("{name} proposes something that gives power.", name=view.by.name),
        paragraphs=(
            *words_of(desk.context, desk.connection, view),
            translate("It happens only if a second person confirms it with a PIN or a code."),
        ),
        facts=(
            LetterFact(label=translate("Proposed by"), value=f"{view.by.name} ({view.by.email})"),
            LetterFact(label=translate("Lapses after"), value=until),
        ),
        action=Action(
            label=translate("Read and answer"), url=f"{desk.base_url}/proposals/{identity}"
        ),
        small_print=(
            translate("If you did not expect this, reject it and ask {name}.", name=view.by.name),
        ),
    )
