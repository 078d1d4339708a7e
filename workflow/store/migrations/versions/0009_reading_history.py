"""What an auditor looks through the history by, where links were opened, and searches kept."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")

COLUMNS = {
    "on_behalf_of": Id,
    "transition": String(40),
    "via": String(20),
    "method": String(20),
}
INDEXED = ("type", *COLUMNS)

# The guard is laid aside within this transaction alone.
SQLITE_GUARD = "SELECT sql FROM sqlite_master WHERE name = 'history_no_update'"
SQLITE_FILL = """UPDATE history SET
    on_behalf_of = json_extract(body, '$.on_behalf_of'),
    transition = json_extract(body, '$.transition'),
    via = json_extract(body, '$.via'),
    method = json_extract(body, '$.method')"""
POSTGRESQL_FILL = (
    "ALTER TABLE history DISABLE TRIGGER history_no_change",
    """UPDATE history SET
        on_behalf_of = CAST(CAST(body AS jsonb) ->> 'on_behalf_of' AS bigint),
        transition = CAST(body AS jsonb) ->> 'transition',
        via = CAST(body AS jsonb) ->> 'via',
        method = CAST(body AS jsonb) ->> 'method'""",
    "ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_change",
)


def upgrade() -> None:
    """Add the columns, and take what they say out of the bodies of the entries there are."""
    for name, kind in COLUMNS.items():
        op.add_column("history", Column(name, kind))
    _fill()
    for name in INDEXED:
        op.create_index(f"ix_history_{name}_id", "history", [name, "id"])
    op.drop_index("ix_history_at", "history")
    op.create_index("ix_history_at_id", "history", ["at", "id"])
    op.add_column("accesses", Column("address", String(45), nullable=False, server_default=""))
    op.create_index("ix_accesses_person_id", "accesses", ["person", "id"])
    op.add_column("saved_views", Column("list", String(20), nullable=False, server_default="items"))


def _fill() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for statement in POSTGRESQL_FILL:
            op.execute(statement)
        return
    guard = str(op.get_bind().exec_driver_sql(SQLITE_GUARD).scalar_one())
    op.execute("DROP TRIGGER history_no_update")
    op.execute(SQLITE_FILL)
    op.execute(guard)


def downgrade() -> None:
    """Drop the columns: entries say it all themselves; only where links were opened is lost.

    A kept search of the history becomes a view of the list of items with no filter.
    """
    op.drop_column("saved_views", "list")
    op.drop_index("ix_accesses_person_id", "accesses")
    op.drop_column("accesses", "address")
    op.drop_index("ix_history_at_id", "history")
    op.create_index("ix_history_at", "history", ["at"])
    for name in INDEXED:
        op.drop_index(f"ix_history_{name}_id", "history")
    for name in COLUMNS:
        op.drop_column("history", name)
