"""The words of mails about personal data: requests, to the Office and to whoever asked; erasures.

What was asked, answered or erased stays inside: a mail says that it is there, or is gone.
"""

from dataclasses import replace
from typing import Final

from notifications.days_in_words import day_text
from notifications.decisions_in_words import decision_words
from notifications.mail_context import Desk, LetterFact, LetterText, ListGroup, ListRow
from notifications.mail_parameters import EntryParameters, RequestParameters
from notifications.messages import OutboxMessage
from notifications.requests_in_words import KINDS, outside_words
from notifications.translation import translate
from workflow.events import RequestMoment
from workflow.lookups.privacy import privacy_rules
from workflow.messages import lazy
from workflow.model import RequestKind, RequestState
from workflow.store import privacy

_HEADINGS: Final = {
    RequestMoment.CAME: lazy("A request on personal data has come in."),
    RequestMoment.UNACKNOWLEDGED: lazy("A request on personal data has to be acknowledged today."),
    RequestMoment.DUE_SOON: lazy("A request on personal data is due soon."),
    RequestMoment.OVERDUE: lazy("A request on personal data is overdue."),
    RequestMoment.ACKNOWLEDGED: lazy("Your request on personal data has arrived."),
    RequestMoment.PUT_OFF: lazy("The answer to your request on personal data takes longer."),
    RequestMoment.ANSWERED: lazy("Your request on personal data has been answered."),
}
_TO_ASKER: Final = {RequestMoment.ACKNOWLEDGED, RequestMoment.PUT_OFF, RequestMoment.ANSWERED}


def request(desk: Desk, message: OutboxMessage[RequestParameters]) -> LetterText:
    """Tell how far a request has come."""
    said = message.parameters
    found = privacy.request_by_id(desk.connection, said.request)
    if found is None:
        raise ValueError("a request that is not there")
    to_asker = said.moment in _TO_ASKER
    page = "account/data" if to_asker else f"privacy/requests/{found.id}"
    due_on = day_text(found.due_on)
    return LetterText(
        subject=translate(
            "[Personal data] Request {number}, due {due}", number=found.id, due=due_on
        ),
        heading=translate(_HEADINGS[said.moment]),
        paragraphs=(
            translate("What it says stands in the register; this mail leaves it out."),
            outside_words(privacy_rules(desk.connection))
            if found.state is RequestState.GRANTED and found.kind is RequestKind.ERASURE
            else "",
        ),
        facts=(
            LetterFact(label=translate("Asked for"), value=translate(KINDS[found.kind])),
            LetterFact(label=translate("Due on"), value=due_on),
        ),
        action=desk.way(translate("Open the request"), page),
    )


def for_auditor(desk: Desk, message: OutboxMessage[EntryParameters]) -> LetterText:
    """Tell an auditor what was erased without a second person, or whose hold was lifted."""
    said = message.parameters
    words = _hold_lifted() if said.subject.startswith("hold:") else _erased()
    reference = f"{said.subject}/{said.seq}"
    return replace(
        words,
        groups=(
            ListGroup(
                rows=(ListRow(text=decision_words(desk.context, desk.connection, reference)),)
            ),
        ),
        action=desk.way(translate("Open the history"), "history?kind=privacy"),
        small_print=(translate("This mail goes to every auditor."),),
    )


def _erased() -> LetterText:
    return LetterText(
        subject=translate("[Erased] Texts or personal data, on the command line"),
        heading=translate(
            "Texts or personal data were erased on the command line, without a second person."
        ),
        paragraphs=(
            translate(
                "The entry in the history names what is gone, and why. Where nobody told of it, "
                "ask whoever runs the server."
            ),
        ),
    )


def _hold_lifted() -> LetterText:
    return LetterText(
        subject=translate("[Hold lifted] What an auditor had put under hold"),
        heading=translate("A hold that an auditor placed was lifted by somebody else."),
        paragraphs=(
            translate(
                "What it kept may be erased from now on. The entry in the history says why it was "
                "lifted; an auditor may place another."
            ),
        ),
    )
