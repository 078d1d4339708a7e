"""Departments and people, who stands in for whom, and what people keep for themselves."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from workflow.store.schema.metadata import Id, Instant, metadata

departments = Table(
    "departments",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("is_office", Boolean, nullable=False),
    Column("place", Integer, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("position", String(30), nullable=False),
    Column("department", ForeignKey("departments.id")),
    Column("is_active", Boolean, nullable=False),
)

delegations = Table(
    "delegations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("from_person", ForeignKey("people.id"), nullable=False),
    Column("to_person", ForeignKey("people.id"), nullable=False),
    Column("starts_on", String(10), nullable=False),
    Column("ends_on", String(10), nullable=False),
    Column("document", String(200), nullable=False),
    Column("created_by", ForeignKey("people.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("form", String(4)),
    Column("kinds", Text),
    Column("terms", Text),
    Column("departments", Text),
    CheckConstraint("from_person <> to_person", name="two_persons"),
    CheckConstraint("starts_on <= ends_on", name="in_order"),
    Index(None, "from_person"),
)

absences = Table(
    "absences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("stand_in", ForeignKey("people.id")),
    Column("starts_on", String(10), nullable=False),
    Column("ends_on", String(10), nullable=False),
    Column("created_by", ForeignKey("people.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("person <> stand_in", name="two_persons"),
    Index(None, "ends_on"),
    Index(None, "person"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", String(40), nullable=False),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("query", Text, nullable=False),
    Column("list", String(20), nullable=False, server_default="items"),
    Index(None, "person"),
)

typings = Table(
    "typings",
    metadata,
    Column("form", String(80), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "at"),
)
