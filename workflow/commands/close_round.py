"""End a round: challenges to its count, their answers, and closing it by a second person.

A closed round is never changed, by nobody: its database rows refuse it too. What was wrong in it is
a matter for another round.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workflow import values
from workflow.command import RoundCommand
from workflow.commands.execute import Transaction
from workflow.commands.prepare_round import tell_members
from workflow.commands.recording import record_by, redate
from workflow.commands.refresh_holders import task_again
from workflow.commands.round_access import led_round, require_state
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    reason,
)
from workflow.events import TaskReason
from workflow.history.round_payloads import (
    ChallengeAnswered,
    CountChallenged,
    RoundCancelled,
    RoundClosed,
)
from workflow.lookups.items import pending_holders
from workflow.lookups.rounds import CouncilRound, visible_round
from workflow.messages import lazy
from workflow.model import Item, PersonId
from workflow.people import may_set_deadlines
from workflow.rules import asks_council
from workflow.store import ballots, items, rounds
from workflow.store.ballots import Challenge
from workflow.store.instants import written
from workflow.voting import RoundNews, RoundState

_WORDS_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeCount(RoundCommand[int]):
    """Say what is wrong with a count; a member's, or the Office's."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChallenge(RoundCommand[int]):
    """Answer a challenge; ``repeats``: the vote is held again. By who runs the round."""

    challenge: int
    words: str
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRound(RoundCommand[int]):
    """Close a counted round for good; by who runs it, and did not count it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRound(RoundCommand[int]):
    """Give a round up before it is counted, and say why; the Office's."""

    words: str


def challenge_count(transaction: Transaction, command: ChallengeCount) -> int:
    """Keep a challenge; return its number."""
    connection, now = transaction.connection, transaction.now
    person = transaction.directory.active(command.cause.actor)
    if person is None:
        raise NotFoundRefusal(lazy("this round"))
    present = visible_round(connection, command.round, person, locked=True)
    if present.seat(person.id) is None and not may_set_deadlines(person):
        raise NotPermittedRefusal(
            reason("member", "Only members of the council and the Office challenge a count.")
        )
    require_state(present, RoundState.COUNTED)
    words = _words(command.words)
    challenge = ballots.add_challenge(
        connection,
        {
            "round_id": command.round,
            "run": present.round.run,
            "person": person.id,
            "at": written(now),
            "words": words,
        },
    )
    payload = CountChallenged(challenge=challenge, run=present.round.run)
    texts = {"message": words}
    record_by(transaction, command.cause, present.round.subject, payload, texts=texts)
    return challenge


def _words(text: str) -> str:
    if wrong := values.lines_fault(text, _WORDS_LIMIT):
        raise InvalidRefusal(reason("words", "Say what it is about. The text {wrong}", wrong=wrong))
    return values.lines(text)


def answer_challenge(transaction: Transaction, command: AnswerChallenge) -> int:
    """Answer a challenge; return the round's number.

    Where the vote is held again the round is prepared, and its count is void.
    """
    connection = transaction.connection
    present = led_round(transaction, command.cause.actor, command.round)
    require_state(present, RoundState.COUNTED)
    waiting = {
        each.id: each
        for each in ballots.challenges_of(connection, command.round)
        if each.answered_at is None
    }
    challenge = waiting.get(command.challenge)
    if challenge is None:
        raise NotFoundRefusal(lazy("this challenge"))
    if challenge.person == command.cause.actor:
        raise NotPermittedRefusal(reason("own-challenge", "Somebody else answers your challenge."))
    if command.repeats:
        _require_repeatable(present, challenge, command.cause.actor)
    words = _words(command.words)
    answered = replace(
        challenge,
        answer=words,
        answered_by=command.cause.actor,
        answered_at=transaction.now,
        repeats=command.repeats,
    )
    ballots.answer_challenge(connection, answered)
    if command.repeats:
        rounds.change_round(
            connection,
            command.round,
            {"state": RoundState.PREPARED.value, "counted_by": None, "counted_at": None},
        )
        void = [each.uncounted() for each in present.cases]
        rounds.put_cases(connection, command.round, present.cases, void)
    payload = ChallengeAnswered(challenge=challenge.id, repeats=command.repeats)
    texts = {"message": words}
    record_by(transaction, command.cause, present.round.subject, payload, texts=texts)
    return command.round


