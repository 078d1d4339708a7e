"""The words of the mail that tells a body outside that a dossier was sent to the board."""

from notifications.mail_context import Desk, LetterFact, LetterText
from notifications.mail_parameters import NoticeParameters
from notifications.messages import OutboxMessage
from notifications.translation import translate
from workflow.messages import lazy
from workflow.model import DispatchChannel

_CHANNELS = {
    DispatchChannel.MAIL: lazy("by mail"),
    DispatchChannel.POST: lazy("by post"),
    DispatchChannel.HAND: lazy("by hand"),
    DispatchChannel.AXIS: lazy("by the document exchange axis"),
}


def notice(desk: Desk, message: OutboxMessage[NoticeParameters]) -> LetterText:
    """Tell how a dossier comes; without its content, which comes by that way alone."""
    item, said = desk.item(message), message.parameters
    number, issued_on = said.number, said.issued_on.strftime("%d/%m/%Y")
    document = translate(desk.definition(item).document.label)
    files = desk.contents[item.id].files if item.id in desk.contents else ()
    enclosed = (translate("Enclosed file {place}", place=place) for place, _ in enumerate(files, 1))
    return LetterText(
        subject=translate(
            "[Notice of dispatch] {document}, {number} of {issued_on}",
            document=document,
            number=number,
            issued_on=issued_on,
        ),
        heading=translate(
            "{name} sends the dossier {number} of {issued_on}.",
            name=desk.agency.name,
            number=number,
            issued_on=issued_on,
        ),
        paragraphs=(
            translate(
                "This mail is a notice only and carries no content of the dossier. The "
                "dossier itself comes by the way stated below."
            ),
        ),
        action=desk.write_back(),
        facts=(
            LetterFact(label=translate("To"), value=said.name),
            LetterFact(label=translate("Number and symbol"), value=number),
            LetterFact(label=translate("Day"), value=issued_on),
            LetterFact(label=translate("Kind of document"), value=document),
            LetterFact(
                label=translate("Way of sending"),
                value=translate(_CHANNELS[said.channel]),
            ),
            *_decision(said),
            LetterFact(
                label=translate("List of contents"),
                value="\n".join([document, *_along(said), *_named(said), *enclosed]),
            ),
        ),
        small_print=(
            translate("Item code at {name}: {code}.", name=desk.agency.name, code=item.code),
        ),
    )


def _along(said: NoticeParameters) -> list[str]:
    """Return how many items leave under the same number; whose they are no notice tells."""
    if not said.along:
        return []
    return [
        translate(
            "{count} other item of the same dossier",
            "{count} other items of the same dossier",
            count=said.along,
        )
    ]


def _named(said: NoticeParameters) -> list[str]:
    """Return the decision that comes with the dossier, where there is one."""
    return [translate("Decision on awards")] if said.decision_number else []


def _decision(said: NoticeParameters) -> list[LetterFact]:
    """Return what the agency's own head has decided: number, day, and for how many."""
    if said.decided_on is None:
        return []
    return [
        LetterFact(
            label=translate("Decision on awards"),
            value=translate(
                "{number} of {day}: {count} nominee awarded",
                "{number} of {day}: {count} nominees awarded",
                number=said.decision_number,
                day=said.decided_on.strftime("%d/%m/%Y"),
                count=said.awarded,
            ),
        )
    ]
