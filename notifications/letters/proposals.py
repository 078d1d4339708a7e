"""The words of the mail about a proposal: to each person who may confirm it."""

from collections.abc import Iterator

from notifications.mail_context import Action, Desk, LetterFact, LetterText
from notifications.mail_parameters import ProposalParameters
from notifications.messages import OutboxMessage, required_person
from notifications.proposals_in_words import words_of
from notifications.quoting import unlinked_but
from notifications.translation import translate
from workflow.links import Purpose, token_for
from workflow.model import Grant, PersonId
from workflow.queries.proposals import ProposalView, proposal_for, weakened_by
from workflow.store.proposal_links import link_to


def proposal(desk: Desk, message: OutboxMessage[ProposalParameters]) -> LetterText:
    """Ask for an answer to what somebody else proposed, with the link to give it by."""
    identity = message.parameters.proposal
    view = proposal_for(desk.context, desk.connection, identity, None)
    if view is None:
        raise ValueError("a proposal that is not there")
    until = view.proposal.until.astimezone(desk.context.calendar.zone).strftime("%d/%m/%Y")
    link = link_to(desk.connection, identity, required_person(message))
    # A proposal of before there were links, and a link revoked meanwhile: after signing in.
    way = f"proposals/{identity}"
    said, addresses = words_of(desk.context, desk.connection, view), _addresses(desk, view)
    if link is not None:
        way = f"a/{token_for(desk.keys, Purpose.PROPOSAL, link.bound)}"
    return LetterText(
        subject=translate("[Confirm or reject] Proposal {number}", number=identity),
        heading=translate("{name} proposes to erase texts or personal data.", name=view.by.name)
        if Grant.ERASURES in view.proposal.grants
        else translate("{name} proposes something that gives power.", name=view.by.name),
        paragraphs=(
            *(unlinked_but(each, addresses) for each in said),
            *_weakened(desk, view),
            translate("It happens only if a second person confirms it with a PIN or a code."),
        ),
        facts=(
            LetterFact(
                label=translate("Proposed by"),
                value=unlinked_but(f"{view.by.name} ({view.by.email})", addresses),
            ),
            LetterFact(label=translate("Lapses after"), value=until),
        ),
        action=Action(label=translate("Read and answer"), url=f"{desk.base_url}/{way}"),
        small_print=(
            translate(
                "This link was issued to {name} alone and serves until {day}. Please "
                "do not forward it.",
                name=desk.recipient(message).name,
                day=until,
            ),
            translate("If you did not expect this, reject it and ask {name}.", name=view.by.name),
        ),
    )


def _weakened(desk: Desk, view: ProposalView) -> Iterator[str]:
    """Yield what the process guarantees no more, each on a line of its own."""
    lost = weakened_by(desk.context, desk.connection, view)
    if lost:
        yield translate("This version guarantees less than the published one:")
        yield from (f"– {translate(each)}" for each in lost)


def _addresses(desk: Desk, view: ProposalView) -> set[str]:
    """Return the addresses of whoever proposes, and of whom the proposal is about."""
    said = view.parameters
    people = [*view.before, *said.get("rows", ()), *([said["row"]] if "row" in said else ())]
    found = {view.by.email, said.get("email", ""), *(each["email"] for each in people)}
    if (person := desk.directory.people.get(said.get("person", PersonId(0)))) is not None:
        found.add(person.email)
    return found
