"""Lists of one kind have their index, and what is late is counted within those that there are."""

from alembic import op
from sqlalchemy import text

revision = "r0052"
down_revision = "r0051"
branch_labels = None
depends_on = None

# What goes with a consolidated report: few items do.
GATHERED = text("gathered_in IS NOT NULL")


def upgrade() -> None:
    """Exchange two indexes for wider ones, and one that all items were in for one by kind."""
    op.create_index("ix_items_state_id_type_due_at", "items", ["state", "id", "type", "due_at"])
    op.drop_index("ix_items_state_id_type", "items")
    late = ["due_at", "id", "state", "type", "department"]
    op.create_index("ix_items_due_at_id_state_type_department", "items", late)
    op.drop_index("ix_items_due_at_id_state_type", "items")
    op.create_index("ix_items_type_id", "items", ["type", "id"])
    op.drop_index("ix_items_gathered_in", "items")
    op.create_index(
        "ix_items_gathered_in",
        "items",
        ["gathered_in"],
        sqlite_where=GATHERED,
        postgresql_where=GATHERED,
    )


def downgrade() -> None:
    """Make the indexes again as they were."""
    op.drop_index("ix_items_gathered_in", "items")
    op.create_index("ix_items_gathered_in", "items", ["gathered_in"])
    op.drop_index("ix_items_type_id", "items")
    op.create_index("ix_items_due_at_id_state_type", "items", ["due_at", "id", "state", "type"])
    op.drop_index("ix_items_due_at_id_state_type_department", "items")
    op.create_index("ix_items_state_id_type", "items", ["state", "id", "type"])
    op.drop_index("ix_items_state_id_type_due_at", "items")
