"""The tables of mail and of access: they stand in the same MetaData; their statements live in notifications and api."""

from sqlalchemy import (
    BigInteger,
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

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("dedupe_key", String(200), nullable=False, unique=True),
    Column("message_id", String(120), nullable=False, unique=True),
    Column("kind", String(30), nullable=False),
    Column("person", ForeignKey("people.id")),
    Column("address", String(254)),
    Column("item_id", Id),
    Column("params", Text, nullable=False),
    Column("link_id", LargeBinary(16)),
    Column("state", String(12), nullable=False),
    Column("lease_until", Instant),
    Column("lease_token", String(32)),
    Column("attempts", Integer, nullable=False),
    Column("possible_duplicates", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    # When ``next_at`` was set, and since when it is to leave at all: how a clock that was set back, and mail that waits, are known.
    Column("scheduled_at", Instant),
    Column("due_at", Instant),
    Column("last_code", String(300)),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    # Partial in the database (state new or leased): said in the migration, for the words of each dialect would load both here.
    Index("ix_outbox_unsent_next_at_id", "next_at", "id"),
    Index("ix_outbox_item_id", "item_id"),
    # Partial likewise (state dead).
    Index("ix_outbox_dead_id", "id"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("password_hash", String(200)),
    Column("pin_hash", String(400)),
    Column("totp_secret", String(400)),
    Column("totp_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("enrol_hash", String(400)),
    Column("enrol_until", Instant),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("label", String(80), nullable=False),
    Column("credential_id", String(400), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("last_challenge", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("credential_id"),
    Index(None, "person"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", Hash, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_sessions_person", "person"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

setup_codes = Table(
    "setup_codes",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("kid", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_setup_codes_person", "person"),
)

accesses = Table(
    "accesses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("what", String(30), nullable=False),
    Column("person", Id),
    Column("item_id", Id),
    Column("link_id", LargeBinary(16)),
    Column("note", String(200), nullable=False),
    Index("ix_accesses_item_id_id", "item_id", "id"),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("query", Text, nullable=False),
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

preferences = Table(
    "preferences",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", String(40), nullable=False),
)

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("key_hash", Hash, primary_key=True),
    Column("count", Integer, nullable=False),
    # Seconds since 1970 of the real clock: how long a window lasts is no business of the product's own clock.
    Column("ends_at", BigInteger, nullable=False),
    Index(None, "ends_at"),
)
