"""Extensions of deadlines; and undeliverable mail found without reading all mail."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    dead = sa.text("state = 'dead'")
    op.create_index("ix_outbox_dead_id", "outbox", ["id"], sqlite_where=dead, postgresql_where=dead)
    op.create_table(
        "extensions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("deadline_id", _ID, nullable=False),
        sa.Column("department", sa.String(60), nullable=False),
        sa.Column("asked_by", _ID, nullable=False),
        sa.Column("asked_at", sa.String(27), nullable=False),
        sa.Column("wanted_at", sa.String(27), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("decided_by", _ID, nullable=True),
        sa.Column("decided_at", sa.String(27), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'granted', 'refused')", name=op.f("ck_extensions_known_state")
        ),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadlines.id"], name=op.f("fk_extensions_deadline_id")
        ),
        sa.ForeignKeyConstraint(
            ["department"], ["departments.id"], name=op.f("fk_extensions_department")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_extensions_asked_by")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people.id"], name=op.f("fk_extensions_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    op.create_index(op.f("ix_extensions_deadline_id"), "extensions", ["deadline_id"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_table("extensions")
    op.drop_index("ix_outbox_dead_id", "outbox")
