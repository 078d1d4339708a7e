"""What people are typing into forms, until it is saved."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "typings",
        sa.Column("form", sa.String(80), nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_typings_person")),
        sa.PrimaryKeyConstraint("form", "person", name=op.f("pk_typings")),
    )
    op.create_index(op.f("ix_typings_at"), "typings", ["at"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_table("typings")
