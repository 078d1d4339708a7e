"""Findings that auditors attach to entries of the history, and what was said about them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from workflow.store.schema.metadata import Id, Instant, metadata

findings = Table(
    "findings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("about", String(80), nullable=False),
    Column("entry", Integer, nullable=False),
    Column("title", String(200), nullable=False),
    Column("addressee", ForeignKey("people.id")),
    Column("opened_by", ForeignKey("people.id"), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index("ix_findings_about_entry", "about", "entry"),
    Index(None, "addressee"),
)

finding_notes = Table(
    "finding_notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("finding_id", ForeignKey("findings.id"), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("words", Text, nullable=False),
    Index(None, "finding_id"),
)
