"""Seals of private calendars: an address that was made before has none, and ends."""

from alembic import op
from sqlalchemy import Column, String

revision = "r0051"
down_revision = "r0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the seal, and end every address."""
    op.add_column("calendar_feeds", Column("seal", String(100)))
    op.execute("DELETE FROM calendar_feeds")


def downgrade() -> None:
    """Drop the seal again."""
    op.drop_column("calendar_feeds", "seal")
