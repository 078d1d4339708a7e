"""The register of outgoing documents: every number that was given, and for what.

What items left with until now stands in ``dispatches``; each number becomes a row of the register,
tied to the entry that gave it.
"""

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

revision = "r0028"
down_revision = "r0026"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")

TABLES = ("register", "documents")
MET = {
    "register": "id = NEW.id OR (year = NEW.year AND (notation = NEW.notation "
    "OR (series = NEW.series AND number = NEW.number)))",
    "documents": "id = NEW.id",
}
SAYS = "a number that was given is never given again, and what it was given for stays"
# The entry of a sending decided on the version before the one that the dossier left in.
GIVEN = """
    INSERT INTO register
        (year, series, kind, number, notation, issued_on, subject, seq, item_id, search)
    SELECT d.year, d.series, d.series, d.number, d.notation, d.issued_on, h.subject, h.seq,
        d.item_id, lower(d.notation)
    FROM dispatches AS d
    JOIN history AS h ON h.item_id = d.item_id AND h.decided_version = d.version - 1
    ORDER BY h.id
"""


def upgrade() -> None:
    """Create the tables, fill the register, then guard both."""
    op.create_table(
        "register",
        Column("id", Id, nullable=False),
        Column("year", Integer, nullable=False),
        Column("series", String(80), nullable=False),
        Column("kind", String(10), nullable=False),
        Column("number", Integer, nullable=False),
        Column("notation", String(60), nullable=False),
        Column("issued_on", String(10), nullable=False),
        Column("subject", String(80), nullable=False),
        Column("seq", Integer, nullable=False),
        Column("item_id", Id),
        Column("search", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_register"),
        UniqueConstraint("year", "series", "number", name="uq_register_year_series_number"),
        UniqueConstraint("year", "notation", name="uq_register_year_notation"),
        ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_register_item_id"),
    )
    # The last number of a kind; a year's page; the numbers of an item.
    op.create_index("ix_register_year_kind_number", "register", ["year", "kind", "number"])
    op.create_index("ix_register_year_id", "register", ["year", "id"])
    op.create_index("ix_register_item_id", "register", ["item_id"])
    op.create_table(
        "documents",
        Column("id", Id, nullable=False),
        Column("kind", String(10), nullable=False),
        Column("about", Text, nullable=False),
        Column("signer", Text, nullable=False),
        Column("recipients", Text, nullable=False),
        Column("kept_by", Text, nullable=False),
        Column("copies", Integer),
        Column("note", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.execute(GIVEN)
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
    """Drop the tables; each number stands in the entry that gave it, and in ``dispatches``."""
    for table in reversed(TABLES):
        op.drop_table(table)
