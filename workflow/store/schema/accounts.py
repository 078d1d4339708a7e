"""How people come in: factors, sessions, tokens, codes, accesses; statements are in api.auth."""

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
    # The method that proved a second factor; none was asked for in the demo: "none".
    Column("factor", String(10)),
    Column("address", String(45)),
    Column("agent", String(200)),
    Column("seal", String(100)),
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
    # Names parted by spaces; without any it gives all that its person may.
    Column("scopes", String(200)),
    Column("seen_at", Instant),
    Column("seal", String(100)),
    Index("ix_api_tokens_person", "person"),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("seal", String(100)),
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

account_changes = Table(
    "account_changes",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("what", String(12), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("before", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("undone_seq", Integer),
    Column("ended_at", Instant),
    Index("ix_account_changes_person", "person"),
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
    Column("address", String(45), nullable=False, server_default=""),
    Index("ix_accesses_item_id_id", "item_id", "id"),
    Index("ix_accesses_person_id", "person", "id"),
)

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("key_hash", Hash, primary_key=True),
    Column("count", Integer, nullable=False),
    # Seconds since 1970 of the real clock: the product's own may be moved by hand.
    Column("ends_at", BigInteger, nullable=False),
    Index(None, "ends_at"),
)
