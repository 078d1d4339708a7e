"""An index on the mails that take checkpoints out of the house."""

from alembic import op
from sqlalchemy import text

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index: which checkpoint was mailed last, and which was delivered."""
    is_anchor = text("kind = 'anchor'")
    op.create_index(
        "ix_outbox_anchor_id",
        "outbox",
        ["id"],
        sqlite_where=is_anchor,
        postgresql_where=is_anchor,
    )


def downgrade() -> None:
    """Drop the index; mails of a kind that an earlier program cannot write go with it."""
    op.execute("DELETE FROM outbox WHERE kind = 'anchor'")
    op.drop_index("ix_outbox_anchor_id", "outbox")
