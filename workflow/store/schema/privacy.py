"""What data subjects asked, and what must not be erased."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text

from workflow.store.schema.metadata import Id, Instant, metadata

privacy_requests = Table(
    "privacy_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("person", ForeignKey("people.id")),
    Column("name", String(200), nullable=False),
    Column("contact", String(254), nullable=False),
    Column("words", Text, nullable=False),
    Column("received_on", String(10), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("state", String(12), nullable=False),
    Column("recorded_by", ForeignKey("people.id")),
    Column("recorded_at", Instant, nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_by", ForeignKey("people.id")),
    Column("answered_at", Instant),
    CheckConstraint(
        "kind IN ('access', 'correction', 'erasure', 'restriction', 'objection', 'complaint')",
        name="known_kind",
    ),
    CheckConstraint(
        "state IN ('received', 'acknowledged', 'granted', 'refused')", name="known_state"
    ),
    Index(None, "state"),
    Index(None, "person"),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("about", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    Column("placed_by", ForeignKey("people.id")),
    Column("placed_at", Instant, nullable=False),
    Column("lifted_by", ForeignKey("people.id")),
    Column("lifted_at", Instant),
    Column("lift_reason", Text, nullable=False),
    Index(None, "about"),
)
