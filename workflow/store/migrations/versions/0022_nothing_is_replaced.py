"""On SQLite, fence texts of the history and published definitions against INSERT OR REPLACE.

That deletes the row it collides with and fires neither an update's nor a delete's trigger. PostgreSQL has nothing like it:
there ON CONFLICT DO UPDATE is an update.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TRIGGERS = {
    "history_texts_no_replace": """CREATE TRIGGER history_texts_no_replace BEFORE INSERT ON history_texts
        WHEN EXISTS (SELECT 1 FROM history_texts
            WHERE subject = NEW.subject AND seq = NEW.seq AND name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'texts of the history may be erased, never changed'); END""",
    "definitions_no_replace": """CREATE TRIGGER definitions_no_replace BEFORE INSERT ON definitions
        WHEN EXISTS (SELECT 1 FROM definitions
            WHERE hash = NEW.hash OR (id = NEW.id AND version = NEW.version))
    BEGIN SELECT RAISE(ABORT, 'a published definition is never changed'); END""",
}


def upgrade() -> None:
    """Create the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in _TRIGGERS.values():
            op.execute(statement)


def downgrade() -> None:
    """Drop the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for name in _TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
