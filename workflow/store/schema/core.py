"""The tables whose statements live in the store: people, definitions, items, history, deadlines."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from workflow.store.schema.metadata import Hash, Id, Instant, metadata

settings = Table(
    "settings",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

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
    CheckConstraint("from_person <> to_person", name="two_persons"),
    CheckConstraint("starts_on <= ends_on", name="in_order"),
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

counters = Table(
    "counters",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Integer, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", String(20), nullable=False, unique=True),
    Column("type", String(40), nullable=False),
    Column("definition_hash", ForeignKey("definitions.hash"), nullable=False),
    Column("campaign", ForeignKey("campaigns.id"), nullable=False),
    Column("department", ForeignKey("departments.id"), nullable=False),
    Column("author", ForeignKey("people.id"), nullable=False),
    Column("title", String(300), nullable=False),
    Column("search", Text, nullable=False),
    Column("period", String(40)),
    Column("state", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("content_hash", Hash, nullable=False),
    Column("due_at", Instant),
    Column("since", Instant, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    Column("recused", Text),
    Column("reassigned", Text),
    Index("ix_items_department_id", "department", "id"),
    Index("ix_items_campaign_period_department", "campaign", "period", "department"),
    Index("ix_items_author_id", "author", "id"),
    Index("ix_items_state_id", "state", "id"),
    Index("ix_items_type_state_id", "type", "state", "id"),
    Index("ix_items_due_at_id", "due_at", "id"),
    Index("ix_items_campaign_id", "campaign", "id"),
    Index("ix_items_state_since_id", "state", "since", "id"),
)

contents = Table(
    "contents",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("hash", Hash, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

files = Table(
    "files",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("sha256", Hash, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("size", Integer, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("added_by", ForeignKey("people.id"), nullable=False),
    Column("added_at", Instant, nullable=False),
    Index("ix_files_sha256", "sha256"),  # the sweep: does any item name this file?
)

holders = Table(
    "holders",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("on_behalf_of", ForeignKey("people.id")),
    Column("due_at", Instant),
    Column("since", Instant, nullable=False),
    Index("ix_holders_person_due_at_item_id", "person", "due_at", "item_id"),
)

opinions = Table(
    "opinions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("item_id", ForeignKey("items.id"), nullable=False),
    Column("asked_of", ForeignKey("people.id"), nullable=False),
    Column("asked_by", ForeignKey("people.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Index(None, "item_id"),
)

history = Table(
    "history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject", String(80), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("prev", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("item_id", Id),
    Column("type", String(40), nullable=False),
    Column("actor", Id),
    Column("at", Instant, nullable=False),
    Column("decided_version", Integer),
    Column("command_id", String(200), nullable=False),
    Column("command_digest", String(64)),
    UniqueConstraint("subject", "seq"),
    UniqueConstraint("item_id", "decided_version"),
    UniqueConstraint("command_id", "actor"),
    Index("ix_history_actor_id", "actor", "id"),
    Index("ix_history_at", "at"),
)

history_texts = Table(
    "history_texts",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("text", Text, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("kid", String(16), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("item_id", ForeignKey("items.id"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("content_hash", Hash, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_entry", Integer),
    Column("revoked_at", Instant),
    Column("revoke_reason", String(40)),
    Index("ix_links_item_id_step_person", "item_id", "step", "person"),
    Index("ix_links_person", "person"),
)

dispatches = Table(
    "dispatches",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("series", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("notation", String(40), nullable=False),
    Column("issued_on", String(10), nullable=False),
    Column("channel", String(10), nullable=False),
    UniqueConstraint("year", "series", "number"),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", ForeignKey("campaigns.id"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("roll", String(10), nullable=False),
    Column("ladder", Text, nullable=False),
    Column("planned_from", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("name", String(120), nullable=False, server_default=""),
    Column("data_until", String(10), nullable=False, server_default=""),
    Column("series", Id),
)

deadline_departments = Table(
    "deadline_departments",
    metadata,
    Column("deadline_id", ForeignKey("deadlines.id"), primary_key=True),
    Column("department", ForeignKey("departments.id"), primary_key=True),
)

snoozes = Table(
    "snoozes",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("deadline_id", ForeignKey("deadlines.id"), primary_key=True),
    Column("until_on", String(10), nullable=False),
)

extensions = Table(
    "extensions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("deadline_id", ForeignKey("deadlines.id"), nullable=False),
    Column("department", ForeignKey("departments.id"), nullable=False),
    Column("asked_by", ForeignKey("people.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("wanted_at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("decided_by", ForeignKey("people.id")),
    Column("decided_at", Instant),
    Column("answer", Text),
    CheckConstraint("state IN ('asked', 'granted', 'refused')", name="known_state"),
    Index(None, "deadline_id"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("deadline_id", ForeignKey("deadlines.id"), nullable=False),
    Column("rung", Integer, nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("due_on", String(40), nullable=False),
    Column("departments", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("outbox_id", Id),
    UniqueConstraint("deadline_id", "rung", "person", "due_on"),
    Index("ix_reminders_at", "at"),
    Index("ix_reminders_outbox_id", "outbox_id"),
)

merits = Table(
    "merits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", ForeignKey("campaigns.id"), nullable=False),
    Column("recognition", String(40), nullable=False),
    Column("whose_kind", String(12), nullable=False),
    Column("whose", String(200), nullable=False),
    Column("department", ForeignKey("departments.id"), nullable=False),
    Column("what", String(300), nullable=False),
    Column("story", Text, nullable=False),
    Column("happened_on", String(10), nullable=False),
    Column("recorded_by", ForeignKey("people.id"), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("standing", String(12), nullable=False),
    Column("code", String(20)),
    CheckConstraint(
        "standing IN ('noted', 'followed', 'nominated', 'closed')", name="known_standing"
    ),
    CheckConstraint("whose_kind IN ('individual', 'collective')", name="known_kind"),
    Index(None, "campaign"),
)

merit_notes = Table(
    "merit_notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("merit_id", ForeignKey("merits.id"), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("standing", String(12), nullable=False),
    Column("words", Text, nullable=False),
    Index(None, "merit_id"),
)

campaign_reads = Table(
    "campaign_reads",
    metadata,
    Column("campaign", ForeignKey("campaigns.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)
