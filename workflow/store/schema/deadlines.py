"""Deadlines: who is to answer, who asked for longer or for silence, who was reminded."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from workflow.store.schema.metadata import Id, Instant, metadata

deadlines = Table(
    "deadlines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", ForeignKey("campaigns.id"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("roll", String(10), nullable=False),
    Column("ladder", Text, nullable=False),
    Column("planned_from", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("name", String(120), nullable=False, server_default=""),
    Column("data_until", String(10), nullable=False, server_default=""),
    Column("series", Id),
)

deadline_departments = Table(
    "deadline_departments",
    metadata,
    Column("deadline_id", ForeignKey("deadlines.id"), primary_key=True),
    Column("department", ForeignKey("departments.id"), primary_key=True),
)

snoozes = Table(
    "snoozes",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("deadline_id", ForeignKey("deadlines.id"), primary_key=True),
    Column("until_on", String(10), nullable=False),
)

extensions = Table(
    "extensions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("deadline_id", ForeignKey("deadlines.id"), nullable=False),
    Column("department", ForeignKey("departments.id"), nullable=False),
    Column("asked_by", ForeignKey("people.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("wanted_at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("decided_by", ForeignKey("people.id")),
    Column("decided_at", Instant),
    Column("answer", Text),
    CheckConstraint("state IN ('asked', 'granted', 'refused')", name="known_state"),
    Index(None, "deadline_id"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("deadline_id", ForeignKey("deadlines.id"), nullable=False),
    Column("rung", Integer, nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("due_on", String(40), nullable=False),
    Column("departments", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("outbox_id", Id),
    UniqueConstraint("deadline_id", "rung", "person", "due_on"),
    Index("ix_reminders_at", "at"),
    Index("ix_reminders_outbox_id", "outbox_id"),
)
