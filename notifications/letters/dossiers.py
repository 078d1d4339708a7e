"""The words of the mails about a dossier: what bodies outside are told, and what the clerk is.

No person is named to anybody outside, and no title, which may name one.
"""

from notifications.days_in_words import day_text
from notifications.letters.about_items import context_of, due_fact, label_of
from notifications.mail_context import Action, Desk, LetterFact, LetterText, ListGroup, ListRow
from notifications.mail_parameters import (
    AmendedParameters,
    AnsweredParameters,
    NoticeParameters,
    PackageParameters,
)
from notifications.messages import OutboxMessage
from notifications.quoting import quoted
from notifications.translation import translate
from workflow.history.payloads import Amendment
from workflow.links import Purpose, RecipientLink, token_for
from workflow.messages import lazy
from workflow.model import DispatchChannel
from workflow.queries.timeline import EntryView
from workflow.store.recipient_links import find_link

CHANNELS = {
    DispatchChannel.MAIL: lazy("by mail"),
    DispatchChannel.POST: lazy("by post"),
    DispatchChannel.HAND: lazy("by hand"),
    DispatchChannel.AXIS: lazy("by the document exchange axis"),
}
"""How a dossier left, as a part of a sentence."""


_AMENDED = {
    Amendment.CORRECTION: (
        lazy("Correction"),
        lazy("The document {number} of {day} is corrected."),
    ),
    Amendment.REPLACEMENT: (
        lazy("Replacement"),
        lazy("The document {number} of {day} is replaced."),
    ),
    Amendment.RECALL: (
        lazy("Recall"),
        lazy("The document {number} of {day} is recalled: please use it no more."),
    ),
}


def notice(desk: Desk, message: OutboxMessage[NoticeParameters]) -> LetterText:
    """Tell how a dossier comes; without its content, which comes by that way alone."""
    item, said = desk.item(message), message.parameters
    number, issued_on = said.number, day_text(said.issued_on)
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
                value=translate(CHANNELS[said.channel]),
            ),
            *_decision_facts(said),
            LetterFact(
                label=translate("List of contents"),
                value="\n".join(
                    [document, *_other_items_line(said), *_decision_line(said), *enclosed]
                ),
            ),
        ),
        small_print=(
            translate("Item code at {name}: {code}.", name=desk.agency.name, code=item.code),
        ),
    )


def _other_items_line(said: NoticeParameters) -> list[str]:
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


def package(desk: Desk, message: OutboxMessage[PackageParameters]) -> LetterText:
    """Give whom a dossier is for the link to fetch it, and the one to answer it."""
    item, said = desk.item(message), message.parameters
    link = find_link(desk.connection, bytes.fromhex(said.link))
    if link is None:
        raise ValueError("a link that is not there")
    document = translate(desk.definition(item).document.label)
    number, day = said.number, day_text(said.issued_on)
    return LetterText(
        subject=translate(
            "[Please acknowledge] {document}, {number} of {day}",
            document=document,
            number=number,
            day=day,
        ),
        heading=translate(
            "{name} asks to receive the dossier {number} of {day}.",
            name=desk.agency.name,
            number=number,
            day=day,
        ),
        paragraphs=_instructions(),
        facts=(
            LetterFact(label=translate("To"), value=said.name),
            LetterFact(label=translate("Number and symbol"), value=number),
            LetterFact(label=translate("Day"), value=day),
            LetterFact(label=translate("Kind of document"), value=document),
            LetterFact(label=translate("Links serve until"), value=desk.day(link.expires_at)),
        ),
        groups=(_package_of(desk, link, number),),
        action=Action(
            label=translate("Answer the dossier"), url=_address(desk, Purpose.ANSWER, link)
        ),
        small_print=(
            translate(
                "These links were issued to {name} alone. Whoever has them can read and answer the "
                "dossier: please forward them only to who handles it.",
                name=said.name,
            ),
            translate("Item code at {name}: {code}.", name=desk.agency.name, code=item.code),
        ),
    )


