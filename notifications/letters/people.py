"""The words of mails about who stands in for whom: delegations and absences."""

from notifications.days_in_words import last_day_words
from notifications.letters.about_items import named
from notifications.letters.undo_link import undo_link
from notifications.mail_context import Action, Desk, LetterFact, LetterText
from notifications.mail_parameters import (
    AbsenceParameters,
    DelegationEndedParameters,
    DelegationParameters,
)
from notifications.messages import OutboxMessage
from notifications.quoting import quoted
from notifications.translation import translate
from workflow.events import AbsenceChange
from workflow.people import OPEN_END

_DAY = "%d/%m/%Y"


def delegation(desk: Desk, message: OutboxMessage[DelegationParameters]) -> LetterText:
    """Tell both persons of a delegation."""
    said = message.parameters
    giver = desk.person(said.from_person).name
    undo, paragraphs = undo_link(desk, said.undo)
    starts, ends = said.starts_on.strftime(_DAY), last_day_words(said.ends_on)
    is_standing = said.ends_on.isoformat() == OPEN_END
    return LetterText(
        subject=translate("[Delegation] From {starts} to {ends}", starts=starts, ends=ends),
        heading=translate(
            "{taker} may handle items for {giver} from {starts} to {ends}.",
            taker=desk.person(said.to_person).name,
            giver=giver,
            starts=starts,
            ends=ends,
        ),
        paragraphs=(
            translate("Both receive and can handle items until it is ended.")
            if is_standing
            else translate(
                "During this time both receive and can handle items. The delegation ends "
                "by itself after its last day."
            ),
            *paragraphs,
        ),
        action=undo or _see_all(desk),
        facts=(
            LetterFact(label=translate("From"), value=named(desk.person(said.from_person))),
            LetterFact(label=translate("To"), value=named(desk.person(said.to_person))),
            LetterFact(label=translate("Time"), value=f"{starts} – {ends}"),
            LetterFact(
                label=translate("Document of delegation"), value=quoted(giver, said.document)
            ),
        ),
        small_print=(translate("If this delegation is wrong, tell the Office at once."),),
    )


def delegation_ended(desk: Desk, message: OutboxMessage[DelegationEndedParameters]) -> LetterText:
    """Tell both persons that a delegation is over."""
    said = message.parameters
    about = {
        "taker": desk.person(said.to_person).name,
        "giver": desk.person(said.from_person).name,
    }
    return LetterText(
        subject=translate("[Delegation over] {taker} for {giver}", **about),
        heading=translate("{taker} handles items for {giver} no longer.", **about),
        paragraphs=(translate("What was decided until now stays as it is."),),
        action=_see_all(desk),
        facts=(
            LetterFact(label=translate("From"), value=named(desk.person(said.from_person))),
            LetterFact(label=translate("To"), value=named(desk.person(said.to_person))),
        ),
        small_print=(translate("If this is wrong, tell the Office at once."),),
    )


def _see_all(desk: Desk) -> Action:
    return desk.way(translate("See who stands in for whom"), "standing-in")


def absence(desk: Desk, message: OutboxMessage[AbsenceParameters]) -> LetterText:
    """Tell whoever is away, and who stands in, of an absence or of its end."""
    said = message.parameters
    about = {
        "name": desk.person(said.away).name,
        "starts": said.starts_on.strftime(_DAY),
        "ends": said.ends_on.strftime(_DAY),
    }
    stand_in = [] if said.stand_in is None else [named(desk.person(said.stand_in))]
    facts = (
        LetterFact(label=translate("Away"), value=named(desk.person(said.away))),
        LetterFact(label=translate("Stands in"), value=", ".join(stand_in)),
        LetterFact(label=translate("Time"), value=f"{about['starts']} – {about['ends']}"),
    )
    undo, paragraphs = undo_link(desk, said.undo)
    wrong = translate("If this is wrong, tell the Office at once.")
    if said.what is AbsenceChange.ENDED:
        return LetterText(
            subject=translate("[Absence over] {name}, {starts} to {ends}", **about),
            heading=translate("{name} is back at work.", name=about["name"]),
            paragraphs=(translate("Waiting items have gone back to them."),),
            facts=facts,
            action=_see_all(desk),
            small_print=(wrong,),
        )
    meanwhile = (
        translate("Others with the same competence handle the items")
        if said.stand_in is None
        else translate("{name} handles items instead", name=desk.person(said.stand_in).name)
    )
    return LetterText(
        subject=translate("[Absence] {name}, {starts} to {ends}", **about),
        heading=translate("{name} is away from {starts} to {ends}.", **about),
        paragraphs=(
            translate(
                "{meanwhile} during this time; the absence ends by itself after its last day.",
                meanwhile=meanwhile,
            ),
            *paragraphs,
        ),
        facts=facts,
        action=undo or _see_all(desk),
        small_print=(wrong,),
    )
