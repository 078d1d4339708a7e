"""What is said about an item while it stays where it is: a holder asks anybody for an opinion, and readers comment.

Whoever is asked sees the item while they have not answered. Question, answer and comment are entries of the item's history.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from workflow import values
from workflow.commands.replays import made_by
from workflow.context import Context, SetBrokenError, fact_in_place
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, Refusal, reason
from workflow.events import SaidOfItem, Saying
from workflow.history import EntryType, Fact, payloads
from workflow.lookups.items import visible_item
from workflow.messages import Message, lazy
from workflow.model import Item, Method, Person, PersonId, Position, Via
from workflow.store import history, items, opinions, people
from workflow.store.history import NewEntry

_WORDS_LIMIT = 4000
_OPEN_LIMIT = 10
_COMMENTS_A_DAY = 20
"""Comments that one person may leave on one item within a day; each of them mails somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOpinion:
    """Ask ``of`` (an address) what they think of an item that waits for ``actor``."""

    code: str
    of: str
    question: str
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str = ""

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """Words of ``actor`` about an item."""

    code: str
    words: str
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str = ""

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return self.code


class GiveOpinion(_Said):
    """Answer what ``actor`` was asked about an item."""

    __slots__ = ()


class Comment(_Said):
    """Say something about an item that ``actor`` may read, to everybody who may read it."""

    __slots__ = ()


def ask_opinions(
    context: Context, connection: Connection, commands: Sequence[AskOpinion]
) -> list[int | Refusal]:
    """Record questions; answer the number of the entry. Whoever is asked gets a mail."""
    return [_refusing(context, connection, command) for command in commands]


def give_opinions(
    context: Context, connection: Connection, commands: Sequence[GiveOpinion]
) -> list[int | Refusal]:
    """Record answers; answer the number of the entry. Whoever asked gets a mail."""
    return [_refusing(context, connection, command) for command in commands]


def comment_on_items(
    context: Context, connection: Connection, commands: Sequence[Comment]
) -> list[int | Refusal]:
    """Record comments; answer the number of the entry. The author and whoever holds the item get a mail."""
    return [_refusing(context, connection, command) for command in commands]


def _refusing(
    context: Context, connection: Connection, command: AskOpinion | GiveOpinion | Comment
) -> int | Refusal:
    try:
        made = made_by(connection, command)
        if made is not None:
            return made if isinstance(made, Refusal) else made.seq
        item = items.lock_items(connection, [command.code]).get(command.code)
        person = context.directory(connection, context.clock()).active(command.actor)
        if item is None or person is None:
            raise NotFoundRefusal(lazy("the item {code}", code=command.code))
        visible_item(connection, command.code, person)
        match command:
            case AskOpinion():
                return _ask(context, connection, command, item, person)
            case GiveOpinion():
                return _give(context, connection, command, item, person)
            case Comment():
                return _comment(context, connection, command, item, person)
    except Refusal as refusal:  # refused before its first write, so the set goes on
        return refusal


def _ask(
    context: Context, connection: Connection, command: AskOpinion, item: Item, person: Person
) -> int:
    state = context.rulebooks.of(connection, item.definition_hash).states[item.state]
    held = items.holders_by_item(connection, [item.id]).get(item.id, [])
    if state.held_by_author or all(each.person != person.id for each in held):
        raise NotPermittedRefusal(
            reason("holder", "Only whoever holds the item may ask for opinions about it.")
        )
    asked = people.person_by_email(connection, command.of)
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
        each for each in opinions.opinions_of(connection, item.id) if each.answered_at is None
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
        connection, item.id, asked_of=asked.id, asked_by=person.id, at=context.clock()
    )
    payload = payloads.OpinionAsked(opinion=opinion, of=asked.id)
    fact = fact_in_place(context, connection, command, item, person, payload)
    return _noted(
        context,
        connection,
        item,
        command.digest,
        replace(fact, texts={"comment": words}),
        [asked.id],
    )


def _give(
    context: Context, connection: Connection, command: GiveOpinion, item: Item, person: Person
) -> int:
    found = [
        each
        for each in opinions.opinions_of(connection, item.id)
        if each.asked_of == person.id and each.answered_at is None
    ]
    if not found:
        raise NotPermittedRefusal(
            reason("asked", "You have no unanswered question about this item.")
        )
    words = _checked(command.words, lazy("Write your opinion"))
    if not opinions.answer_opinion(connection, found[0].id, context.clock()):
        raise SetBrokenError
    payload = payloads.OpinionGiven(opinion=found[0].id)
    fact = fact_in_place(context, connection, command, item, person, payload)
    return _noted(
        context,
        connection,
        item,
        command.digest,
        replace(fact, texts={"comment": words}),
        [found[0].asked_by],
    )


def _comment(
    context: Context, connection: Connection, command: Comment, item: Item, person: Person
) -> int:
    if person.position is Position.AUDITOR:
        raise NotPermittedRefusal(
            reason("auditor", "Auditors read items and write nothing into them.")
        )
    words = _checked(command.words, lazy("Write what you want to say"))
    day_ago = context.clock() - timedelta(days=1)
    lately = [
        each
        for each in history.entries_of(connection, item.subject)
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
    held = items.holders_by_item(connection, [item.id]).get(item.id, [])
    told = {item.author, *(each.person for each in held)} - {person.id}
    fact = fact_in_place(context, connection, command, item, person, payloads.Commented())
    return _noted(
        context,
        connection,
        item,
        command.digest,
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
    context: Context,
    connection: Connection,
    item: Item,
    digest: str,
    fact: Fact,
    told: Sequence[PersonId],
) -> int:
    entry = context.next_entry(item, fact)
    if not items.append_to_item(connection, item, seq=entry.seq, head=entry.hash):
        raise SetBrokenError
    history.append_entries(
        connection, [NewEntry(entry=entry, item_id=item.id, command_digest=digest)]
    )
    actor = PersonId(fact.actor or 0)
    context.publish(
        connection,
        [
            SaidOfItem(
                item=item.id,
                code=item.code,
                person=each,
                actor=actor,
                what=Saying(fact.type),
                occurrence=f"o{entry.seq}",
            )
            for each in told
        ],
    )
    return entry.seq
