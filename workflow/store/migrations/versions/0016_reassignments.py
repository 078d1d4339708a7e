"""Who was put in whose place on an item, in which step, stands in its row, where every decision reads it with the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.add_column("items", sa.Column("reassigned", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the schema back to the revision before."""
    with op.batch_alter_table("items") as batch:
        batch.drop_column("reassigned")
