"""What is said about an item while it stays where it is.

A holder asks anybody for an opinion, and readers comment.

Whoever is asked sees the item while they have not answered. Question, answer and comment are
entries of the item's history.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from workflow import values
from workflow.command import ItemCommand
from workflow.commands.execute import Transaction
from workflow.commands.item_access import locked_item
from workflow.commands.recording import append_in_place, fact_in_place
from workflow.context import SetBrokenError
from workflow.errors import InvalidRefusal, NotPermittedRefusal, reason
from workflow.events import SaidOfItem, Saying
from workflow.history import EntryType, Fact, payloads
from workflow.lookups.items import holds, pending_holders
from workflow.messages import Message, lazy
from workflow.model import Item, PersonId, Position
from workflow.store import history, opinions, people

_WORDS_LIMIT = 4000
_OPEN_LIMIT = 10
_COMMENTS_A_DAY = 20
"""Comments that one person may leave on one item within a day; each of them mails somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOpinion(ItemCommand[int]):
    """Ask ``of`` (an address) what they think of an item that waits for ``actor``."""

    of: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said(ItemCommand[int]):
    """Words of ``actor`` about an item."""

    words: str


class GiveOpinion(_Said):
    """Answer what ``actor`` was asked about an item."""

    __slots__ = ()


class Comment(_Said):
    """Say something about an item that ``actor`` may read, to everybody who may read it."""

    __slots__ = ()


def ask_opinion(transaction: Transaction, command: AskOpinion) -> int:
    """Record a question; answer the number of the entry. Whoever is asked gets a mail."""
    item, person = locked_item(transaction, command.cause, command.code)
    state = transaction.context.rulebooks.of(transaction.connection, item.definition_hash).states[
        item.state
    ]
    if state.held_by_author or not holds(transaction.connection, item, person):
        raise NotPermittedRefusal(
            reason("holder", "Only whoever holds the item may ask for opinions about it.")
        )
    asked = people.person_by_email(transaction.connection, command.of)
    if asked is None or not asked.is_active or asked.id in {person.id, item.author}:
        raise InvalidRefusal(
            reason(
                "of",
                "{email} cannot be asked: choose somebody who works here, not yourself "
                "and not the author.",
                email=command.of,
            )
        )
    open_ones = [
        each
        for each in opinions.opinions_of(transaction.connection, item.id)
        if each.answered_at is None
    ]
    if any(each.asked_of == asked.id for each in open_ones) or len(open_ones) >= _OPEN_LIMIT:
        raise InvalidRefusal(
            reason(
                "of",
                "This person was asked and has not answered, or {limit} people are being "
                "asked already.",
                limit=_OPEN_LIMIT,
            )
        )
    words = _checked(command.question, lazy("Write what you want to ask"))
    opinion = opinions.ask_opinion(
        transaction.connection, item.id, asked_of=asked.id, asked_by=person.id, at=transaction.now
    )
    payload = payloads.OpinionAsked(opinion=opinion, of=asked.id)
    fact = fact_in_place(transaction, command.cause, item, person, payload)
    return _noted(
        transaction,
        item,
        command.cause.digest,
        replace(fact, texts={"comment": words}),
        [asked.id],
    )


def give_opinion(transaction: Transaction, command: GiveOpinion) -> int:
    """Record an answer; answer the number of the entry. Whoever asked gets a mail."""
    item, person = locked_item(transaction, command.cause, command.code)
    found = [
        each
        for each in opinions.opinions_of(transaction.connection, item.id)
        if each.asked_of == person.id and each.answered_at is None
    ]
    if not found:
        raise NotPermittedRefusal(
            reason("asked", "You have no unanswered question about this item.")
        )
    words = _checked(command.words, lazy("Write your opinion"))
    if not opinions.answer_opinion(transaction.connection, found[0].id, transaction.now):
        raise SetBrokenError
    payload = payloads.OpinionGiven(opinion=found[0].id)
    fact = fact_in_place(transaction, command.cause, item, person, payload)
    return _noted(
        transaction,
        item,
        command.cause.digest,
        replace(fact, texts={"comment": words}),
        [found[0].asked_by],
    )


def comment_on_item(transaction: Transaction, command: Comment) -> int:
    """Record a comment; answer the number of the entry.

    The author and whoever holds the item get a mail.
    """
    item, person = locked_item(transaction, command.cause, command.code)
    if person.position is Position.AUDITOR:
        raise NotPermittedRefusal(
            reason("auditor", "Auditors read items and write nothing into them.")
        )
    words = _checked(command.words, lazy("Write what you want to say"))
    day_ago = transaction.now - timedelta(days=1)
    lately = [
        each
        for each in history.entries_of(transaction.connection, item.subject)
        if each.type == EntryType.COMMENTED and each.at > day_ago
    ]
    if sum(each.actor == person.id for each in lately) >= _COMMENTS_A_DAY:
        raise NotPermittedRefusal(
            reason(
                "many",
                "You left {limit} comments on this item within a day. Join them.",
                limit=_COMMENTS_A_DAY,
            )
        )
    held = pending_holders(transaction.connection, item)
    told = {item.author, *(each.person for each in held)} - {person.id}
    fact = fact_in_place(transaction, command.cause, item, person, payloads.Commented())
    return _noted(
        transaction,
        item,
        command.cause.digest,
        replace(fact, texts={"comment": words}),
        sorted(told),
    )


def _checked(words: str, what: Message) -> str:
    if wrong := values.lines_fault(words, _WORDS_LIMIT):
        raise InvalidRefusal(
            reason(
                "words",
                "{what}, {limit} characters at most. What was written {wrong}",
                what=what,
                limit=_WORDS_LIMIT,
                wrong=wrong,
            )
        )
    return values.lines(words)


def _noted(
    transaction: Transaction, item: Item, digest: str, fact: Fact, told: Sequence[PersonId]
) -> int:
    seq = append_in_place(transaction, item, fact, digest=digest).seq
    transaction.emit(
        SaidOfItem(
            item=item.id,
            code=item.code,
            person=each,
            actor=PersonId(fact.actor or 0),
            what=Saying(fact.type),
            occurrence=f"o{seq}",
        )
        for each in told
    )
    return seq
