"""An item says whom its content names as concerned: they are never found as its holders."""

from alembic import op
from sqlalchemy import Column, Text

revision = "r0016"
down_revision = "r0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody is named in what was written before there were such fields."""
    op.add_column("items", Column("concerned", Text))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("items", "concerned")
