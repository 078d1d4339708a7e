"""Mail that is to leave, and what became of it; its statements live in notifications."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from workflow.store.schema.metadata import Id, Instant, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("dedupe_key", String(200), nullable=False, unique=True),
    # Made of the key, and as unique.
    Column("message_id", String(120), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("person", ForeignKey("people.id")),
    Column("address", String(254)),
    Column("item_id", Id),
    Column("params", Text, nullable=False),
    Column("link_id", LargeBinary(16)),
    Column("state", String(12), nullable=False),
    Column("lease_until", Instant),
    Column("lease_token", String(32)),
    Column("attempts", Integer, nullable=False),
    Column("possible_duplicates", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    # When ``next_at`` was set, and since when it is to leave at all: so a clock that was set
    # back, and mail that waits, are known.
    Column("scheduled_at", Instant),
    Column("due_at", Instant),
    Column("last_code", String(300)),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    # Partial in the database (state new or leased), which the migration says: the words of each
    # dialect would load both here.
    Index("ix_outbox_unsent_next_at_id", "next_at", "id"),
    Index("ix_outbox_item_id", "item_id"),
    # Partial likewise (state dead).
    Index("ix_outbox_dead_id", "id"),
    # Partial likewise (kind anchor).
    Index("ix_outbox_anchor_id", "id"),
)
