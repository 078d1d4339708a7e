"""The history: entries, the texts of theirs that may be erased, and the log that seals them."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from workflow.store.schema.metadata import Id, Instant, metadata

history = Table(
    "history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject", String(80), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("prev", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("item_id", Id),
    Column("type", String(40), nullable=False),
    Column("actor", Id),
    Column("at", Instant, nullable=False),
    Column("decided_version", Integer),
    Column("command_id", String(200), nullable=False),
    Column("command_digest", String(64)),
    Column("on_behalf_of", Id),
    Column("transition", String(40)),
    Column("via", String(20)),
    Column("method", String(20)),
    UniqueConstraint("subject", "seq"),
    UniqueConstraint("item_id", "decided_version"),
    UniqueConstraint("command_id", "actor"),
    Index("ix_history_actor_id", "actor", "id"),
    Index("ix_history_at_id", "at", "id"),
    Index("ix_history_type_id", "type", "id"),
    # Partial in the database (where somebody acted for another), which the migration says.
    Index("ix_history_on_behalf_of_id", "on_behalf_of", "id"),
    Index("ix_history_transition_id", "transition", "id"),
    # Each way with each method is gone through by itself, whichever of the two is asked for.
    Index("ix_history_via_method_id", "via", "method", "id"),
)

history_texts = Table(
    "history_texts",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("text", Text, nullable=False),
)

history_log = Table(
    "history_log",
    metadata,
    Column("position", Id, primary_key=True, autoincrement=False),
    Column("entry", Id, ForeignKey("history.id"), nullable=False, unique=True),
    Column("hash", LargeBinary(32), nullable=False),
)

history_log_nodes = Table(
    "history_log_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", Id, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", Id, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
)

timestamps = Table(
    "timestamps",
    metadata,
    Column("size", Id, ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False),
    Column("answer", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
)
