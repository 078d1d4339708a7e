"""A round of the council with its members and cases, as one person may read it. Nothing writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow.context import Context
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Item, ItemId, Person, PersonId
from workflow.people import may_set_deadlines, may_watch
from workflow.rounds import Council, CouncilCase, CountRules
from workflow.rules import asks_council
from workflow.store import rounds
from workflow.store.rounds import Round, RoundCase, RoundSeat
from workflow.voting import Attendance, MeetingForm, Role, RoundState, Voting


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilRound:
    """A round with all that its votes are judged by."""

    round: Round
    seats: Sequence[RoundSeat]
    cases: Sequence[RoundCase]

    @property
    def is_secret(self) -> bool:
        """Return whether nobody ever learns who votes how."""
        return self.round.voting is Voting.SECRET

    @property
    def is_settled(self) -> bool:
        """Return whether it was put to the vote once: its council and its shares stay as they are.

        Else a count that somebody disliked could be voted on again by others, or by other shares.
        """
        return self.round.run > 0

    @property
    def locks(self) -> Sequence[bytes]:
        """Return the locks of a secret ballot's box: one of an older vote, else two."""
        return [each for each in (self.round.box, self.round.second_box) if each is not None]

    @property
    def keyless(self) -> Sequence[PersonId]:
        """Return who has still to take a key of a secret ballot that is prepared."""
        if not self.is_secret or self.round.state is not RoundState.PREPARED:
            return []
        wanted = ((Role.CHAIR, self.round.box), (Role.SECRETARY, self.round.second_box))
        keepers = [self.holder_of(role) for role, lock in wanted if lock is None]
        return [each for each in keepers if each is not None]

    @property
    def has_two_keys(self) -> bool:
        """Return whether both keys of a secret ballot's box are taken."""
        return None not in (self.round.box, self.round.second_box)

    @property
    def council(self) -> Council:
        """Return its members and rules as the count knows them."""
        return Council(
            seats=tuple(each.in_run(self.round.run) for each in self.seats),
            rules=CountRules(quorum=self.round.quorum, concerned_count=self.round.concerned_count),
        )

    @property
    def voted(self) -> int:
        """Return how many members have voted in the present run."""
        return sum(self.has_voted(each) for each in self.seats)

    def has_voted(self, seat: RoundSeat) -> bool:
        """Return whether a member has voted in the present run."""
        return 0 < self.round.run == seat.voted_run

    def is_in_room(self, seat: RoundSeat) -> bool:
        """Return whether a member takes part in the room, where papers are handed out."""
        is_meeting = self.round.meeting is MeetingForm.MEETING
        return is_meeting and seat.attendance is Attendance.PRESENT

    def seat(self, person: PersonId | None) -> RoundSeat | None:
        """Return somebody's seat, or None."""
        return next((each for each in self.seats if each.person == person), None)

    def holder_of(self, role: Role) -> PersonId | None:
        """Return who has a role that one member has, or None."""
        return next((each.person for each in self.seats if each.role is role), None)

    def leads(self, person: Person) -> bool:
        """Return whether somebody may run this round: the Office, its chair, its secretary."""
        seat = self.seat(person.id)
        return may_set_deadlines(person) or (seat is not None and seat.role is not Role.MEMBER)

    def opens(self, person: Person) -> bool:
        """Return whether somebody puts this round to the vote; a secret ballot takes two keys."""
        seat = self.seat(person.id)
        keeps_a_key = seat is not None and seat.role is not Role.MEMBER
        return keeps_a_key if self.is_secret else self.leads(person)

    def without_changed(self, now: Mapping[ItemId, Item]) -> list[RoundCase]:
        """Return its cases, those left out that are not ``now`` what was put to the vote."""
        return [
            replace(each, left_out=True)
            if now[each.item_id].content_hash != each.content_hash
            else each
            for each in self.cases
        ]

    def awaits(self, person: PersonId) -> bool:
        """Return whether a vote of somebody is asked for now."""
        seat = self.seat(person)
        return (
            self.round.state is RoundState.VOTING
            and seat is not None
            and seat.attendance is not Attendance.ABSENT
            and not self.has_voted(seat)
        )


def as_case(case: RoundCase) -> CouncilCase:
    """Return a case as the count knows it."""
    return CouncilCase(code=case.code, threshold=case.threshold, concerned=case.concerned)


def load_round(connection: Connection, number: int, *, locked: bool = False) -> CouncilRound:
    """Return a round. Raises NotFoundRefusal.

    ``locked``: nobody else changes it until the transaction ends.
    """
    found = (rounds.lock_round if locked else rounds.find_round)(connection, number)
    if found is None:
        raise NotFoundRefusal(lazy("this round"))
    return CouncilRound(
        round=found,
        seats=rounds.seats_of(connection, number),
        cases=rounds.cases_of(connection, number),
    )


def visible_round(
    connection: Connection, number: int, person: Person, *, locked: bool = False
) -> CouncilRound:
    """Return a round that ``person`` may read: who watches over all, and its members.

    Raises NotFoundRefusal.
    """
    found = load_round(connection, number, locked=locked)
    if not may_watch(person) and found.seat(person.id) is None:
        raise NotFoundRefusal(lazy("this round"))
    return found


def waits_for_council(context: Context, connection: Connection, item: Item, state: str) -> bool:
    """Return whether an item in ``state`` is to wait for a round, as its content is now."""
    book = context.rulebooks.of(connection, item.definition_hash)
    if not book.asks_council:
        return False
    content = context.contents.of(connection, [item])[item.id]
    is_asked = asks_council(book.definition, state, content)
    return is_asked and item.id not in rounds.passed_items(connection, [item])
