"""An item says with which consolidated report it goes."""

from alembic import op
from sqlalchemy import Column, String

revision = "r0022"
down_revision = "r0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nothing was gathered before there were such reports."""
    op.add_column("items", Column("gathered_in", String(20)))
    op.create_index("ix_items_gathered_in", "items", ["gathered_in"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_items_gathered_in", "items")
    op.drop_column("items", "gathered_in")
