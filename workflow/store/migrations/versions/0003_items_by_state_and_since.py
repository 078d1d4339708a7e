"""Find items that have waited long in a state without reading them all: timers ask every minute."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_index("ix_items_state_since_id", "items", ["state", "since", "id"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_index("ix_items_state_since_id", "items")
