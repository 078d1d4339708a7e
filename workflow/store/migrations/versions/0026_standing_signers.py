"""Who signs for another is limited to departments too; none before was."""

from alembic import op
from sqlalchemy import Column, Text, text

revision = "r0026"
down_revision = "r0025"
branch_labels = None
depends_on = None

GUARD = "delegations_no_update"
BEFORE = "OLD.terms {0} NEW.terms"
NOW = "OLD.terms {0} NEW.terms OR OLD.departments {0} NEW.departments"


def upgrade() -> None:
    """Add the column, and let the guard keep it as it keeps the others."""
    op.add_column("delegations", Column("departments", Text))
    _guard(BEFORE, NOW)


def downgrade() -> None:
    """Drop it; that a right was limited stands in the history."""
    _guard(NOW, BEFORE)
    op.drop_column("delegations", "departments")


def _guard(before: str, now: str) -> None:
    """Make the guard again with other words in it."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        found, differs = "SELECT sql FROM sqlite_master WHERE name = :guard", "IS NOT"
    else:
        found = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = :guard"
        differs = "IS DISTINCT FROM"
    made = str(connection.execute(text(found), {"guard": GUARD}).scalar_one())
    if connection.dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {GUARD}")
        connection.exec_driver_sql(made.replace(before.format(differs), now.format(differs)))
        return
    # PostgreSQL writes the condition in words of its own: (old.terms)::text and the like.
    op.execute(f"DROP TRIGGER {GUARD} ON delegations")
    op.execute(
        f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON delegations FOR EACH ROW "
        f"WHEN ({_condition(now, differs)}) "
        f"EXECUTE FUNCTION thidua_guard('a delegation only ends, and never lasts longer')"
    )
    op.execute(f"ALTER TABLE delegations ENABLE ALWAYS TRIGGER {GUARD}")


def _condition(last: str, differs: str) -> str:
    kept = [
        "id",
        "from_person",
        "to_person",
        "document",
        "created_by",
        "created_at",
        "form",
        "kinds",
    ]
    said = [f"OLD.{each} {differs} NEW.{each}" for each in kept]
    back = "(NEW.ends_on > OLD.ends_on OR NEW.starts_on > OLD.starts_on)"
    return " OR ".join([*said, last.format(differs), back])
