"""Who has recused themselves from an item stands in its row, where every decision reads it without another query."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.add_column("items", sa.Column("recused", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the schema back to the revision before."""
    with op.batch_alter_table("items") as batch:
        batch.drop_column("recused")
