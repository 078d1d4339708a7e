"""Answer a dossier by the link that came with it: of the body outside that it was sent to.

Owns that an answer counts only while its link does, and for all that it names or none. What it
does to an item is an ordinary decision, judged by the item's own rules; the clerk stays its
holder, and may record the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import Connection

from workflow.command import Command, DossierRecipient
from workflow.commands.award_decision import AwardRequest
from workflow.commands.decide import Decide, decide, judge
from workflow.commands.execute import Transaction
from workflow.errors import (
    LinkEndedRefusal,
    LinkRefusal,
    NotFoundRefusal,
    Refusal,
    reason,
)
from workflow.links import LinkStatus, RecipientLink
from workflow.lookups.items import pending_holders
from workflow.lookups.recipients import is_in, items_of, status_of
from workflow.messages import lazy
from workflow.model import Item, PersonId
from workflow.recipient_events import RecipientAnswered
from workflow.rules.outcomes import Decided
from workflow.store import items, recipient_links
from workflow.store.history import StoredEntry

_MOVED: Final = reason(
    "link-moved",
    "The dossier was sent anew since, so this link no longer serves. Use the link in the newest "
    "mail.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenItem:
    """An item that is answered, in the version that was read."""

    code: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDossier(Command[tuple[Decided, ...]]):
    """Take one transition on each chosen item, by the link ``link``: all or none of them."""

    link: bytes
    transition: str
    chosen: tuple[ChosenItem, ...]
    to: str | None = None
    comment: str = ""
    until: str | None = None
    award: AwardRequest = field(default_factory=AwardRequest)

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"recipient:{self.link.hex()}"


def answer_dossier(transaction: Transaction, command: AnswerDossier) -> tuple[Decided, ...]:
    """Record the answer; raises LinkRefusal where the link serves no more."""
    connection = transaction.connection
    link = recipient_links.find_link(connection, command.link)
    if link is None or not command.chosen:
        raise NotFoundRefusal(lazy("this dossier"))
    there = items_of(connection, link)
    locked = items.lock_items(connection, [each.code for each in there])
    if refusal := link_refusal(status_of(connection, link, transaction.now)):
        raise refusal
    if any(each.code not in locked for each in command.chosen):
        raise NotFoundRefusal(lazy("this dossier"))
    if not all(is_in(connection, link, locked[each.code]) for each in command.chosen):
        raise LinkRefusal(_MOVED)
    first, *others = command.chosen
    known_by = command.cause.command_id
    asked = [
        _decision(command, link, first, known_by),
        *(_decision(command, link, each, f"{known_by}:{each.code}") for each in others),
    ]
    for judged in judge(transaction.context, connection, asked):
        if judged.refusal is not None:
            raise judged.refusal
    holding = _holders(transaction, [locked[each.code] for each in command.chosen])
    outcomes = decide(transaction, asked)
    for each in outcomes:
        if isinstance(each, Refusal):
            raise each
    transaction.emit(_answered(command, locked, holding))
    return tuple(each for each in outcomes if isinstance(each, Decided))


def recall_answered(
    _connection: Connection, command: AnswerDossier, made: StoredEntry
) -> tuple[Decided, ...]:
    """Return what an answer was answered when it was given: the first of its entries."""
    return (Decided(code=command.chosen[0].code, seq=made.seq, hash=made.hash.hex()),)


def _decision(
    command: AnswerDossier, link: RecipientLink, chosen: ChosenItem, command_id: str
) -> Decide:
    named = DossierRecipient(id=link.recipient, name=link.name)
    cause = replace(command.cause, recipient=named, command_id=command_id)
    return Decide(
        code=chosen.code,
        transition=command.transition,
        cause=cause,
        version=chosen.version,
        to=command.to,
        comment=command.comment,
        until=command.until,
        award=command.award,
    )


def _holders(transaction: Transaction, answered: Sequence[Item]) -> list[PersonId]:
    connection = transaction.connection
    found = (each.person for item in answered for each in pending_holders(connection, item))
    return list(dict.fromkeys(found))


def _answered(
    command: AnswerDossier, locked: dict[str, Item], holding: Sequence[PersonId]
) -> Iterator[RecipientAnswered]:
    first = locked[command.chosen[0].code]
    for person in holding:
        yield RecipientAnswered(
            item=first.id,
            code=first.code,
            person=person,
            version=first.version + 1,
            transition=command.transition,
            codes=tuple(each.code for each in command.chosen),
        )


def link_refusal(status: LinkStatus) -> LinkRefusal | None:
    """Return why a link of ``status`` answers nothing any more, or None while it is live."""
    match status:
        case LinkStatus.LIVE:
            return None
        case LinkStatus.REVOKED:
            return LinkEndedRefusal(reason("link-revoked", "This link was revoked."))
        case LinkStatus.EXPIRED:
            return LinkEndedRefusal(reason("link-expired", "This link has expired."))
        case _:
            return LinkRefusal(_MOVED)
