"""What was proposed and waits for a second person, or had its answer; and the links to give it."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
)

from workflow.store.schema.metadata import Id, Instant, metadata

proposals = Table(
    "proposals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("command", String(40), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("base", String(64), nullable=False),
    Column("grants", Text, nullable=False),
    Column("gainers", Text, nullable=False),
    Column("named", Text, nullable=False),
    Column("proposed_by", ForeignKey("people.id"), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("decided_by", ForeignKey("people.id")),
    Column("decided_at", Instant),
    Column("comment", Text),
    CheckConstraint("state IN ('open', 'confirmed', 'rejected')", name="known_state"),
    CheckConstraint("state <> 'confirmed' OR decided_by <> proposed_by", name="two_persons"),
)

proposal_links = Table(
    "proposal_links",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("proposal", ForeignKey("proposals.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index("ix_proposal_links_person_proposal", "person", "proposal"),
)
