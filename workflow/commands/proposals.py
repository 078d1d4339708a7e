"""Keep as a proposal what gives power, where whoever asks for it may only propose it.

A handler asks here after all its own checks and before its first write. The command comes again,
with the same parameters and both names, when a second person confirms it (``confirm_proposal``).
The command line acts at once, and so does the first import, when nobody is there to confirm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import orjson
from sqlalchemy import Connection

from workflow.canonical import digest, encode, nfc
from workflow.command import AnyCommand, Cause, Command, Outcome
from workflow.commands.execute import Recall, Transaction, UseCase, one_by_one
from workflow.commands.recording import record_by
from workflow.errors import InvalidRefusal, NotPermittedRefusal, StaleRefusal, reason
from workflow.events import ProposalMade
from workflow.history import EntryType, agency_payloads
from workflow.links import ID_BYTES
from workflow.lookups.proposals import confirmers_of, proposal_rules
from workflow.model import Json, PersonId, Position
from workflow.people.powers import Asked, Gain, may_propose
from workflow.store import people, proposal_links, proposals
from workflow.store.history import StoredEntry
from workflow.store.instants import written
from workflow.store.proposal_links import ProposalLink

LAPSES_AFTER = timedelta(days=14)
_SALT_BYTES = 32
CommandType = TypeVar("CommandType", bound=AnyCommand)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """It did not happen yet: the proposal that waits for a second person."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a command would do: its parameters, what they were made against, what that gives.

    ``named``: who confirms it, where that is not left to positions.
    """

    parameters: Mapping[str, Json]
    base: Json
    gain: Gain
    named: tuple[PersonId, ...] = ()


def proposed(transaction: Transaction, command: AnyCommand, wish: Wish) -> Proposed | None:
    """Keep ``command`` as a proposal and return it; None: it may happen now.

    Raises NotPermittedRefusal, InvalidRefusal where it can be neither, StaleRefusal where a
    confirmed one was made against something else.
    """
    cause, connection = command.cause, transaction.connection
    if cause.is_operator:
        return None
    if cause.proposal is not None:
        _require_as_asked(transaction, cause, wish)
        return None
    rules = proposal_rules(connection)
    gain = replace(wish.gain, grants=wish.gain.grants - set(rules.relaxed))
    actor = transaction.directory.active(cause.actor)
    if not gain.grants or actor is None:
        return None
    if not may_propose(actor, gain, rules):
        raise NotPermittedRefusal(
            reason(
                "proposes",
                "This gives power, and your position may not propose it. Ask somebody whom the "
                "agency's rules name.",
            )
        )
    asked = Asked(gain=gain, proposer=actor.id, rules=rules, now=transaction.now, named=wish.named)
    return _keep(transaction, command, replace(wish, gain=gain), asked)


def _require_as_asked(transaction: Transaction, cause: Cause, wish: Wish) -> None:
    """Refuse what would give something else, or to somebody else, than was proposed."""
    connection, number = transaction.connection, cause.proposal
    kept = None if number is None else proposals.find_proposal(connection, number)
    fresh = wish.gain.grants - set(proposal_rules(connection).relaxed)
    if (
        kept is None
        or kept.base != digest(nfc(wish.base))
        or tuple(kept.named) != wish.named
        or not fresh <= set(kept.grants)
        or cause.actor in wish.gain.gainers
    ):
        raise StaleRefusal(
            state="open",
            version=0,
            given=None,
            why=reason(
                "proposal-base",
                "What this proposal changes has itself changed since. Reject it, and let it be "
                "proposed anew.",
            ),
        )


def _keep(transaction: Transaction, command: AnyCommand, wish: Wish, asked: Asked) -> Proposed:
    connection, cause, now = transaction.connection, command.cause, transaction.now
    able = confirmers_of(connection, asked, transaction.directory)
    if not able:
        raise InvalidRefusal(
            reason(
                "confirmers",
                "This gives power, and nobody is here who could confirm it. Somebody else has to "
                "propose it, or whoever runs the server does it on the command line.",
            )
        )
    _refuse_twice(transaction, type(command).__name__, wish)
    salt = transaction.context.entropy(_SALT_BYTES).hex()
    said = nfc({"of": dict(wish.parameters), "base": wish.base, "salt": salt})
    payload = agency_payloads.ProposalOpened(
        command=type(command).__name__,
        grants=tuple(sorted(wish.gain.grants)),
        gainers=tuple(sorted(wish.gain.gainers)),
        parameters=digest(said),
        base=digest(nfc(wish.base)),
        until=now + LAPSES_AFTER,
    )
    row = {
        "command": payload.command,
        "parameters": encode(said).decode(),
        "base": payload.base,
        "grants": orjson.dumps(payload.grants).decode(),
        "gainers": orjson.dumps(payload.gainers).decode(),
        "named": orjson.dumps(wish.named).decode(),
        "proposed_by": asked.proposer,
        "proposed_at": written(now),
        "until": written(payload.until),
    }
    proposal = proposals.insert_proposal(connection, row)
    record_by(transaction, cause, f"proposal:{proposal}", payload)
    for each in able:
        _mail_link(transaction, proposal, each.id, payload.until)
    return Proposed(id=proposal)


def _mail_link(
    transaction: Transaction,
    proposal: int,
    person: PersonId,
    until: datetime,
    occurrence: str = "",
) -> None:
    """Make a link by which ``person`` answers a proposal, and let it be mailed."""
    link = ProposalLink(
        id=transaction.context.entropy(ID_BYTES),
        person=person,
        proposal=proposal,
        expires_at=until,
    )
    proposal_links.insert_links(transaction.connection, [link], transaction.now)
    transaction.emit([ProposalMade(proposal=proposal, person=person, occurrence=occurrence)])


def move_proposal_links(transaction: Transaction, person: PersonId) -> None:
    """Revoke the links to proposals that went to an address; what waits goes to the present one."""
    connection, now = transaction.connection, transaction.now
    wanted = proposal_links.revoke_links(connection, person, now)
    occurrence = f":{transaction.context.entropy(8).hex()}"
    for each in proposals.open_proposals(connection, now):
        if each.id in wanted:
            _mail_link(transaction, each.id, person, each.until, occurrence)


def _refuse_twice(transaction: Transaction, command: str, wish: Wish) -> None:
    """Refuse what waits already, word for word."""
    wanted = nfc(dict(wish.parameters))
    for each in proposals.open_proposals(transaction.connection, transaction.now):
        if each.command == command and proposals.parameters_of(each)["of"] == wanted:
            raise InvalidRefusal(
                reason(
                    "proposed-already",
                    "The same is proposed already, as proposal {number}. It waits for its "
                    "confirmation.",
                    number=each.id,
                )
            )


def is_first_import(connection: Connection) -> bool:
    """Return whether nobody is here yet but administrators, whom only the server could make."""
    return all(each.position is Position.ADMIN for each in people.all_people(connection))


def proposable(
    kind: Callable[..., Command[Outcome]],
    handle: Callable[[Transaction, CommandType], Outcome],
    recall: Recall[CommandType, Outcome],
) -> UseCase:
    """Return the use case of a command that may become a proposal, and is then recalled as one."""

    def recalled(connection: Connection, command: CommandType, made: StoredEntry) -> object:
        if made.type == EntryType.PROPOSAL_MADE:
            return Proposed(id=int(made.subject.removeprefix("proposal:")))
        return recall(connection, command, made)

    return replace(one_by_one(kind, handle), recall=recalled)
