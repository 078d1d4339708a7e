"""Statements about what is put into a box and comes out of it, links to vote, and challenges.

A sealed paper stands without whom it is of and without when. SQLite keeps it in the order of its
random key, so its place tells nothing of the order papers were cast in; PostgreSQL's own files keep
the order of writing until the box is emptied. Opened papers are read in the order of random keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from workflow.canonical import instant
from workflow.model import ItemId, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values
from workflow.voting import BallotChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """An opened paper's choice on one nominee; ``id``: random, and another for each."""

    id: str
    item_id: ItemId
    nominee: int
    choice: BallotChoice

    @property
    def case(self) -> tuple[ItemId, int]:
        """Return the key of the case that it is on."""
        return self.item_id, self.nominee


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedVote:
    """Who voted how on one nominee, in an open vote."""

    item_id: ItemId
    nominee: int
    person: PersonId
    choice: BallotChoice

    @property
    def case(self) -> tuple[ItemId, int]:
        """Return the key of the case that it is on."""
        return self.item_id, self.nominee


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What somebody has against a count; ``repeats``: the vote was to be held again."""

    id: int
    run: int
    person: PersonId
    at: datetime
    words: str
    answer: str | None = None
    answered_by: PersonId | None = None
    answered_at: datetime | None = None
    repeats: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLink:
    """The row of a link: to vote once in one run of a round, for one person."""

    id: bytes
    person: PersonId
    round_id: int
    run: int
    expires_at: datetime
    revoked_at: datetime | None = None

    @property
    def bound(self) -> tuple[bytes, ...]:
        """Return all that its token is bound to."""
        numbers = (self.person, self.round_id, self.run)
        return (
            self.id,
            *(str(each).encode() for each in numbers),
            instant(self.expires_at).encode(),
        )


_papers, _ballots, _receipts, _votes, _challenges, _links = (
    schema.round_papers.c,
    schema.round_ballots.c,
    schema.round_receipts.c,
    schema.round_votes.c,
    schema.round_challenges.c,
    schema.round_links.c,
)
_BALLOT = Mapper(Ballot, schema.round_ballots)
_VOTE = Mapper(NamedVote, schema.round_votes)
_LINK = Mapper(RoundLink, schema.round_links)
_CHALLENGE = Mapper(
    Challenge,
    schema.round_challenges,
    readers={"repeats": lambda value: None if value is None else bool(value)},
)
_SEAL = Prepared(insert(schema.round_papers))
_IN_BOX = Prepared(
    select(_papers.sealed).where(_papers.round_id == bindparam("of_round")).order_by(_papers.id)
)
_EMPTY = Prepared(delete(schema.round_papers).where(_papers.round_id == bindparam("of_round")))
_ADD_BALLOTS = Prepared(insert(schema.round_ballots))
_ADD_RECEIPTS = Prepared(insert(schema.round_receipts))
_ADD_VOTES = Prepared(insert(schema.round_votes))
_OF_ROUND: BindParameter[int] = bindparam("of_round")
_OF_RUN: BindParameter[int] = bindparam("of_run")
_BALLOTS = Prepared(
    select(*_BALLOT.columns)
    .where(_ballots.round_id == _OF_ROUND, _ballots.run == _OF_RUN)
    .order_by(_ballots.id)
)
_RECEIPTS = Prepared(
    select(_receipts.receipt)
    .where(_receipts.round_id == _OF_ROUND, _receipts.run == _OF_RUN)
    .order_by(_receipts.receipt)
)
_VOTES = Prepared(
    select(*_VOTE.columns)
    .where(_votes.round_id == _OF_ROUND, _votes.run == _OF_RUN)
    .order_by(_votes.item_id, _votes.nominee, _votes.person)
)
_CHALLENGES = Prepared(
    select(*_CHALLENGE.columns)
    .where(_challenges.round_id == bindparam("of_round"))
    .order_by(_challenges.id)
)
_ADD_CHALLENGE = Prepared(insert(schema.round_challenges).returning(_challenges.id))
_ANSWER = Prepared(
    update(schema.round_challenges)
    .where(_challenges.id == bindparam("of_id"), _challenges.answered_at.is_(None))
    .values(
        answer=bindparam("says"),
        answered_by=bindparam("by_person"),
        answered_at=bindparam("at_instant"),
        repeats=bindparam("and_repeats"),
    )
)
_ADD_LINKS = Prepared(insert(schema.round_links))
_LINK_BY_ID = Prepared(select(*_LINK.columns).where(_links.id == bindparam("wanted")))
_LIVE = (_links.person == bindparam("of_person"), _links.revoked_at.is_(None))
_LINK_TO = Prepared(
    select(*_LINK.columns)
    .where(*_LIVE, _links.round_id == bindparam("of_round"), _links.run == bindparam("of_run"))
    .order_by(_links.created_at.desc(), _links.id)
)
_LIVE_LINKS = Prepared(select(*_LINK.columns).where(*_LIVE, _links.expires_at > bindparam("now")))
_REVOKE = Prepared(update(schema.round_links).where(*_LIVE).values(revoked_at=bindparam("at")))


def put_in_box(connection: Connection, number: int, identity: str, sealed: bytes) -> None:
    """Put a sealed paper into the box of a round."""
    _SEAL.run(connection, {"id": identity, "round_id": number, "sealed": sealed})


def box_of(connection: Connection, number: int) -> list[bytes]:
    """Return the sealed papers of a round."""
    rows = _IN_BOX.rows(connection, {"of_round": number})
    return [bytes(each.sealed) for each in rows]


def empty_box(connection: Connection, number: int) -> None:
    """Delete the sealed papers of a round."""
    _EMPTY.run(connection, {"of_round": number})


def lay_out(
    connection: Connection,
    number: int,
    run: int,
    ballots: Sequence[Ballot],
    receipts: Sequence[str],
) -> None:
    """Keep what came out of a box, by random keys, and the numbers of its papers, sorted."""
    rows = [
        {"round_id": number, "run": run, **_BALLOT.write(each)}
        for each in sorted(ballots, key=lambda each: each.id)
    ]
    _ADD_BALLOTS.many(connection, rows)
    numbers = [{"round_id": number, "run": run, "receipt": each} for each in sorted(receipts)]
    _ADD_RECEIPTS.many(connection, numbers)


def add_named_votes(
    connection: Connection, number: int, run: int, votes: Sequence[NamedVote]
) -> None:
    """Keep who voted how in an open vote."""
    rows = [{"round_id": number, "run": run, **_VOTE.write(each)} for each in votes]
    _ADD_VOTES.many(connection, rows)


def ballots_of(connection: Connection, number: int, run: int) -> list[Ballot]:
    """Return the opened ballots of a vote."""
    rows = _BALLOTS.rows(connection, {"of_round": number, "of_run": run})
    return list(map(_BALLOT.read, rows))


def receipts_of(connection: Connection, number: int, run: int) -> list[str]:
    """Return the numbers of the papers that were counted, sorted."""
    rows = _RECEIPTS.rows(connection, {"of_round": number, "of_run": run})
    return [each.receipt for each in rows]


def named_votes_of(connection: Connection, number: int, run: int) -> list[NamedVote]:
    """Return who voted how in an open vote."""
    return list(map(_VOTE.read, _VOTES.rows(connection, {"of_round": number, "of_run": run})))


def challenges_of(connection: Connection, number: int) -> list[Challenge]:
    """Return what was said against counts of a round, oldest first."""
    return list(map(_CHALLENGE.read, _CHALLENGES.rows(connection, {"of_round": number})))


def add_challenge(connection: Connection, values: Values) -> int:
    """Keep what somebody has against a count, and return its number."""
    return int(_ADD_CHALLENGE.scalar(connection, values))


def answer_challenge(connection: Connection, answered: Challenge) -> None:
    """Keep the answer to a challenge that waits for one."""
    if answered.answered_at is None:
        raise ValueError("an answer without an instant")
    values = {
        "of_id": answered.id,
        "says": answered.answer,
        "by_person": answered.answered_by,
        "at_instant": written(answered.answered_at),
        "and_repeats": int(bool(answered.repeats)),
    }
    _ANSWER.run(connection, values)


def find_link(connection: Connection, identity: bytes) -> RoundLink | None:
    """Return a link, or None."""
    return _LINK.find(_LINK_BY_ID.one(connection, {"wanted": identity}))


def link_to(connection: Connection, number: int, run: int, person: PersonId) -> RoundLink | None:
    """Return the newest link of a person to a vote that is not revoked, or None."""
    wanted = {"of_person": person, "of_round": number, "of_run": run}
    found = _LINK_TO.rows(connection, wanted)
    return _LINK.read(found[0]) if found else None


def insert_links(connection: Connection, links: Sequence[RoundLink], at: datetime) -> None:
    """Insert new links."""
    _ADD_LINKS.many(
        connection, [{**_LINK.write(each), "created_at": written(at)} for each in links]
    )


def revoke_links(connection: Connection, person: PersonId, now: datetime) -> list[RoundLink]:
    """Revoke every link of ``person``; return those that still lived."""
    found = _LIVE_LINKS.rows(connection, {"of_person": person, "now": written(now)})
    _REVOKE.run(connection, {"of_person": person, "at": written(now)})
    return list(map(_LINK.read, found))
