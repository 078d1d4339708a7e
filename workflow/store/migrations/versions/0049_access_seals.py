"""Seals of sessions and tokens: what was opened before has none, and ends."""

from alembic import op
from sqlalchemy import Column, String

revision = "r0049"
down_revision = "r0045"
branch_labels = None
depends_on = None

TABLES = ("sessions", "api_tokens")


def upgrade() -> None:
    """Add the seals; end all sessions, and the tokens that are still good for something."""
    for each in TABLES:
        op.add_column(each, Column("seal", String(100)))
    op.execute("DELETE FROM sessions")
    op.execute(
        "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, created_at) "
        "WHERE revoked_at IS NULL"
    )


def downgrade() -> None:
    """Drop the seals again."""
    for each in TABLES:
        op.drop_column(each, "seal")
