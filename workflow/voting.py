"""The choices of a council that votes: who sits how, how it votes, what a member may say.

Owns the names alone, which the history and events speak in too; what they mean is ``rounds``.
"""

from dataclasses import dataclass
from enum import StrEnum, auto

from workflow.model import PersonId


class MeetingForm(StrEnum):
    """Whether the council meets, or is asked for opinions in writing."""

    MEETING = auto()
    WRITTEN = auto()


class Voting(StrEnum):
    """Whether everybody sees who votes how, or nobody ever."""

    OPEN = auto()
    SECRET = auto()


class Role(StrEnum):
    """What a member is in the council; all of them vote."""

    CHAIR = auto()
    SECRETARY = auto()
    MEMBER = auto()


class Attendance(StrEnum):
    """How a member takes part; who is absent counts in the base all the same."""

    PRESENT = auto()
    WRITTEN = auto()
    """Not in the room, and gives an opinion in writing, by a link."""
    ABSENT = auto()


class BallotChoice(StrEnum):
    """What a paper says of one case."""

    AGREE = auto()
    DISAGREE = auto()
    BLANK = auto()
    CONCERNED = auto()
    """The member is concerned and leaves the vote on this case; everybody knows that."""


class RoundState(StrEnum):
    """How far a round is; only the last two are for good."""

    PREPARED = auto()
    VOTING = auto()
    COUNTED = auto()
    CLOSED = auto()
    CANCELLED = auto()


ENDED = frozenset({RoundState.CLOSED, RoundState.CANCELLED})


class CastBy(StrEnum):
    """By which way a paper came into the box."""

    LINK = auto()
    TABLET = auto()
    """Handed out in the room by whoever keeps the roll."""


class RoundNews(StrEnum):
    """What the council is told of a round."""

    INVITED = auto()
    VOTE = auto()
    COUNTED = auto()
    CLOSED = auto()
    KEY = auto()
    """The other key of a secret ballot is taken, and the reader's is waited for."""
    CAST = auto()
    """A paper was handed out in somebody's name: they hear of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundMoved:
    """Something to tell: a member of the council hears of a round."""

    round: int
    person: PersonId
    what: RoundNews
    occurrence: str
