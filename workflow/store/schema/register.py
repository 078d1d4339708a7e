"""The register of outgoing documents, and those in it that no item became; rows are only added."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from workflow.store.schema.metadata import Id, metadata

register = Table(
    "register",
    metadata,
    Column("id", Id, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("series", String(80), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("notation", String(60), nullable=False),
    Column("issued_on", String(10), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("item_id", ForeignKey("items.id")),
    Column("search", Text, nullable=False),
    UniqueConstraint("year", "series", "number"),
    UniqueConstraint("year", "notation"),
    Index("ix_register_year_kind_number", "year", "kind", "number"),
    Index("ix_register_year_id", "year", "id"),
    Index("ix_register_item_id", "item_id"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("about", Text, nullable=False),
    Column("signer", Text, nullable=False),
    Column("recipients", Text, nullable=False),
    Column("kept_by", Text, nullable=False),
    Column("copies", Integer),
    Column("note", Text, nullable=False),
)
