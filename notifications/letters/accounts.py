"""The words of mails about accounts: invitation, a new password, a locked PIN, a passkey added."""

from collections.abc import Callable, Mapping

from notifications.mail_context import Action, Desk, LetterText
from notifications.messages import Kind, Message
from notifications.translation import translate


def _invitation(desk: Desk, message: Message) -> LetterText:
    return LetterText(
        agency=desk.agency.name,
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


def _reset(desk: Desk, message: Message) -> LetterText:
    return LetterText(
        agency=desk.agency.name,
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


def _locked(desk: Desk, message: Message) -> LetterText:
    person = desk.person(message.params["person"])
    return LetterText(
        agency=desk.agency.name,
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


def _passkey(desk: Desk, message: Message) -> LetterText:
    person = desk.person(message.params["person"])
    return LetterText(
        agency=desk.agency.name,
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


ACCOUNT_WRITERS: Mapping[Kind, Callable[[Desk, Message], LetterText]] = {
    Kind.INVITATION: _invitation,
    Kind.RESET: _reset,
    Kind.LOCKED: _locked,
    Kind.PASSKEY: _passkey,
}
