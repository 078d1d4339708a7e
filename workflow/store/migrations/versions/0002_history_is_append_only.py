"""Fence the history in the database: nothing is changed, deleted, replaced, truncated, or inserted out of order."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = (
    """CREATE TRIGGER history_no_update BEFORE UPDATE ON history
    BEGIN SELECT RAISE(ABORT, 'history is append-only: entries are never changed'); END""",
    """CREATE TRIGGER history_no_delete BEFORE DELETE ON history
    BEGIN SELECT RAISE(ABORT, 'history is append-only: entries are never deleted'); END""",
    # INSERT OR REPLACE deletes the row it collides with and fires no delete trigger, so every unique key is checked here.
    """CREATE TRIGGER history_in_order BEFORE INSERT ON history WHEN
        NEW.seq <> 1 + coalesce((SELECT max(seq) FROM history WHERE subject = NEW.subject), 0)
        OR EXISTS (SELECT 1 FROM history WHERE id = NEW.id)
        OR EXISTS (SELECT 1 FROM history WHERE command_id = NEW.command_id AND actor = NEW.actor)
        OR EXISTS (SELECT 1 FROM history WHERE item_id = NEW.item_id AND decided_version = NEW.decided_version)
    BEGIN SELECT RAISE(ABORT, 'history is append-only: an entry must follow the last one of its subject'); END""",
    """CREATE TRIGGER history_texts_no_update BEFORE UPDATE ON history_texts
    BEGIN SELECT RAISE(ABORT, 'texts of the history may be erased, never changed'); END""",
    """CREATE TRIGGER definitions_no_update BEFORE UPDATE ON definitions
    BEGIN SELECT RAISE(ABORT, 'a published definition is never changed'); END""",
    """CREATE TRIGGER definitions_no_delete BEFORE DELETE ON definitions
    BEGIN SELECT RAISE(ABORT, 'a published definition is never deleted'); END""",
)

_POSTGRESQL = (
    """CREATE FUNCTION thidua_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% on % is refused: it is append-only', TG_OP, TG_TABLE_NAME; END $$""",
    """CREATE FUNCTION thidua_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.seq <> 1 + coalesce((SELECT max(seq) FROM history WHERE subject = NEW.subject), 0) THEN
            RAISE EXCEPTION 'history is append-only: an entry must follow the last one of its subject' USING ERRCODE = '40001';
        END IF;
        RETURN NEW;
    END $$""",
    "CREATE TRIGGER history_in_order BEFORE INSERT ON history FOR EACH ROW EXECUTE FUNCTION thidua_in_order()",
    "CREATE TRIGGER history_no_change BEFORE UPDATE OR DELETE ON history FOR EACH ROW EXECUTE FUNCTION thidua_refuse()",
    "CREATE TRIGGER history_no_truncate BEFORE TRUNCATE ON history FOR EACH STATEMENT EXECUTE FUNCTION thidua_refuse()",
    "CREATE TRIGGER history_texts_no_update BEFORE UPDATE ON history_texts FOR EACH ROW EXECUTE FUNCTION thidua_refuse()",
    "CREATE TRIGGER definitions_no_change BEFORE UPDATE OR DELETE ON definitions FOR EACH ROW EXECUTE FUNCTION thidua_refuse()",
    "CREATE TRIGGER definitions_no_truncate BEFORE TRUNCATE ON definitions FOR EACH STATEMENT EXECUTE FUNCTION thidua_refuse()",
    # ALWAYS: they fire under session_replication_role = replica as well.
    "ALTER TABLE history ENABLE ALWAYS TRIGGER history_in_order",
    "ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_change",
    "ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_truncate",
    "ALTER TABLE history_texts ENABLE ALWAYS TRIGGER history_texts_no_update",
    "ALTER TABLE definitions ENABLE ALWAYS TRIGGER definitions_no_change",
    "ALTER TABLE definitions ENABLE ALWAYS TRIGGER definitions_no_truncate",
)

_DROP_SQLITE = tuple(
    f"DROP TRIGGER {name}"
    for name in (
        "history_no_update",
        "history_no_delete",
        "history_in_order",
        "history_texts_no_update",
        "definitions_no_update",
        "definitions_no_delete",
    )
)

_DROP_POSTGRESQL = (
    "DROP FUNCTION thidua_in_order() CASCADE",
    "DROP FUNCTION thidua_refuse() CASCADE",
)


def upgrade() -> None:
    """Create the triggers."""
    _run(_SQLITE, _POSTGRESQL)


def downgrade() -> None:
    """Drop the triggers."""
    _run(_DROP_SQLITE, _DROP_POSTGRESQL)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(statement)
