"""What is pending against a person or a department, and how it ended."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from workflow.store.schema.metadata import Id, Instant, metadata

proceedings = Table(
    "proceedings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", ForeignKey("people.id")),
    Column("department", ForeignKey("departments.id")),
    Column("kind", String(20), nullable=False),
    Column("since", String(10), nullable=False),
    Column("document", String(200), nullable=False),
    Column("document_on", String(10), nullable=False),
    Column("words", Text, nullable=False),
    Column("opened_by", ForeignKey("people.id"), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("outcome", String(20)),
    Column("ended_on", String(10)),
    Column("end_document", String(200)),
    Column("end_document_on", String(10)),
    Column("served_on", String(10)),
    Column("end_words", Text),
    Column("closed_by", ForeignKey("people.id")),
    Column("closed_at", Instant),
    Index(None, "person"),
    Index(None, "department"),
)
