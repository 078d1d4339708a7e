"""When a message was put off, and since when it is to leave: known apart from how long it has still to wait."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.add_column("outbox", sa.Column("scheduled_at", sa.String(27), nullable=True))
    op.add_column("outbox", sa.Column("due_at", sa.String(27), nullable=True))
    op.execute("UPDATE outbox SET scheduled_at = created_at, due_at = next_at")


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_column("outbox", "due_at")
    op.drop_column("outbox", "scheduled_at")
