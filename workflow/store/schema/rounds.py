"""Rounds of the council: who sits, what is before it, and what was put into the box.

A case is a nominee: the row of an item's list, 0 where it is a nomination of one.
Of a secret ballot no table says who voted what: ``round_papers`` holds sealed papers while the vote
goes on, ``round_ballots`` and ``round_receipts`` the opened ones, in the order of random keys.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from workflow.store.schema.metadata import Hash, Id, Instant, metadata

Share = String(20)
"""A fraction as people write it; never a float."""

rounds = Table(
    "rounds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", ForeignKey("campaigns.id"), nullable=False),
    Column("title", String(300), nullable=False),
    Column("meeting", String(12), nullable=False),
    Column("voting", String(12), nullable=False),
    Column("held_on", String(10), nullable=False),
    Column("place", String(200), nullable=False),
    Column("agenda", Text, nullable=False),
    Column("quorum", Share, nullable=False),
    Column("concerned_count", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("run", Integer, nullable=False),
    Column("box", LargeBinary(32)),
    Column("second_box", LargeBinary(32)),
    Column("created_by", ForeignKey("people.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("counted_by", ForeignKey("people.id")),
    Column("counted_at", Instant),
    Column("ended_by", ForeignKey("people.id")),
    Column("ended_at", Instant),
    CheckConstraint(
        "state IN ('prepared', 'voting', 'counted', 'closed', 'cancelled')", name="known_state"
    ),
    CheckConstraint("state <> 'closed' OR ended_by <> counted_by", name="two_persons"),
)

round_seats = Table(
    "round_seats",
    metadata,
    Column("round_id", ForeignKey("rounds.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("role", String(12), nullable=False),
    Column("attendance", String(12), nullable=False),
    Column("voted_run", Integer, nullable=False),
    Index("ix_round_seats_person", "person"),
)

round_cases = Table(
    "round_cases",
    metadata,
    Column("round_id", ForeignKey("rounds.id"), primary_key=True),
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("nominee", Integer, primary_key=True, server_default="0", autoincrement=False),
    Column("place", Integer, nullable=False),
    Column("threshold", Share, nullable=False),
    Column("content_hash", Hash, nullable=False),
    Column("concerned", Text, nullable=False),
    Column("agree", Integer),
    Column("disagree", Integer),
    Column("blank", Integer),
    Column("base", Integer),
    Column("passed", Integer),
    Column("left_out", Integer),
    Index("ix_round_cases_item_id", "item_id"),
)

round_links = Table(
    "round_links",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("run", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index("ix_round_links_person_round_id", "person", "round_id"),
)

round_papers = Table(
    "round_papers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_round_papers_round_id", "round_id"),
    # SQLite would number the rows in the order that members voted in.
    sqlite_with_rowid=False,
)

round_ballots = Table(
    "round_ballots",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("run", Integer, nullable=False),
    Column("item_id", ForeignKey("items.id"), nullable=False),
    Column("nominee", Integer, nullable=False, server_default="0"),
    Column("choice", String(12), nullable=False),
    Index("ix_round_ballots_round_id_run", "round_id", "run"),
)

round_receipts = Table(
    "round_receipts",
    metadata,
    Column("round_id", ForeignKey("rounds.id"), primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("receipt", String(16), primary_key=True),
)

round_votes = Table(
    "round_votes",
    metadata,
    Column("round_id", ForeignKey("rounds.id"), primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("nominee", Integer, primary_key=True, server_default="0", autoincrement=False),
    Column("choice", String(12), nullable=False),
    Index("ix_round_votes_person", "person"),
)

round_challenges = Table(
    "round_challenges",
    metadata,
    Column("id", Id, primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("run", Integer, nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("words", Text, nullable=False),
    Column("answer", Text),
    Column("answered_by", ForeignKey("people.id")),
    Column("answered_at", Instant),
    Column("repeats", Integer),
    Index("ix_round_challenges_round_id", "round_id"),
)