def _instructions() -> tuple[str, str]:
    return (
        translate(
            "The dossier is fetched by the link below, and answered by the button: received, to "
            "be supplemented, or the outcome. No account is needed."
        ),
        translate(
            "Whoever receives a document acknowledges it on the same day (Decree "
            "30/2020/NĐ-CP, Article 21)."
        ),
    )


def _address(desk: Desk, purpose: Purpose, link: RecipientLink) -> str:
    return f"{desk.base_url}/a/{token_for(desk.keys, purpose, link.bound)}"


def _package_of(desk: Desk, link: RecipientLink, number: str) -> ListGroup:
    row = ListRow(
        text=translate("Download the dossier {number}", number=number),
        note=translate("Each download is recorded."),
        url=_address(desk, Purpose.PACKAGE, link),
    )
    return ListGroup(heading=translate("The dossier"), rows=(row,))


def answered(desk: Desk, message: OutboxMessage[AnsweredParameters]) -> LetterText:
    """Tell who held a dossier what whom it was sent to answered."""
    item, said = desk.item(message), message.parameters
    definition = desk.definition(item)
    entry = next((e for e in desk.timeline(item) if e.fact.version == said.version), None)
    transition = next(each for each in definition.transitions if each.id == said.transition)
    who, what = entry.recipient if entry is not None else "", translate(transition.label)
    return LetterText(
        subject=translate("[Answer received] {what} ({code})", what=what, code=item.code),
        heading=translate("{who} answered: {what}.", who=who, what=what),
        context=context_of(desk, item),
        facts=(
            LetterFact(label=translate("Items"), value="\n".join(said.codes)),
            *(_answer_facts(desk, entry) if entry is not None else ()),
            LetterFact(label=translate("Now"), value=label_of(definition, item.state)),
            *due_fact(desk, item),
        ),
        action=desk.see(item),
        small_print=(
            translate(
                "The answer was given by the link that was mailed with the dossier. This mail goes "
                "to whoever the item waited for."
            ),
        ),
    )


def _answer_facts(desk: Desk, entry: EntryView) -> tuple[LetterFact, LetterFact]:
    """Return why, where anything was said, and when."""
    words = quoted(entry.recipient, entry.comment or "")
    return (
        LetterFact(label=translate("Reason"), value=words),
        LetterFact(label=translate("At"), value=desk.moment(entry.entry.at)),
    )


def amended(desk: Desk, message: OutboxMessage[AmendedParameters]) -> LetterText:
    """Tell a body outside that what was sent is corrected, replaced or recalled, and by what."""
    item, said = desk.item(message), message.parameters
    of_day, day = (day_text(each) for each in (said.of_day, said.issued_on))
    tag, sentence = _AMENDED[said.how]
    document = translate(desk.definition(item).document.label)
    return LetterText(
        subject=f"[{translate(tag)}] {document}, {said.of}",
        heading=translate(sentence, number=said.of, day=of_day),
        paragraphs=(
            translate("The document by which it was done follows in the way documents are sent."),
        ),
        facts=(
            LetterFact(label=translate("To"), value=said.name),
            LetterFact(label=translate("Done by"), value=said.number),
            LetterFact(label=translate("Day"), value=day),
            LetterFact(label=translate("Kind of document"), value=document),
        ),
        action=desk.write_back(),
        small_print=(
            translate("Item code at {name}: {code}.", name=desk.agency.name, code=item.code),
        ),
    )


def _decision_line(said: NoticeParameters) -> list[str]:
    """Return the decision that comes with the dossier, where there is one."""
    return [translate("Decision on awards")] if said.decision_number else []


def _decision_facts(said: NoticeParameters) -> list[LetterFact]:
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
                day=day_text(said.decided_on),
                count=said.awarded,
            ),
        )
    ]
