"""Indexes for lists: what is late, one kind by state, one campaign."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_index(op.f("ix_items_type_state_id"), "items", ["type", "state", "id"])
    op.create_index(op.f("ix_items_due_at_id"), "items", ["due_at", "id"])
    op.create_index(op.f("ix_items_campaign_id"), "items", ["campaign", "id"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    for name in ("ix_items_campaign_id", "ix_items_due_at_id", "ix_items_type_state_id"):
        op.drop_index(op.f(name), "items")
