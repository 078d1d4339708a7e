"""Findings of auditors: rows that are added and closed, never changed and never deleted."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
)

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)

TABLES = ("findings", "finding_notes")

# SQLite's INSERT OR REPLACE fires no trigger of a delete, so an insert that meets a row is refused.
SQLITE_GUARDS = {
    "findings_no_delete": "BEFORE DELETE ON findings",
    "findings_no_replace": "BEFORE INSERT ON findings "
    "WHEN EXISTS (SELECT 1 FROM findings WHERE id = NEW.id)",
    "findings_only_close": "BEFORE UPDATE ON findings WHEN OLD.closed_at IS NOT NULL "
    "OR NEW.id <> OLD.id OR NEW.about <> OLD.about OR NEW.entry <> OLD.entry "
    "OR NEW.title <> OLD.title OR NEW.addressee IS NOT OLD.addressee "
    "OR NEW.opened_by <> OLD.opened_by OR NEW.opened_at <> OLD.opened_at",
    "finding_notes_no_delete": "BEFORE DELETE ON finding_notes",
    "finding_notes_no_replace": "BEFORE INSERT ON finding_notes "
    "WHEN EXISTS (SELECT 1 FROM finding_notes WHERE id = NEW.id)",
    "finding_notes_no_update": "BEFORE UPDATE ON finding_notes",
}
POSTGRESQL_GUARDS = {
    ("findings", "findings_no_delete"): ("BEFORE DELETE", "ROW"),
    ("findings", "findings_no_truncate"): ("BEFORE TRUNCATE", "STATEMENT"),
    ("findings", "findings_only_close"): (
        "BEFORE UPDATE OF id, about, entry, title, addressee, opened_by, opened_at",
        "ROW",
    ),
    ("finding_notes", "finding_notes_no_change"): ("BEFORE UPDATE OR DELETE", "ROW"),
    ("finding_notes", "finding_notes_no_truncate"): ("BEFORE TRUNCATE", "STATEMENT"),
}


def upgrade() -> None:
    """Create the tables, then their guards."""
    op.create_table(
        "findings",
        Column("id", Id, nullable=False),
        Column("about", String(80), nullable=False),
        Column("entry", Integer, nullable=False),
        Column("title", String(200), nullable=False),
        Column("addressee", Id),
        Column("opened_by", Id, nullable=False),
        Column("opened_at", Instant, nullable=False),
        Column("closed_at", Instant),
        PrimaryKeyConstraint("id", name="pk_findings"),
        ForeignKeyConstraint(["addressee"], ["people.id"], name="fk_findings_addressee"),
        ForeignKeyConstraint(["opened_by"], ["people.id"], name="fk_findings_opened_by"),
    )
    op.create_index("ix_findings_about_entry", "findings", ["about", "entry"])
    op.create_index("ix_findings_addressee", "findings", ["addressee"])
    op.create_table(
        "finding_notes",
        Column("id", Id, nullable=False),
        Column("finding_id", Id, nullable=False),
        Column("person", Id, nullable=False),
        Column("at", Instant, nullable=False),
        Column("words", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_finding_notes"),
        ForeignKeyConstraint(["finding_id"], ["findings.id"], name="fk_finding_notes_finding_id"),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_finding_notes_person"),
    )
    op.create_index("ix_finding_notes_finding_id", "finding_notes", ["finding_id"])
    _guard(op.get_bind().dialect.name)


def _guard(dialect: str) -> None:
    if dialect == "sqlite":
        refused = "BEGIN SELECT RAISE(ABORT, 'findings are never changed or deleted'); END"
        for name, moment in SQLITE_GUARDS.items():
            op.execute(f"CREATE TRIGGER {name} {moment} {refused}")
        return
    for (table, name), (moment, each) in POSTGRESQL_GUARDS.items():
        op.execute(
            f"CREATE TRIGGER {name} {moment} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION thidua_refuse()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def downgrade() -> None:
    """Drop the tables; what was found stands in the history."""
    for table in reversed(TABLES):
        op.drop_table(table)
