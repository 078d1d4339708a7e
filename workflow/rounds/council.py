"""Who sits in a council, who of them votes on which case, and how many make it able to decide.

The base of every share is all members: who is absent, and who leaves the vote on a case that
concerns them, counts in it like a member who does not agree (Nghị định 91/2017/NĐ-CP, khoản 8 Điều
45, as the central board reads it). Where an agency's own rule leaves the concerned out of the base
too, the round says so (``concerned_count``).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from workflow.errors import Reason, reason
from workflow.model import PersonId
from workflow.voting import Attendance, Role

LEAST_MEMBERS = 3


def case_code(code: str, nominee: int) -> str:
    """Return what names one nominee of an item: its code, of a list with the row."""
    return f"{code}.{nominee}" if nominee else code


def item_of(case: str) -> str:
    """Return the code of the item that a case is of."""
    return case.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One member of the council in one round."""

    person: PersonId
    role: Role = Role.MEMBER
    attendance: Attendance = Attendance.PRESENT
    has_voted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilCase:
    """One nomination before the council; ``concerned``: who leaves the vote on it."""

    code: str
    threshold: Fraction
    concerned: frozenset[PersonId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRules:
    """What makes a council able to decide, and what a share is taken of.

    Both are an agency's own rules where the law in force leaves them to it.
    """

    quorum: Fraction
    concerned_count: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Council:
    """All members of a round, and the rules that it goes by."""

    seats: tuple[Seat, ...]
    rules: CountRules

    def base_for(self, case: CouncilCase) -> int:
        """Return of how many members a share of ``case`` is taken."""
        if self.rules.concerned_count:
            return len(self.seats)
        return sum(each.person not in case.concerned for each in self.seats)


def voters_of(seats: Sequence[Seat]) -> Iterator[Seat]:
    """Yield who is asked for a vote: whoever is not simply absent."""
    return (each for each in seats if each.attendance is not Attendance.ABSENT)


def quorum_reached(council: Council, taking_part: int) -> bool:
    """Return whether ``taking_part`` members, in the room or in writing, may decide."""
    quorum = council.rules.quorum
    return taking_part * quorum.denominator >= len(council.seats) * quorum.numerator


def council_faults(seats: Collection[Seat]) -> list[Reason]:
    """Return why these members are no council yet."""
    faults = []
    if len({each.person for each in seats}) != len(seats):
        faults.append(reason("members", "Somebody stands twice among the members. Once is enough."))
    if len(seats) < LEAST_MEMBERS:
        faults.append(
            reason(
                "members",
                "A council has {least} members at least. Name the others.",
                least=LEAST_MEMBERS,
            )
        )
    held = Counter(each.role for each in seats)
    if held[Role.CHAIR] != 1:
        faults.append(reason("roles", "A council has one chair. Name exactly one."))
    if held[Role.SECRETARY] != 1:
        faults.append(reason("roles", "A council has one secretary. Name exactly one."))
    return faults
