"""What the agency works by: its settings, definitions and campaigns, and the numbers it gives."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from workflow.store.schema.metadata import Hash, Instant, metadata

settings = Table(
    "settings",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

definitions = Table(
    "definitions",
    metadata,
    Column("hash", Hash, primary_key=True),
    Column("id", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("id", "version"),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(300), nullable=False),
    Column("year", Integer, nullable=False),
    Column("starts_on", String(10), nullable=False),
    Column("ends_on", String(10), nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", Hash, nullable=False),
)

campaign_reads = Table(
    "campaign_reads",
    metadata,
    Column("campaign", ForeignKey("campaigns.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Integer, nullable=False),
)
