"""The schema of the first release: every table with its indexes, and the guards of the history.

Grouped by subject. An index stands under the question that it answers, a unique key under the rule
that it keeps. Frozen: what changes later is a migration of its own, and never an edit here.
"""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

revision = "r0001"  # not "0001": a database from before the first release has that one
down_revision = None
branch_labels = None
depends_on = None

schema = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers the rows of an INTEGER key only.
Id = BigInteger().with_variant(Integer, "sqlite")
# ``YYYY-MM-DDTHH:MM:SS.ffffffZ``: text that is the same on both databases and sorts as time does.
Instant = String(27)
# SHA-256 in hexadecimal.
Hash = String(64)

# What the agency works by: its settings, definitions and campaigns, and the numbers it gives.

Table(
    "settings",
    schema,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

Table(
    "definitions",
    schema,
    Column("hash", Hash, primary_key=True),
    Column("id", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    # A version is published once.
    UniqueConstraint("id", "version"),
)

Table(
    "campaigns",
    schema,
    Column("id", String(60), primary_key=True),
    Column("name", String(300), nullable=False),
    Column("year", Integer, nullable=False),
    Column("starts_on", String(10), nullable=False),
    Column("ends_on", String(10), nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", Hash, nullable=False),
)

Table(
    "campaign_reads",
    schema,
    Column("campaign", ForeignKey("campaigns.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)

Table(
    "counters",
    schema,
    Column("name", String(60), primary_key=True),
    Column("value", Integer, nullable=False),
)

# The agency: departments, people, who stands in for whom, what people keep for themselves.

Table(
    "departments",
    schema,
    Column("id", String(60), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("is_office", Boolean, nullable=False),
    Column("place", Integer, nullable=False),
)

Table(
    "people",
    schema,
    Column("id", Id, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("position", String(30), nullable=False),
    Column("department", ForeignKey("departments.id")),
    Column("is_active", Boolean, nullable=False),
)

Table(
    "delegations",
    schema,
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

Table(
    "absences",
    schema,
    Column("id", Id, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("stand_in", ForeignKey("people.id")),
    Column("starts_on", String(10), nullable=False),
    Column("ends_on", String(10), nullable=False),
    Column("created_by", ForeignKey("people.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("person <> stand_in", name="two_persons"),
    # Absences that have not ended, read with every decision.
    Index(None, "ends_on"),
)

Table(
    "preferences",
    schema,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", String(40), nullable=False),
)

Table(
    "saved_views",
    schema,
    Column("id", Id, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("query", Text, nullable=False),
    # The views of one person.
    Index(None, "person"),
)

Table(
    "typings",
    schema,
    Column("form", String(80), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # Pruning: what nobody went on typing.
    Index(None, "at"),
)

# Items: the present row, content, files, holders, opinions, links, numbers; and noted merits.

Table(
    "items",
    schema,
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
    # The list of a department, newest first.
    Index("ix_items_department_id", "department", "id"),
    # A deadline's roll: which departments have answered.
    Index("ix_items_campaign_period_department", "campaign", "period", "department"),
    # The list of what one person drafted.
    Index("ix_items_author_id", "author", "id"),
    # The list of one state; every item in given states, in pages.
    Index("ix_items_state_id", "state", "id"),
    # The list of one kind in one state.
    Index("ix_items_type_state_id", "type", "state", "id"),
    # The list of what is late.
    Index("ix_items_due_at_id", "due_at", "id"),
    # The list of one campaign, and its figures.
    Index("ix_items_campaign_id", "campaign", "id"),
    # Timers, every minute: what has waited long in a state.
    Index("ix_items_state_since_id", "state", "since", "id"),
)

Table(
    "contents",
    schema,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("hash", Hash, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

Table(
    "files",
    schema,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("sha256", Hash, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("size", Integer, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("added_by", ForeignKey("people.id"), nullable=False),
    Column("added_at", Instant, nullable=False),
    # The sweep: does any item name this file?
    Index("ix_files_sha256", "sha256"),
)

Table(
    "holders",
    schema,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("on_behalf_of", ForeignKey("people.id")),
    Column("due_at", Instant),
    Column("since", Instant, nullable=False),
    # "My work", and who gets which mail.
    Index("ix_holders_person_due_at_item_id", "person", "due_at", "item_id"),
)

Table(
    "opinions",
    schema,
    Column("id", Id, primary_key=True),
    Column("item_id", ForeignKey("items.id"), nullable=False),
    Column("asked_of", ForeignKey("people.id"), nullable=False),
    Column("asked_by", ForeignKey("people.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),
    # The opinions asked about one item.
    Index(None, "item_id"),
)

Table(
    "links",
    schema,
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
    # The first decision uses up a person's links of that step.
    Index("ix_links_item_id_step_person", "item_id", "step", "person"),
    # A person's links are revoked when they leave or their address changes.
    Index("ix_links_person", "person"),
)

Table(
    "dispatches",
    schema,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("series", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("notation", String(40), nullable=False),
    Column("issued_on", String(10), nullable=False),
    Column("channel", String(10), nullable=False),
    # A number is given once in a year's series.
    UniqueConstraint("year", "series", "number"),
)

Table(
    "merits",
    schema,
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
    # The merits noted during a campaign.
    Index(None, "campaign"),
)

Table(
    "merit_notes",
    schema,
    Column("id", Id, primary_key=True),
    Column("merit_id", ForeignKey("merits.id"), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("standing", String(12), nullable=False),
    Column("words", Text, nullable=False),
    # What was said of one merit.
    Index(None, "merit_id"),
)

# The history: entries that are never changed, and the texts beside them that may be erased.

Table(
    "history",
    schema,
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
    # A chain does not fork.
    UniqueConstraint("subject", "seq"),
    # A version of an item is decided on once.
    UniqueConstraint("item_id", "decided_version"),
    # A command that comes again finds its own entry.
    UniqueConstraint("command_id", "actor"),
    # The log of what one person did.
    Index("ix_history_actor_id", "actor", "id"),
    # The newest instant; the log from a day, and to a day.
    Index("ix_history_at", "at"),
)

Table(
    "history_texts",
    schema,
    Column("subject", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("text", Text, nullable=False),
)

# Deadlines: who is to answer, who asked for silence or for longer, the ledger of reminders.

Table(
    "deadlines",
    schema,
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

Table(
    "deadline_departments",
    schema,
    Column("deadline_id", ForeignKey("deadlines.id"), primary_key=True),
    Column("department", ForeignKey("departments.id"), primary_key=True),
)

Table(
    "snoozes",
    schema,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("deadline_id", ForeignKey("deadlines.id"), primary_key=True),
    Column("until_on", String(10), nullable=False),
)

Table(
    "extensions",
    schema,
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
    # The extensions asked of one deadline.
    Index(None, "deadline_id"),
)

Table(
    "reminders",
    schema,
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
    # Nobody is reminded twice of one step of the ladder.
    UniqueConstraint("deadline_id", "rung", "person", "due_on"),
    # The ledger by day; what a clock that was set back has planned ahead.
    Index("ix_reminders_at", "at"),
    # The reminders that one mail carries.
    Index("ix_reminders_outbox_id", "outbox_id"),
)

# Mail that is to leave, and what became of it.

Table(
    "outbox",
    schema,
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
    # When ``next_at`` was set, and since when it is to leave at all: so a clock that was set
    # back, and mail that waits, are known.
    Column("scheduled_at", Instant),
    Column("due_at", Instant),
    Column("last_code", String(300)),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    # Delivery, every two seconds: what is due to leave.
    Index(
        "ix_outbox_unsent_next_at_id",
        "next_at",
        "id",
        sqlite_where=text("state IN ('new', 'leased')"),
        postgresql_where=text("state IN ('new', 'leased')"),
    ),
    # The mails about one item.
    Index("ix_outbox_item_id", "item_id"),
    # Attention: what could not be delivered.
    Index(
        "ix_outbox_dead_id",
        "id",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
)

# How people come in: factors, sessions, tokens, codes, the log of accesses, counts of attempts.

Table(
    "credentials",
    schema,
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

Table(
    "passkeys",
    schema,
    Column("id", Id, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("label", String(80), nullable=False),
    Column("credential_id", String(400), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("last_challenge", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    # A passkey belongs to one person.
    UniqueConstraint("credential_id"),
    # The passkeys of one person, at sign-in and signing.
    Index(None, "person"),
)

Table(
    "sessions",
    schema,
    Column("id_hash", Hash, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    # A person's sessions end when they leave or change the password.
    Index("ix_sessions_person", "person"),
)

Table(
    "api_tokens",
    schema,
    Column("id", String(20), primary_key=True),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

Table(
    "calendar_feeds",
    schema,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

Table(
    "setup_codes",
    schema,
    Column("id", LargeBinary(16), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("kid", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    # A new code ends the person's earlier ones.
    Index("ix_setup_codes_person", "person"),
)

Table(
    "accesses",
    schema,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("what", String(30), nullable=False),
    Column("person", Id),
    Column("item_id", Id),
    Column("link_id", LargeBinary(16)),
    Column("note", String(200), nullable=False),
    # Who has opened one item: read by hand, when somebody asks after a leak.
    Index("ix_accesses_item_id_id", "item_id", "id"),
)

Table(
    "rate_limits",
    schema,
    Column("key_hash", Hash, primary_key=True),
    Column("count", Integer, nullable=False),
    # Seconds since 1970 of the real clock: the product's own may be moved by hand.
    Column("ends_at", BigInteger, nullable=False),
    # Each count first clears the windows that have ended.
    Index(None, "ends_at"),
)


# The guards: a second fence behind the program, which never changes what these tables hold.
#
# SQLite has no TRUNCATE, but INSERT OR REPLACE, which deletes the row it meets and fires neither an
# update's nor a delete's trigger: so each table refuses an insert whose key is there already.
# On PostgreSQL its like (ON CONFLICT DO UPDATE) is an update.

SQLITE_GUARDS = {
    # An entry is never changed, never deleted, never replaced; it follows the last of its subject.
    "history_no_update": """BEFORE UPDATE ON history
        BEGIN SELECT RAISE(ABORT, 'history is append-only: entries are never changed'); END""",
    "history_no_delete": """BEFORE DELETE ON history
        BEGIN SELECT RAISE(ABORT, 'history is append-only: entries are never deleted'); END""",
    "history_in_order": """BEFORE INSERT ON history WHEN
        NEW.seq <> 1 + coalesce((SELECT max(seq) FROM history WHERE subject = NEW.subject), 0)
        OR EXISTS (SELECT 1 FROM history WHERE id = NEW.id)
        OR EXISTS (SELECT 1 FROM history WHERE command_id = NEW.command_id AND actor = NEW.actor)
        OR EXISTS (SELECT 1 FROM history
            WHERE item_id = NEW.item_id AND decided_version = NEW.decided_version)
        BEGIN SELECT RAISE(ABORT,
            'history is append-only: an entry must follow the last one of its subject'); END""",
    # A text may be erased, for the personal-data law wants it, but says nothing else afterwards.
    "history_texts_no_update": """BEFORE UPDATE ON history_texts
        BEGIN SELECT RAISE(ABORT, 'texts of the history may be erased, never changed'); END""",
    "history_texts_no_replace": """BEFORE INSERT ON history_texts
        WHEN EXISTS (SELECT 1 FROM history_texts
            WHERE subject = NEW.subject AND seq = NEW.seq AND name = NEW.name)
        BEGIN SELECT RAISE(ABORT, 'texts of the history may be erased, never changed'); END""",
    # What items were decided under stays as it was published.
    "definitions_no_update": """BEFORE UPDATE ON definitions
        BEGIN SELECT RAISE(ABORT, 'a published definition is never changed'); END""",
    "definitions_no_delete": """BEFORE DELETE ON definitions
        BEGIN SELECT RAISE(ABORT, 'a published definition is never deleted'); END""",
    "definitions_no_replace": """BEFORE INSERT ON definitions
        WHEN EXISTS (SELECT 1 FROM definitions
            WHERE hash = NEW.hash OR (id = NEW.id AND version = NEW.version))
        BEGIN SELECT RAISE(ABORT, 'a published definition is never changed'); END""",
}

POSTGRESQL_FUNCTIONS = {
    "thidua_refuse": """
    BEGIN RAISE EXCEPTION '% on % is refused: it is append-only', TG_OP, TG_TABLE_NAME; END """,
    # 40001: two writers took the same place in a chain; the committer runs the loser's set again.
    "thidua_in_order": """
    BEGIN
        IF NEW.seq <> 1 + coalesce(
            (SELECT max(seq) FROM history WHERE subject = NEW.subject), 0
        ) THEN
            RAISE EXCEPTION
                'history is append-only: an entry must follow the last one of its subject'
                USING ERRCODE = '40001';
        END IF;
        RETURN NEW;
    END """,
}

# By table and name; they fire under ``session_replication_role = replica`` as well (ALWAYS).
POSTGRESQL_GUARDS = {
    ("history", "history_in_order"): ("BEFORE INSERT", "ROW", "thidua_in_order"),
    ("history", "history_no_change"): ("BEFORE UPDATE OR DELETE", "ROW", "thidua_refuse"),
    ("history", "history_no_truncate"): ("BEFORE TRUNCATE", "STATEMENT", "thidua_refuse"),
    ("history_texts", "history_texts_no_update"): ("BEFORE UPDATE", "ROW", "thidua_refuse"),
    ("definitions", "definitions_no_change"): ("BEFORE UPDATE OR DELETE", "ROW", "thidua_refuse"),
    ("definitions", "definitions_no_truncate"): ("BEFORE TRUNCATE", "STATEMENT", "thidua_refuse"),
}


def upgrade() -> None:
    """Create every table, then the guards."""
    schema.create_all(op.get_bind(), checkfirst=False)
    if op.get_bind().dialect.name == "sqlite":
        for name, guard in SQLITE_GUARDS.items():
            op.execute(f"CREATE TRIGGER {name} {guard}")
        return
    for name, body in POSTGRESQL_FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    for (table, name), (moment, each, function) in POSTGRESQL_GUARDS.items():
        op.execute(
            f"CREATE TRIGGER {name} {moment} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {function}()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def downgrade() -> None:
    """Drop every table; its triggers go with it, and then nothing calls the functions."""
    schema.drop_all(op.get_bind(), checkfirst=False)
    if op.get_bind().dialect.name == "postgresql":
        for name in POSTGRESQL_FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
