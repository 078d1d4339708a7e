"""Put a round to the vote; what the shares are taken of is set from here on.

An open vote is opened by who runs the round. A secret ballot takes two: its chair and its
secretary each take a key of their own, and with the second the vote is open. A key is answered
once, to whom it is, and kept nowhere; the round has the locks alone. So neither of the two opens
the box alone, whatever copy of the database they have, and nobody else does at all. Whoever did not
see the code takes the key anew, as long as no paper lies in the box.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from workflow.command import RoundCommand
from workflow.commands.execute import Transaction
from workflow.commands.prepare_round import without_concerned
from workflow.commands.recording import record_by
from workflow.commands.round_access import led_round, require_state
from workflow.commands.round_links import mail_votes
from workflow.commands.round_terms import waits_for_council
from workflow.context import Context
from workflow.errors import InvalidRefusal, NotPermittedRefusal, Reason, reason
from workflow.history import Entry
from workflow.history.round_payloads import BoxKeyTaken, OpenedCase, VoteOpened
from workflow.lookups.held_nominees import held_rows
from workflow.lookups.rounds import CouncilRound, load_round
from workflow.model import Item
from workflow.rounds import BoxKey, case_code, quorum_reached, voters_of, written_share
from workflow.rounds.ballot_box import CODE_BYTES
from workflow.store import items, rounds
from workflow.store.rounds import Round, RoundCase
from workflow.voting import Attendance, MeetingForm, Role, RoundMoved, RoundNews, RoundState

_LOCKS = {Role.CHAIR: "box", Role.SECRETARY: "second_box"}
"""Whose key is for which lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVote(RoundCommand["OpenedVote"]):
    """Put a round to the vote; of a secret ballot: take one's key, the chair's or the secretary's.

    An open vote is opened by the Office, its chair or its secretary. ``may_be_early``: also before
    the day of the meeting; who was not asked yet whether they mean that has not said so.
    """

    may_be_early: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedVote:
    """A vote that goes on, or waits for the other's key; ``code``: one's own, said this once.

    Empty where the command came again: what was said once is said to nobody twice.
    """

    round: int
    code: str = field(default="", repr=False)


def open_vote(transaction: Transaction, command: OpenVote) -> OpenedVote:
    """Let members vote: each who takes part is mailed a link."""
    present = led_round(transaction, command.cause.actor, command.round)
    if present.round.state is RoundState.VOTING and present.has_two_keys:
        return _exchange_key(transaction, command, present)
    require_state(present, RoundState.PREPARED)
    problems = _problems(transaction, present)
    if not command.may_be_early and is_early(present.round, transaction.context):
        problems.append(
            reason(
                "early",
                "The day of the meeting has not come. Confirm that the vote begins before it.",
            )
        )
    if problems:
        raise InvalidRefusal(*problems)
    code = ""
    if present.is_secret:
        is_first = not present.locks
        code = _take_key(transaction, command, present)
        present = load_round(transaction.connection, command.round)
        if not present.has_two_keys:
            entry = _record_key(transaction, command, present, run=present.round.run + 1)
            if is_first:
                _tell_other(transaction, present, f"k{entry.seq}")
            return OpenedVote(round=command.round, code=code)
    _begin(transaction, command, present)
    return OpenedVote(round=command.round, code=code)


def is_early(found: Round, context: Context) -> bool:
    """Return whether a council that meets is to vote before the day on which it does."""
    today = context.calendar.local_day(context.clock())
    return found.meeting is MeetingForm.MEETING and found.held_on > today.isoformat()


def _exchange_key(transaction: Transaction, command: OpenVote, present: CouncilRound) -> OpenedVote:
    """Exchange the actor's key of a vote that is open, and return its code."""
    _own_lock(present, command)
    if present.voted:
        raise InvalidRefusal(
            reason(
                "state",
                "Somebody has voted already, so no key is taken anew: papers in the box open with "
                "the keys as they are. If a code is lost, give the round up and keep it again.",
            )
        )
    code = _take_key(transaction, command, present)
    after = load_round(transaction.connection, command.round)
    _record_key(transaction, command, after, run=after.round.run)
    return OpenedVote(round=command.round, code=code)


def _record_key(
    transaction: Transaction, command: OpenVote, after: CouncilRound, *, run: int
) -> Entry:
    taken = BoxKeyTaken(run=run, locks=_in_hex(after))
    return record_by(transaction, command.cause, after.round.subject, taken)


def _tell_other(transaction: Transaction, after: CouncilRound, occurrence: str) -> None:
    """Let whoever has still to take a key hear of it."""
    number = after.round.id
    transaction.emit(
        [
            RoundMoved(round=number, person=each, what=RoundNews.KEY, occurrence=occurrence)
            for each in after.keyless
        ]
    )


def _own_lock(present: CouncilRound, command: OpenVote) -> str:
    """Return the name of the lock whose key is the actor's. Raises NotPermittedRefusal."""
    seat = present.seat(command.cause.actor)
    lock = _LOCKS.get(seat.role) if seat else None
    if lock is None:
        raise NotPermittedRefusal(
            reason(
                "keys",
                "A secret ballot is opened by its chair and its secretary: each takes a key of "
                "their own, and the box opens with both.",
            )
        )
    return lock


