"""The words of the mails about a round of the council, to each of its members.

No nominee is named in a mail, and of a secret ballot nothing is said but that it was counted.
"""

from notifications.days_in_words import day_text
from notifications.mail_context import Action, Desk, LetterFact, LetterText
from notifications.mail_parameters import RoundParameters
from notifications.messages import OutboxMessage, required_person
from notifications.translation import translate
from workflow.links import Purpose, token_for
from workflow.lookups.rounds import CouncilRound, load_round
from workflow.store.ballots import link_to
from workflow.voting import MeetingForm, RoundNews, Voting


def council_round(desk: Desk, message: OutboxMessage[RoundParameters]) -> LetterText:
    """Invite a member, ask for their vote by a link of their own, or tell what came of it."""
    found, what = load_round(desk.connection, message.parameters.round), message.parameters.what
    subject, heading, lines = _words(found, what)
    link = (
        link_to(desk.connection, found.round.id, found.round.run, required_person(message))
        if what is RoundNews.VOTE
        else None
    )
    small = (translate("This mail goes to the members of the council."),)
    action = desk.way(translate("Open the round"), f"rounds/{found.round.id}")
    if link is not None:
        until = desk.day(link.expires_at)
        small = (
            translate(
                "This link was issued to {name} alone and serves until {day}. Please do not "
                "forward it.",
                name=desk.recipient(message).name,
                day=until,
            ),
        )
        token = token_for(desk.keys, Purpose.BALLOT, link.bound)
        action = Action(label=translate("Read and vote"), url=f"{desk.base_url}/a/{token}")
    return LetterText(
        subject=subject,
        heading=heading,
        paragraphs=tuple(lines),
        facts=_facts(found),
        action=action,
        small_print=small,
    )


def _words(found: CouncilRound, what: RoundNews) -> tuple[str, str, list[str]]:
    """Return subject, heading and sentences."""
    number = found.round.id
    match what:
        case RoundNews.INVITED:
            return (
                translate("[Invitation] The council's round {number}", number=number),
                translate("You are invited to a round of the emulation and commendation council."),
                [found.round.agenda] if found.round.agenda else [],
            )
        case RoundNews.VOTE:
            secret = translate(
                "The ballot is secret: your paper is sealed as you cast it, and nobody can tell "
                "later who voted how."
            )
            return (
                translate("[Vote asked] The council's round {number}", number=number),
                translate("Your vote is asked for in a round of the council."),
                [secret] if found.is_secret else [],
            )
        case RoundNews.KEY:
            return (
                translate("[Key to take] The council's round {number}", number=number),
                translate("The other key of the ballot box is taken, and yours is waited for."),
                [_key_instructions()],
            )
        case RoundNews.CAST:
            return (
                translate("[Vote cast] The council's round {number}", number=number),
                translate("A vote was cast in your name in the room."),
                [
                    translate(
                        "If that was not you, tell the chair of the council at once, before the "
                        "round is closed."
                    )
                ],
            )
        case RoundNews.COUNTED:
            return (
                translate("[Counted] The council's round {number}", number=number),
                translate("The votes of the round are counted."),
                [translate("Until it is closed, a member may challenge the count.")],
            )
        case RoundNews.CLOSED:
            return (
                translate("[Closed] The council's round {number}", number=number),
                translate("The round of the council is closed."),
                [],
            )


def _key_instructions() -> str:
    return translate(
        "Open the round and take your key: the vote opens with it. Have something to write with, "
        "for its code is shown once."
    )


def _facts(found: CouncilRound) -> tuple[LetterFact, ...]:
    return (
        LetterFact(label=translate("Day"), value=day_text(found.round.held_on)),
        LetterFact(label=translate("Place"), value=found.round.place),
        LetterFact(
            label=translate("Form"),
            value=translate("Opinions in writing")
            if found.round.meeting is MeetingForm.WRITTEN
            else translate("Meeting"),
        ),
        LetterFact(
            label=translate("Vote"),
            value=translate("Secret ballot")
            if found.round.voting is Voting.SECRET
            else translate("Open vote"),
        ),
        LetterFact(label=translate("Nominations"), value=str(len(found.cases))),
    )
