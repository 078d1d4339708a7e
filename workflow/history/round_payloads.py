"""What entries about a round of the council say.

Of a secret ballot they say who has voted and what all voted together, never who voted what.
"""

from dataclasses import dataclass
from typing import ClassVar

from workflow.history.entry_types import EntryType
from workflow.history.payloads import Payload
from workflow.model import PersonId
from workflow.voting import CastBy, MeetingForm, Voting

RecordedSeat = tuple[PersonId, str, str]
"""A member: the person, their role, how they take part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCase:
    """A nomination before the council: its code, the share that must agree, who is concerned."""

    code: str
    threshold: str
    concerned: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCase:
    """What was voted on a nomination; ``needed`` of ``base`` had to agree."""

    code: str
    agree: int
    disagree: int
    blank: int
    base: int
    needed: int
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSet(Payload):
    """Terms, members and cases of a round from now on."""

    type: ClassVar[EntryType] = EntryType.ROUND_SET
    campaign: str
    meeting: MeetingForm
    voting: Voting
    held_on: str
    quorum: str
    concerned_count: bool
    members: tuple[RecordedSeat, ...]
    cases: tuple[RecordedCase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxKeyTaken(Payload):
    """The chair or the secretary has taken a key: the first of a secret ballot, or theirs anew.

    ``locks``: the public halves of all keys from now on, in hex; one before the vote is open.
    """

    type: ClassVar[EntryType] = EntryType.BOX_KEY_TAKEN
    run: int
    locks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCase:
    """A nomination as it was put to the vote: the vote is on that content, by that share."""

    code: str
    threshold: str
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteOpened(Payload):
    """Members may vote from now on; all of them are the base, whoever comes or goes.

    ``locks``: of a secret ballot's box, in hex. ``box``: the only lock, in older entries, which say
    neither quorum nor cases.
    """

    type: ClassVar[EntryType] = EntryType.VOTE_OPENED
    run: int
    members: tuple[PersonId, ...]
    box: str = ""
    quorum: str = ""
    cases: tuple[OpenedCase, ...] = ()
    locks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCast(Payload):
    """A member has voted; ``choices``, by code, are of an open vote alone.

    ``concerned``: the codes on which they left the vote. ``left_out``: the codes of what was found
    changed since the vote opened.
    """

    type: ClassVar[EntryType] = EntryType.VOTE_CAST
    run: int
    member: PersonId
    by: CastBy
    concerned: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCounted(Payload):
    """What was voted; ``receipts``: SHA-256 of the sorted numbers of the papers, a line each.

    ``left_out``: the codes of what was changed since the vote opened, on which nothing is decided.
    """

    type: ClassVar[EntryType] = EntryType.VOTE_COUNTED
    run: int
    papers: int
    cases: tuple[CountedCase, ...]
    receipts: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRecounted(VoteCounted):
    """The papers were counted again; the count is the same, or nothing is recorded."""

    type: ClassVar[EntryType] = EntryType.VOTE_RECOUNTED


@dataclass(frozen=True, slots=True, kw_only=True)
class CountChallenged(Payload):
    """A member, or the Office, has something against the count."""

    type: ClassVar[EntryType] = EntryType.COUNT_CHALLENGED
    challenge: int
    run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeAnswered(Payload):
    """A challenge was answered; ``repeats``: the vote is held again."""

    type: ClassVar[EntryType] = EntryType.CHALLENGE_ANSWERED
    challenge: int
    repeats: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundClosed(Payload):
    """A second person closed the round for good; codes of what passed, and of what did not."""

    type: ClassVar[EntryType] = EntryType.ROUND_CLOSED
    run: int
    passed: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCancelled(Payload):
    """The round was given up; its cases are free for another."""

    type: ClassVar[EntryType] = EntryType.ROUND_CANCELLED
