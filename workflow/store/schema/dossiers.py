"""What left for the board under one number, and which items; rows are only added."""

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from workflow.store.schema.metadata import Id, Instant, metadata

dossiers = Table(
    "dossiers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("sent_by", ForeignKey("people.id")),
    UniqueConstraint("item_id", "version"),
    ForeignKeyConstraint(["item_id", "version"], ["dispatches.item_id", "dispatches.version"]),
)
"""``item_id`` and ``version``: what it left with, as ``dispatches`` says, for all that it holds."""

dossier_items = Table(
    "dossier_items",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("dossier_id", ForeignKey("dossiers.id"), nullable=False),
    Index("ix_dossier_items_dossier_id", "dossier_id"),
)
