"""The words of mails about accounts: invitation, a new password, a locked PIN, a passkey added."""

from notifications.mail_context import Action, Desk, LetterText
from notifications.mail_parameters import OwnerParameters
from notifications.messages import AnyMessage, Message
from notifications.translation import translate


def invitation(desk: Desk, message: AnyMessage) -> LetterText:
    """Ask a new person to set a password, with the code to do so."""
    return LetterText(
        subject=translate("Set a password to use the emulation and commendation software"),
        heading=translate("Please set your password."),
        paragraphs=(
            translate(
                "You were added to your agency's software for emulation and commendation. "
                "The link below serves once, within 24 hours."
            ),
        ),
        action=Action(
            label=translate("Set the password"), url=f"{desk.base_url}/setup/{message.code_token}"
        ),
        small_print=(translate("If you do not work at this agency, please ignore this mail."),),
    )


def reset(desk: Desk, message: AnyMessage) -> LetterText:
    """Send the code to set a password anew."""
    return LetterText(
        subject=translate("Reset the password"),
        heading=translate("Reset your password."),
        paragraphs=(
            translate(
                "Somebody asked to reset the password of this address. The link below "
                "serves once, within 30 minutes."
            ),
        ),
        action=Action(
            label=translate("Set a new password"), url=f"{desk.base_url}/setup/{message.code_token}"
        ),
        small_print=(
            translate("If it was not you, please ignore this mail; your password stays as it is."),
        ),
    )


def locked(desk: Desk, message: Message[OwnerParameters]) -> LetterText:
    """Tell a person and the Office that the second factor is locked."""
    person = desk.person(message.parameters.owner)
    return LetterText(
        subject=translate("A PIN is locked for a while"),
        heading=translate("The PIN of {name} is locked for 15 minutes.", name=person.name),
        paragraphs=(
            translate(
                "The PIN or authenticator code was entered wrongly five times. If it was "
                "not this person, tell the administrator at once."
            ),
        ),
        small_print=(translate("This mail goes to the PIN's owner and to the Office."),),
    )


def passkey(desk: Desk, message: Message[OwnerParameters]) -> LetterText:
    """Tell a person and the Office that a passkey was added."""
    person = desk.person(message.parameters.owner)
    return LetterText(
        subject=translate("A passkey for signing was added"),
        heading=translate("{name} has just added a passkey.", name=person.name),
        paragraphs=(
            translate(
                "It serves instead of the PIN when signing. If it was not this person, "
                "tell the administrator at once."
            ),
        ),
        small_print=(translate("This mail goes to the passkey's owner and to the Office."),),
    )
