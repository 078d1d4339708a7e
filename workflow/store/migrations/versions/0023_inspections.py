"""Inspections of departments during a campaign: planned and told of in rows that are only added."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)

revision = "r0023"
down_revision = "r0022"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)

TABLES = ("inspections", "inspection_notes")
MET = {
    "inspections": "id = NEW.id",
    "inspection_notes": "id = NEW.id "
    "OR (inspection_id = NEW.inspection_id AND outcome = NEW.outcome)",
}
SAYS = "what was found in an inspection stays"


def upgrade() -> None:
    """Create the tables, then their guards."""
    op.create_table(
        "inspections",
        Column("id", Id, nullable=False),
        Column("campaign", String(60), nullable=False),
        Column("department", String(60), nullable=False),
        Column("on_day", String(10), nullable=False),
        Column("inspectors", Text, nullable=False),
        Column("about", Text, nullable=False),
        Column("planned_by", Id, nullable=False),
        Column("planned_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name="pk_inspections"),
        ForeignKeyConstraint(["campaign"], ["campaigns.id"], name="fk_inspections_campaign"),
        ForeignKeyConstraint(["department"], ["departments.id"], name="fk_inspections_department"),
        ForeignKeyConstraint(["planned_by"], ["people.id"], name="fk_inspections_planned_by"),
    )
    op.create_index("ix_inspections_campaign", "inspections", ["campaign"])
    op.create_table(
        "inspection_notes",
        Column("id", Id, nullable=False),
        Column("inspection_id", Id, nullable=False),
        Column("outcome", String(12), nullable=False),
        Column("words", Text, nullable=False),
        Column("to_mend", Text, nullable=False),
        Column("mend_by", String(10)),
        Column("person", Id, nullable=False),
        Column("at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name="pk_inspection_notes"),
        UniqueConstraint(
            "inspection_id", "outcome", name="uq_inspection_notes_inspection_id_outcome"
        ),
        ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name="fk_inspection_notes_inspection_id"
        ),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_inspection_notes_person"),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        (_guard_on_sqlite if is_sqlite else _guard_on_postgresql)(table)


def _guard_on_sqlite(table: str) -> None:
    refused = f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
    for act in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} {refused}")
    # INSERT OR REPLACE deletes the row that it meets without a delete's trigger.
    met = f"SELECT 1 FROM {table} WHERE {MET[table]}"  # noqa: S608 - names of ours
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({met}) {refused}"
    )


def _guard_on_postgresql(table: str) -> None:
    for name, moment, each in (
        ("no_change", "BEFORE UPDATE OR DELETE", "ROW"),
        ("no_truncate", "BEFORE TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_{name} {moment} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION thidua_refuse()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")


def downgrade() -> None:
    """Drop the tables; what was found stands in the history."""
    for table in reversed(TABLES):
        op.drop_table(table)
