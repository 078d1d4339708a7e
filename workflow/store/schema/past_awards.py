"""Awards that were given before the product came, as imported; a wrong one is withdrawn."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, text

from workflow.store.schema.metadata import Id, Instant, metadata

past_awards = Table(
    "past_awards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("known_as", Text, nullable=False),
    Column("nominee", String(200), nullable=False),
    Column("person", ForeignKey("people.id")),
    Column("kind", String(12), nullable=False),
    Column("department", ForeignKey("departments.id")),
    Column("award", String(60), nullable=False),
    Column("commendation", String(10), nullable=False),
    Column("authority", String(60), nullable=False),
    Column("number", String(60), nullable=False),
    Column("decided_on", String(10), nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("imported_by", ForeignKey("people.id")),
    Column("confirmed_by", ForeignKey("people.id")),
    Column("imported_at", Instant, nullable=False),
    Column("withdrawn_by", ForeignKey("people.id")),
    Column("withdrawn_at", Instant),
    Column("withdrawn_why", Text),
    CheckConstraint("kind IN ('individual', 'collective')", name="known_kind"),
    Index(None, "person"),
    Index(None, "known_as"),
    Index(None, "decided_on"),
    Index(None, "imported_at"),
    Index(
        "uq_past_awards_given_once",
        *("known_as", "award", "decided_on", "number"),
        unique=True,
        sqlite_where=text("withdrawn_at IS NULL AND known_as <> ''"),
        postgresql_where=text("withdrawn_at IS NULL AND known_as <> ''"),
    ),
)
