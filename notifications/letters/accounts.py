"""The words of mails about accounts: invitation, changes and their end, a PIN, a passkey."""

from datetime import timedelta
from urllib.parse import quote

from notifications.decisions_in_words import decision_words
from notifications.letters.about_items import named
from notifications.letters.undo_link import undo_link
from notifications.mail_context import Action, Desk, LetterFact, LetterText, ListGroup, ListRow
from notifications.mail_parameters import (
    AccountParameters,
    OwnerParameters,
    PasskeyParameters,
    UndoneParameters,
)
from notifications.messages import AnyMessage, OutboxMessage
from notifications.occasions import (
    FACTOR_ATTEMPTS,
    FACTOR_LOCK,
    INVITATION_LIVES,
    RESET_LIVES,
)
from notifications.quoting import Own
from notifications.translation import translate
from workflow.events import AccountChange
from workflow.history.agency_payloads import ChangeUndone
from workflow.messages import lazy
from workflow.model import PersonId, Position
from workflow.store import history


def invitation(desk: Desk, message: AnyMessage) -> LetterText:
    """Ask a new person to set a password, with the code to do so."""
    return LetterText(
        subject=translate("Set a password to use the emulation and commendation software"),
        heading=translate("Please set a password."),
        paragraphs=(
            translate(
                "An account was made in the agency's software for emulation and commendation. "
                "The link serves once, within {count} hour.",
                "An account was made in the agency's software for emulation and commendation. "
                "The link serves once, within {count} hours.",
                count=INVITATION_LIVES // timedelta(hours=1),
            ),
        ),
        facts=(LetterFact(label=translate("Sign-in address"), value=Own(message.address)),),
        action=desk.way(translate("Set the password"), f"setup/{message.code_token}"),
        small_print=(translate("Whoever does not work at this agency ignores this mail."),),
    )


def reset(desk: Desk, message: AnyMessage) -> LetterText:
    """Send the code to set a password anew."""
    return LetterText(
        subject=translate("Reset the password"),
        heading=translate("Set the password anew."),
        paragraphs=(
            translate(
                "Somebody asked to reset the password of this address. The link serves once, "
                "within {count} minute.",
                "Somebody asked to reset the password of this address. The link serves once, "
                "within {count} minutes.",
                count=RESET_LIVES // timedelta(minutes=1),
            ),
        ),
        facts=(LetterFact(label=translate("Sign-in address"), value=Own(message.address)),),
        action=desk.way(translate("Set a new password"), f"setup/{message.code_token}"),
        small_print=(
            translate("If it was not you, please ignore this mail; your password stays as it is."),
        ),
    )


_CHANGED = {
    AccountChange.ADDRESS: lazy("Your mail address in this software was changed."),
    AccountChange.POSITION: lazy("Your position in this software was changed."),
    AccountChange.FACTOR: lazy(
        "A PIN, authenticator app or passkey of yours was set in this software."
    ),
    AccountChange.PASSWORD: lazy("Your password in this software was set anew."),
    AccountChange.DELEGATION: lazy("A delegation was recorded in your name."),
    AccountChange.ABSENCE: lazy("An absence was recorded for you."),
}
_FOLLOWS = {
    AccountChange.ADDRESS: lazy(
        "From now on its mails go to the new address. This one goes to the address that was valid "
        "until now."
    ),
    AccountChange.POSITION: lazy("From now on you may do what the new position may."),
    AccountChange.FACTOR: lazy("With it somebody signs in your name."),
    AccountChange.PASSWORD: lazy("What was signed in before, and every token, has ended."),
    AccountChange.DELEGATION: lazy("Somebody else handles items for you."),
    AccountChange.ABSENCE: lazy("Others handle your items while you are said to be away."),
}
CHANGES = {
    AccountChange.ADDRESS: lazy("mail address"),
    AccountChange.POSITION: lazy("position"),
    AccountChange.FACTOR: lazy("PIN, authenticator app or passkey"),
    AccountChange.PASSWORD: lazy("password"),
    AccountChange.DELEGATION: lazy("delegation"),
    AccountChange.ABSENCE: lazy("absence"),
}
"""What each change is called."""


