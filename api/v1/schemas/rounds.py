"""What the interface takes and answers of rounds of the council."""

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body
from workflow.commands.round_terms import MOST_CASES, MOST_MEMBERS
from workflow.values import LARGEST_COUNTER
from workflow.voting import Attendance, BallotChoice, MeetingForm, Role, Voting

Short = Annotated[str, StringConstraints(max_length=320)]
Count = Annotated[int, Field(ge=0, le=LARGEST_COUNTER)]
Words = Annotated[str, StringConstraints(max_length=8000)]


class RoundMember(Body):
    """A member: an address, the role, and how they take part."""

    email: Short
    role: Role = Role.MEMBER
    attendance: Attendance = Attendance.PRESENT


class GatheredCase(Body):
    """A nomination before the council; ``concerned``: addresses of who leaves the vote on it."""

    code: Short
    threshold: Short = ""
    concerned: list[Short] = Field(default_factory=list, max_length=MOST_MEMBERS)


class NewRound(Body):
    """A round as a whole; shares as "80" or "2/3".

    ``threshold``: of each case that names none; without it, by the rules of its award. ``seen``:
    the last entry that a change was made on.
    """

    campaign: Short
    title: Words
    held_on: Short
    place: Words = ""
    agenda: Words = ""
    meeting: MeetingForm = MeetingForm.MEETING
    voting: Voting = Voting.SECRET
    quorum: Short = "2/3"
    threshold: Short = ""
    concerned_count: bool = True
    members: list[RoundMember] = Field(default_factory=list, max_length=MOST_MEMBERS)
    cases: list[GatheredCase] = Field(default_factory=list, max_length=MOST_CASES)
    invites: bool = False
    seen: Count | None = None


class RoundMembers(Body):
    """Who sits in the council from now on."""

    members: Annotated[list[RoundMember], Field(max_length=MOST_MEMBERS)]


class CastPaper(Body):
    """A paper: a choice for each case; ``run``: of which vote. ``member``: handed out to them."""

    run: Count
    choices: dict[Short, BallotChoice]
    member: Short | None = None


class BoxCodes(Body):
    """The codes of a secret ballot's keys, in any order; none of an open vote."""

    codes: list[Short] = Field(default_factory=list, max_length=2)


class RoundWords(Body):
    """What somebody says: a challenge, or why a round is given up."""

    words: Words


class ChallengeReply(Body):
    """The answer to a challenge; ``repeats``: the vote is held again."""

    words: Words
    repeats: bool = False


class RoundMemberAnswer(Answer):
    """A member, and whether they have voted."""

    email: str
    name: str
    role: Role
    attendance: Attendance
    has_voted: bool


class NamedVoteAnswer(Answer):
    """Who voted how in an open vote."""

    email: str
    choice: BallotChoice


class RoundCaseAnswer(Answer):
    """A nomination before the council, with its count once there is one."""

    code: str
    title: str
    threshold: str
    concerned: list[str]
    agree: int | None
    disagree: int | None
    blank: int | None
    base: int | None
    needed: int | None
    passed: bool | None
    left_out: bool
    votes: list[NamedVoteAnswer]


class ChallengeAnswer(Answer):
    """What somebody has against a count, and what was answered."""

    id: int
    run: int
    by: str
    at: AwareDatetime
    words: str
    answer: str | None
    answered_by: str | None
    answered_at: AwareDatetime | None
    repeats: bool | None


class RoundRow(Answer):
    """A round in a list."""

    id: int
    campaign: str
    title: str
    held_on: str
    meeting: MeetingForm
    voting: Voting
    state: str


class RoundAnswer(RoundRow):
    """A round with its members and cases; ``receipts``: the numbers of the papers counted.

    ``keys``: how many of a secret ballot's two are taken.
    """

    place: str
    agenda: str
    quorum: str
    concerned_count: bool
    run: int
    keys: int
    seen: int
    members: list[RoundMemberAnswer]
    cases: list[RoundCaseAnswer]
    receipts: list[str]
    challenges: list[ChallengeAnswer]
    counted_by: str | None
    counted_at: AwareDatetime | None
    ended_by: str | None
    ended_at: AwareDatetime | None


class OpenedVoteAnswer(RoundAnswer):
    """A vote that goes on, or waits for the other's key; ``code``: one's own, said this once.

    Empty of an open vote, and where the request came again. Until somebody votes, a new request
    (with another Idempotency-Key) takes the key anew, and the code of the one before opens nothing.
    """

    code: str


class CastAnswer(Answer):
    """A paper is in the box; ``receipt``: its number, said this once."""

    round: int
    run: int
    receipt: str
