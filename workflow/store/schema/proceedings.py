"""What is pending against a person or a department, how it ended, and corrections of that."""

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

proceeding_corrections = Table(
    "proceeding_corrections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("proceeding_id", ForeignKey("proceedings.id"), nullable=False),
    Column("person", ForeignKey("people.id")),
    Column("outcome", String(20)),
    Column("ended_on", String(10)),
    Column("document", String(200), nullable=False),
    Column("document_on", String(10)),
    Column("served_on", String(10)),
    Column("words", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("corrected_by", ForeignKey("people.id"), nullable=False),
    Column("confirmed_by", ForeignKey("people.id")),
    Column("corrected_at", Instant, nullable=False),
    Index(None, "proceeding_id"),
)
