"""Opinions that a holder asks of somebody; what was said stands in the history, here only who was asked and whether they answered."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "opinions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("item_id", _ID, nullable=False),
        sa.Column("asked_of", _ID, nullable=False),
        sa.Column("asked_by", _ID, nullable=False),
        sa.Column("asked_at", sa.String(27), nullable=False),
        sa.Column("answered_at", sa.String(27), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_opinions_item_id")),
        sa.ForeignKeyConstraint(["asked_of"], ["people.id"], name=op.f("fk_opinions_asked_of")),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_opinions_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
    )
    op.create_index(op.f("ix_opinions_item_id"), "opinions", ["item_id"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_table("opinions")
