"""A finding is closed once on PostgreSQL too, as SQLite has refused since 0010."""

from alembic import op

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None

NAME = "findings_close_once"


def upgrade() -> None:
    """Make the guard; SQLite's own looks at the same already."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON findings FOR EACH ROW "
        "WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION thidua_refuse()"
    )
    op.execute(f"ALTER TABLE findings ENABLE ALWAYS TRIGGER {NAME}")


def downgrade() -> None:
    """Drop it."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"DROP TRIGGER {NAME} ON findings")
