"""What somebody drafted is found without reading what others did."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_index("ix_items_author_id", "items", ["author", "id"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_index("ix_items_author_id", "items")