def changed(desk: Desk, message: OutboxMessage[AccountParameters]) -> LetterText:
    """Tell a person what became other for their account, who did it, and how to take it back."""
    said = message.parameters
    by = desk.person(said.by).name if said.by is not None else translate("By the server, or you")
    undo, paragraphs = undo_link(desk, said.undo)
    heading, follows = translate(_CHANGED[said.what]), translate(_FOLLOWS[said.what])
    small_print = translate("This mail goes to whoever an account belongs to.")
    if said.owner is not None:
        name = desk.person(said.owner).name
        heading = translate("The account of {name} was changed on the command line.", name=name)
        follows = translate("Changed: {what}.", what=translate(CHANGES[said.what]))
        small_print = translate("This mail goes to every auditor.")
    return LetterText(
        subject=translate("A change of your account")
        if said.owner is None
        else translate("A change of an account on the command line"),
        heading=heading,
        paragraphs=(
            follows,
            *paragraphs,
            translate(
                "If you know nothing of this, tell the Office and the auditor at once, not by "
                "answering whoever made the change."
            ),
        ),
        facts=(
            LetterFact(label=translate("By"), value=by),
            LetterFact(label=translate("At"), value=desk.moment(said.at)),
        ),
        action=undo or _see_account(desk, message, said.owner or desk.recipient(message).id),
        small_print=(small_print,),
    )


def _see_account(desk: Desk, message: AnyMessage, owner: PersonId) -> Action:
    """Return where the reader looks into the account of ``owner``: theirs, or by their office."""
    reader = desk.recipient(message)
    if reader.id == owner:
        return desk.way(translate("Open My account"), "security")
    if reader.position is Position.AUDITOR:
        return desk.way(translate("See the history"), "history")
    return desk.way(translate("Open the account"), f"people/{quote(desk.person(owner).email)}")


def undone(desk: Desk, message: OutboxMessage[UndoneParameters]) -> LetterText:
    """Tell that a person took back a change of their account, and what was decided meanwhile."""
    said = message.parameters
    entry = history.entry_at(desk.connection, f"person:{said.owner}", said.seq)
    payload = entry.fact.payload if entry is not None else None
    if entry is None or not isinstance(payload, ChangeUndone):
        raise ValueError("an entry that is not there")
    name = desk.person(said.owner).name
    meanwhile = (
        translate("Meanwhile the following was decided; it stays until somebody looks into it:")
        if payload.meanwhile
        else translate("Nothing was decided meanwhile.")
    )
    return LetterText(
        subject=translate("A change of an account was taken back: {name}", name=name),
        heading=translate("{name} took back a change of their account.", name=name),
        paragraphs=(meanwhile,),
        groups=(
            ListGroup(
                rows=tuple(
                    ListRow(text=decision_words(desk.context, desk.connection, each))
                    for each in payload.meanwhile
                )
            ),
        ),
        facts=(
            LetterFact(label=translate("Taken back"), value=translate(CHANGES[payload.what])),
            LetterFact(label=translate("At"), value=desk.moment(entry.at)),
        ),
        action=_see_account(desk, message, said.owner),
        small_print=(
            translate("This mail goes to auditors, to whoever made the change and to its person."),
        ),
    )


def locked(desk: Desk, message: OutboxMessage[OwnerParameters]) -> LetterText:
    """Tell a person and the Office that the second factor is locked."""
    person = desk.person(message.parameters.owner)
    return LetterText(
        subject=translate("A PIN is locked for a while"),
        heading=translate(
            "The PIN of {name} is locked for {count} minute.",
            "The PIN of {name} is locked for {count} minutes.",
            name=person.name,
            count=FACTOR_LOCK // timedelta(minutes=1),
        ),
        paragraphs=(
            translate(
                "The PIN or authenticator code was entered wrongly {count} time. If it was "
                "not this person, tell the administrator at once.",
                "The PIN or authenticator code was entered wrongly {count} times. If it was "
                "not this person, tell the administrator at once.",
                count=FACTOR_ATTEMPTS,
            ),
        ),
        facts=(LetterFact(label=translate("PIN of"), value=named(person)),),
        action=_see_account(desk, message, person.id),
        small_print=(translate("This mail goes to the PIN's owner and to the Office."),),
    )


def passkey(desk: Desk, message: OutboxMessage[PasskeyParameters]) -> LetterText:
    """Tell a person and the Office that a passkey was added."""
    person = desk.person(message.parameters.owner)
    undo, paragraphs = undo_link(desk, message.parameters.undo)
    return LetterText(
        subject=translate("A passkey for signing was added"),
        heading=translate("{name} has just added a passkey.", name=person.name),
        paragraphs=(
            translate(
                "It serves instead of the PIN when signing. If it was not this person, "
                "tell the administrator at once."
            ),
            *paragraphs,
        ),
        facts=(LetterFact(label=translate("Passkey of"), value=named(person)),),
        action=undo or _see_account(desk, message, person.id),
        small_print=(translate("This mail goes to the passkey's owner and to the Office."),),
    )
