"""A case of a round is one nominee: of a list of nominees each row is voted on by itself.

Whatever was voted on before was a nomination of one, which has row 0.
"""

from alembic import op
from sqlalchemy import Column, Integer, text

revision = "r0024"
down_revision = "r0023"
branch_labels = None
depends_on = None

KEYS = {
    "round_cases": ("round_id", "item_id"),
    "round_votes": ("round_id", "run", "item_id", "person"),
    "round_ballots": (),
}
"""The tables, and what told their rows apart where a nominee now does too."""
SAME = ("item_id = NEW.item_id", "item_id = NEW.item_id AND nominee = NEW.nominee")
"""Where SQLite's guards tell rows apart, before and now."""
OTHER = "OLD.{0} {1} NEW.{0}"


def upgrade() -> None:
    """Add the column, and let keys and guards know it."""
    for table, key in KEYS.items():
        guards = _without_guards(table)
        with op.batch_alter_table(table) as batch:
            batch.add_column(Column("nominee", Integer, nullable=False, server_default="0"))
            if key:
                batch.drop_constraint(f"pk_{table}", type_="primary")
                batch.create_primary_key(f"pk_{table}", [*key, "nominee"])
        _guard(guards, SAME, (_kept("item_id"), f"{_kept('item_id')} OR {_kept('nominee')}"))


def downgrade() -> None:
    """Drop it; of a list its first row stays, and what was voted on all stands in the history."""
    for table, key in KEYS.items():
        guards = _without_guards(table)
        if key:
            _first_rows_alone(table, key)
        with op.batch_alter_table(table) as batch:
            if key:
                batch.drop_constraint(f"pk_{table}", type_="primary")
            batch.drop_column("nominee")
            if key:
                batch.create_primary_key(f"pk_{table}", list(key))
        both = f"{_kept('item_id')} OR {_kept('nominee')}"
        _guard(guards, (SAME[1], SAME[0]), (both, _kept("item_id")))


def _first_rows_alone(table: str, key: tuple[str, ...]) -> None:
    """Delete what the older key could not tell apart."""
    same = " AND ".join(f"other.{each} = {table}.{each}" for each in key)
    is_sqlite = _is_sqlite()
    if not is_sqlite:
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_delete")
    lower = f"{same} AND other.nominee < {table}.nominee"
    earlier = f"EXISTS (SELECT 1 FROM {table} AS other WHERE {lower})"  # noqa: S608 - names of ours
    op.execute(f"DELETE FROM {table} WHERE {earlier}")  # noqa: S608 - names of ours
    if not is_sqlite:
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_delete")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _kept(column: str) -> str:
    """Return how a guard says that a column was changed."""
    return OTHER.format(column, "IS NOT" if _is_sqlite() else "IS DISTINCT FROM")


def _without_guards(table: str) -> list[str]:
    """Return the guards of a table as they were made; SQLite's are dropped, as they go with it."""
    connection = op.get_bind()
    if not _is_sqlite():
        wanted = text("SELECT pg_get_functiondef(CAST(:named AS regproc))")
        return [str(connection.execute(wanted, {"named": f"thidua_{table}"}).scalar_one())]
    found = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :of")
    guards = connection.execute(found, {"of": table}).all()
    for name, _ in guards:
        op.execute(f"DROP TRIGGER {name}")
    return [str(sql) for _, sql in guards]


def _guard(guards: list[str], *changes: tuple[str, str]) -> None:
    """Make guards again with other words in them."""
    for guard in guards:
        made = guard
        for before, after in changes:
            made = made.replace(before, after)
        op.get_bind().exec_driver_sql(made)
