"""Items with their content, files, holders, opinions, links and numbers; and noted merits."""

from sqlalchemy import (
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
    Column("erasures", Integer, nullable=False, server_default="0"),
    Column("concerned", Text),
    Column("gathered_in", String(20)),
    Index("ix_items_department_id", "department", "id"),
    Index("ix_items_campaign_period_department", "campaign", "period", "department"),
    Index("ix_items_author_id", "author", "id"),
    # The newest of a kind, and how many there are.
    Index("ix_items_type_id", "type", "id"),
    # The newest of a state, and of a kind in it, and how many are late: all within the index.
    Index("ix_items_state_id_type_due_at", "state", "id", "type", "due_at"),
    # What is due first, and whose is late in some states or of a kind: all within the index.
    Index(
        "ix_items_due_at_id_state_type_department", "due_at", "id", "state", "type", "department"
    ),
    Index("ix_items_campaign_id", "campaign", "id"),
    # Partial in the database (what goes with a consolidated report), which the migration says.
    Index("ix_items_gathered_in", "gathered_in"),
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
    Index("ix_files_sha256", "sha256"),
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

stuck_items = Table(
    "stuck_items",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
)
"""Items that came to wait for nobody who may take them on; some may have moved on since."""

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