def _require_repeatable(
    present: CouncilRound, challenge: Challenge, actor: PersonId | None
) -> None:
    """Refuse to void a count over a challenge to an earlier one, or by who counted alone."""
    if challenge.run != present.round.run:
        raise InvalidRefusal(
            reason(
                "run",
                "This challenge is to an earlier count. Answer it without holding the vote again.",
            )
        )
    if present.round.counted_by == actor:
        raise NotPermittedRefusal(
            reason(
                "two-persons",
                "You counted this round, so somebody else has the vote held again: the chair, the "
                "secretary or another of the Office.",
            )
        )


def close_round(transaction: Transaction, command: CloseRound) -> int:
    """Close a round; return its number."""
    connection = transaction.connection
    present = led_round(transaction, command.cause.actor, command.round)
    require_state(present, RoundState.COUNTED)
    if present.round.counted_by == command.cause.actor:
        raise NotPermittedRefusal(
            reason(
                "two-persons",
                "You counted this round, so somebody else closes it: the chair, the secretary or "
                "another of the Office.",
            )
        )
    challenges = ballots.challenges_of(connection, command.round)
    if any(each.answered_at is None for each in challenges):
        raise InvalidRefusal(
            reason("challenges", "A challenge to the count waits for its answer. Answer it first.")
        )
    end = {
        "state": RoundState.CLOSED.value,
        "ended_by": command.cause.actor,
        "ended_at": written(transaction.now),
    }
    rounds.change_round(connection, command.round, end)
    payload = RoundClosed(
        run=present.round.run,
        passed=tuple(each.code for each in present.cases if each.passed),
        failed=tuple(each.code for each in present.cases if each.passed is False),
    )
    entry = record_by(transaction, command.cause, present.round.subject, payload)
    tell_members(transaction, present, RoundNews.CLOSED, f"e{entry.seq}")
    passed = _passed_items(transaction, present)
    _mail_passed(transaction, present, passed)
    _begin_steps(transaction, command, passed)
    return command.round


def _passed_items(transaction: Transaction, present: CouncilRound) -> list[Item]:
    """Return the nominations that go on by this round, as they are now."""
    connection = transaction.connection
    passed = [each.item_id for each in present.cases if each.passed]
    found = items.items_by_id(connection, passed)
    alive = rounds.passed_items(connection, found.values())
    return [each for each in found.values() if each.id in alive]


def _mail_passed(transaction: Transaction, present: CouncilRound, passed: Sequence[Item]) -> None:
    """Let who holds what has passed get the link that waited for the council."""
    connection, occurrence = transaction.connection, f"round{present.round.id}"
    transaction.emit(
        task_again(item, held.person, why=TaskReason.ENTERED, occurrence=occurrence)
        for item in passed
        for held in pending_holders(connection, item)
    )


def _begin_steps(transaction: Transaction, command: CloseRound, passed: Sequence[Item]) -> None:
    """Count the days of the step that waited for the council from now on."""
    context = transaction.context
    contents = context.contents.of(transaction.connection, passed)
    for item in passed:
        book = context.rulebooks.of(transaction.connection, item.definition_hash)
        if not asks_council(book.definition, item.state, contents[item.id]):
            continue
        days = book.states[item.state].working_days
        due_at = context.calendar.step_due(transaction.now, days)
        if due_at is not None:
            redate(transaction, command.cause, item, due_at)


def cancel_round(transaction: Transaction, command: CancelRound) -> int:
    """Give a round up; return its number. What is in the box is deleted unread."""
    connection = transaction.connection
    present = led_round(transaction, command.cause.actor, command.round)
    require_state(present, RoundState.PREPARED, RoundState.VOTING)
    words = _words(command.words)
    ballots.empty_box(connection, command.round)
    end = {
        "state": RoundState.CANCELLED.value,
        "box": None,
        "second_box": None,
        "ended_by": command.cause.actor,
        "ended_at": written(transaction.now),
    }
    rounds.change_round(connection, command.round, end)
    texts = {"comment": words}
    subject = present.round.subject
    record_by(transaction, command.cause, subject, RoundCancelled(), texts=texts)
    return command.round
