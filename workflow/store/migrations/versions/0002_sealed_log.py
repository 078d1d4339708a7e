"""The sealed log: a gapless place for every entry, the tree over them, and signed checkpoints."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)

TABLES = ("history_log", "history_log_nodes", "checkpoints")

# Rows are only added: a place follows the last one, whatever way the insert is written. SQLite's
# INSERT OR REPLACE fires no trigger of an update or delete, so an insert that meets a row is refused.
SQLITE_ORDER = {
    "history_log": "NEW.position <> coalesce((SELECT max(position) + 1 FROM history_log), 0) "
    "OR EXISTS (SELECT 1 FROM history_log WHERE entry = NEW.entry)",
    "history_log_nodes": "EXISTS (SELECT 1 FROM history_log_nodes "
    "WHERE level = NEW.level AND place = NEW.place)",
    "checkpoints": "EXISTS (SELECT 1 FROM checkpoints WHERE size >= NEW.size)",
}

# 40001: two sealers took the same place; the committer runs the loser's set again.
POSTGRESQL_ORDER = """
    BEGIN
        IF NEW.position <> coalesce((SELECT max(position) + 1 FROM history_log), 0) THEN
            RAISE EXCEPTION 'the log is append-only: a place must follow the last one'
                USING ERRCODE = '40001';
        END IF;
        RETURN NEW;
    END """


def upgrade() -> None:
    """Create the tables, then their guards."""
    op.create_table(
        "history_log",
        Column("position", Id, autoincrement=False, nullable=False),
        Column("entry", Id, nullable=False),
        Column("hash", LargeBinary(32), nullable=False),
        PrimaryKeyConstraint("position", name="pk_history_log"),
        # An entry has one place.
        UniqueConstraint("entry", name="uq_history_log_entry"),
        ForeignKeyConstraint(["entry"], ["history.id"], name="fk_history_log_entry"),
    )
    op.create_table(
        "history_log_nodes",
        Column("level", Integer, autoincrement=False, nullable=False),
        Column("place", Id, autoincrement=False, nullable=False),
        Column("hash", LargeBinary(32), nullable=False),
        PrimaryKeyConstraint("level", "place", name="pk_history_log_nodes"),
    )
    op.create_table(
        "checkpoints",
        # There is one of each size, for ever.
        Column("size", Id, autoincrement=False, nullable=False),
        Column("note", Text, nullable=False),
        Column("reason", String(40), nullable=False),
        Column("made_at", Instant, nullable=False),
        PrimaryKeyConstraint("size", name="pk_checkpoints"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            refused = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            op.execute(
                f"CREATE TRIGGER {table}_in_order BEFORE INSERT ON {table} "
                f"WHEN {SQLITE_ORDER[table]} {refused}"
            )
            for act in ("update", "delete"):
                op.execute(f"CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} {refused}")
        return
    op.execute(
        "CREATE FUNCTION thidua_log_in_order() RETURNS trigger "
        f"LANGUAGE plpgsql AS $${POSTGRESQL_ORDER}$$"
    )
    guards = [("history_log", "in_order", "BEFORE INSERT", "ROW", "thidua_log_in_order")]
    for table in TABLES:
        guards += [
            (table, "no_change", "BEFORE UPDATE OR DELETE", "ROW", "thidua_refuse"),
            (table, "no_truncate", "BEFORE TRUNCATE", "STATEMENT", "thidua_refuse"),
        ]
    for table, name, moment, each, function in guards:
        op.execute(
            f"CREATE TRIGGER {table}_{name} {moment} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {function}()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")


def downgrade() -> None:
    """Drop the tables; entries stay, and are sealed anew by a program that knows how."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION thidua_log_in_order()")
