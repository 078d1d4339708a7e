"""Whether any item names a file is found without reading all names."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_index("ix_files_sha256", "files", ["sha256"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_index("ix_files_sha256", "files")
