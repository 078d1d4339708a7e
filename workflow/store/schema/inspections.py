"""Inspections of departments during a campaign, and what came of them; rows are only added."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from workflow.store.schema.metadata import Id, Instant, metadata

inspections = Table(
    "inspections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", ForeignKey("campaigns.id"), nullable=False),
    Column("department", ForeignKey("departments.id"), nullable=False),
    Column("on_day", String(10), nullable=False),
    Column("inspectors", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("planned_by", ForeignKey("people.id"), nullable=False),
    Column("planned_at", Instant, nullable=False),
    Index(None, "campaign"),
)

inspection_notes = Table(
    "inspection_notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("inspection_id", ForeignKey("inspections.id"), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("words", Text, nullable=False),
    Column("to_mend", Text, nullable=False),
    Column("mend_by", String(10)),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("inspection_id", "outcome"),
)
