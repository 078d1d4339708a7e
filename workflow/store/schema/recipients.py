"""Links by which a body outside fetches and answers what was sent to it."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table

from workflow.store.schema.metadata import Id, Instant, metadata

recipient_links = Table(
    "recipient_links",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("recipient", String(60), nullable=False),
    Column("name", String(200), nullable=False),
    Column("address", String(254), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    ForeignKeyConstraint(["item_id", "version"], ["dispatches.item_id", "dispatches.version"]),
    Index("ix_recipient_links_item_id_version", "item_id", "version"),
)
"""``item_id`` and ``version``: what the dossier left with, as ``dispatches`` says."""
