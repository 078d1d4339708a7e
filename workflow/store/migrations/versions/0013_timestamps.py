"""Time-stamps of checkpoints by an authority outside (RFC 3161), as they came; only added."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
)

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
TABLE = "timestamps"


def upgrade() -> None:
    """Create the table, then its guards: what is there stays as it came."""
    op.create_table(
        TABLE,
        # One for each checkpoint; looked for by it, and the newest by its size.
        Column("size", Id, autoincrement=False, nullable=False),
        Column("answer", LargeBinary, nullable=False),
        Column("kept_at", String(27), nullable=False),
        PrimaryKeyConstraint("size", name="pk_timestamps"),
        ForeignKeyConstraint(["size"], ["checkpoints.size"], name="fk_timestamps_size"),
    )
    if op.get_bind().dialect.name == "sqlite":
        refused = f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        for act in ("update", "delete"):
            op.execute(f"CREATE TRIGGER {TABLE}_no_{act} BEFORE {act} ON {TABLE} {refused}")
        # INSERT OR REPLACE deletes the row that it meets without a delete's trigger.
        op.execute(
            "CREATE TRIGGER timestamps_no_replace BEFORE INSERT ON timestamps "
            "WHEN EXISTS (SELECT 1 FROM timestamps WHERE size = NEW.size) "
            "BEGIN SELECT RAISE(ABORT, 'timestamps is append-only'); END"
        )
        return
    for name, moment, each in (
        ("no_change", "BEFORE UPDATE OR DELETE", "ROW"),
        ("no_truncate", "BEFORE TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {TABLE}_{name} {moment} ON {TABLE} "
            f"FOR EACH {each} EXECUTE FUNCTION thidua_refuse()"
        )
        op.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_{name}")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table(TABLE)