def _take_key(transaction: Transaction, command: OpenVote, present: CouncilRound) -> str:
    """Keep the lock of a new key of the actor's, and return its code."""
    lock = _own_lock(present, command)
    key = BoxKey.made_of(transaction.context.entropy(CODE_BYTES))
    rounds.change_round(transaction.connection, command.round, {lock: key.public})
    return key.code


def _in_hex(present: CouncilRound) -> tuple[str, ...]:
    return tuple(each.hex() for each in present.locks)


def _begin(transaction: Transaction, command: OpenVote, present: CouncilRound) -> None:
    """Open the vote: who votes, of how many, on what stays from here on."""
    connection = transaction.connection
    present = without_concerned(transaction, present)
    rounds.put_cases(connection, command.round, present.cases, _present_cases(transaction, present))
    begun = {"state": RoundState.VOTING.value, "run": present.round.run + 1}
    rounds.change_round(connection, command.round, begun)
    after = load_round(connection, command.round)
    opened = VoteOpened(
        run=after.round.run,
        members=tuple(each.person for each in after.seats),
        quorum=written_share(after.round.quorum),
        cases=tuple(
            OpenedCase(
                code=each.code,
                threshold=written_share(each.threshold),
                content_hash=each.content_hash,
            )
            for each in after.cases
        ),
        locks=_in_hex(after),
    )
    entry = record_by(transaction, command.cause, after.round.subject, opened)
    asked = [each.person for each in after.seats if after.awaits(each.person)]
    mail_votes(transaction, after, asked, f"v{entry.seq}")


def _problems(transaction: Transaction, present: CouncilRound) -> list[Reason]:
    """Return why a round cannot be put to the vote."""
    problems = []
    if not present.cases:
        problems.append(reason("cases", "Nothing is before the council. Gather nominations first."))
    codes = dict.fromkeys(each.item_code for each in present.cases)
    found = items.lock_items(transaction.connection, codes)
    problems += [
        reason(
            "cases",
            "{code} is no nomination that waits for the council now. Take it off the list.",
            code=code,
        )
        for code in codes
        if not waits_for_council(transaction, found[code])
    ]
    problems += _held_cases(transaction, codes, found)
    problems += _changed_lists(present, found)
    problems += _departed_members(transaction, present)
    taking_part = sum(1 for _ in voters_of(present.council.seats))
    if not quorum_reached(present.council, taking_part):
        problems.append(
            reason(
                "quorum",
                "{present} of {all} members take part, and that is no quorum. Choose another day, "
                "or let who is absent vote in writing.",
                present=taking_part,
                all=len(present.seats),
            )
        )
    return problems


def _held_cases(
    transaction: Transaction, codes: Iterable[str], found: Mapping[str, Item]
) -> list[Reason]:
    """Return which nominations are held by what is pending; the council is not told why."""
    context, connection = transaction.context, transaction.connection
    contents = context.contents.of(connection, list(found.values()))
    return [
        reason(
            "cases",
            "{code} is held for now. Take it off the list, or wait until the Office has settled "
            "it.",
            code=case_code(code, row),
        )
        for code in codes
        for row in held_rows(context, connection, found[code], contents[found[code].id])
    ]


def _departed_members(transaction: Transaction, present: CouncilRound) -> list[Reason]:
    """Return who cannot take part: they work here no more.

    Before the first vote somebody else sits in their place; from then on they count as absent.
    """
    directory, problems = transaction.directory, []
    for each in present.seats:
        name = directory.people[each.person].name
        if directory.active(each.person) is not None:
            continue
        if not present.is_settled:
            problems.append(
                reason("members", "{name} works here no more. Name somebody else.", name=name)
            )
        elif each.attendance is not Attendance.ABSENT:
            problems.append(
                reason(
                    "members",
                    "{name} works here no more. Note them as absent: they stay in the base.",
                    name=name,
                )
            )
    return problems


def _changed_lists(present: CouncilRound, found: Mapping[str, Item]) -> list[Reason]:
    """Return which lists are no longer those whose rows were gathered."""
    changed = dict.fromkeys(
        each.item_code
        for each in present.cases
        if each.nominee and each.content_hash != found[each.item_code].content_hash
    )
    return [
        reason(
            "cases",
            "The list {code} was changed since it was gathered. Keep the round again with it as "
            "it is now, or without it.",
            code=code,
        )
        for code in changed
    ]


def _present_cases(transaction: Transaction, present: CouncilRound) -> list[RoundCase]:
    """Return the cases as the council votes on them: their present content, and no count yet."""
    codes = dict.fromkeys(each.item_code for each in present.cases)
    found = items.lock_items(transaction.connection, codes)
    return [
        replace(each.uncounted(), content_hash=found[each.item_code].content_hash)
        for each in present.cases
    ]
