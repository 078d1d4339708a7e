"""What the first opening of a round's vote settled is changed by nobody; a box has two locks.

The guards of three tables are made anew: from the first vote on nobody joins or leaves a council,
nothing is put on its list, and no share is another; what is voted on or counted stays on the list.
Before a vote that is held again a nomination may be taken off.
"""

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary

revision = "r0019"
down_revision = "r0017"
branch_labels = None
depends_on = None

SAYS = "what a round of the council came to stays"
ENDED = "state IN ('closed', 'cancelled')"


def _round_of(row: str, condition: str) -> str:
    """Return the condition that the round of ``row`` is so."""
    of_row = f"id = {row}.round_id AND ({condition})"
    return f"EXISTS (SELECT 1 FROM rounds WHERE {of_row})"  # noqa: S608 - names of ours


def _differ(columns: str) -> str:
    """Return the condition that one of ``columns`` changes, where ``~`` is "differs from"."""
    return " OR ".join(f"OLD.{each} ~ NEW.{each}" for each in columns.split())


_ROUNDS_KEPT = _differ("id campaign created_by created_at")
_ROUND_BACK = f"OLD.{ENDED} OR NEW.run < OLD.run"
_SEAT_UPDATE = f"{_differ('round_id person')} OR NEW.voted_run < OLD.voted_run"
_CASE_UPDATE = _differ("round_id item_id")
BEFORE = {
    "rounds": {"UPDATE": f"{_ROUNDS_KEPT} OR {_ROUND_BACK}", "DELETE": "TRUE", "INSERT": "FALSE"},
    "round_seats": {
        "UPDATE": f"{_SEAT_UPDATE} OR {_round_of('OLD', ENDED)}",
        "DELETE": f"OLD.voted_run > 0 OR {_round_of('OLD', ENDED)}",
        "INSERT": _round_of("NEW", ENDED),
    },
    "round_cases": {
        "UPDATE": f"{_CASE_UPDATE} OR {_round_of('OLD', ENDED)}",
        "DELETE": f"OLD.agree IS NOT NULL OR {_round_of('OLD', ENDED)}",
        "INSERT": _round_of("NEW", ENDED),
    },
}
"""When a guard refuses, by table and act."""
_SETTLED = f"run > 0 OR {ENDED}"
AFTER = {
    "rounds": {
        **BEFORE["rounds"],
        "UPDATE": f"{_ROUNDS_KEPT} OR {_ROUND_BACK} "
        f"OR OLD.run > 0 AND ({_differ('quorum concerned_count voting')})",
    },
    "round_seats": {
        **BEFORE["round_seats"],
        "DELETE": f"OLD.voted_run > 0 OR {_round_of('OLD', _SETTLED)}",
        "INSERT": _round_of("NEW", _SETTLED),
    },
    "round_cases": {
        "UPDATE": f"{_CASE_UPDATE} OR {_round_of('OLD', ENDED)} "
        f"OR OLD.threshold ~ NEW.threshold AND {_round_of('OLD', 'run > 0')}",
        "DELETE": _round_of("OLD", "state <> 'prepared'"),
        "INSERT": _round_of("NEW", _SETTLED),
    },
}
_KEYS = {"rounds": "id", "round_seats": "round_id person", "round_cases": "round_id item_id"}


def upgrade() -> None:
    """Add the columns, then make the guards anew."""
    op.add_column("rounds", Column("second_box", LargeBinary(32)))
    op.add_column("round_cases", Column("left_out", Integer))
    _guard(AFTER)


def downgrade() -> None:
    """Put the guards back, and drop the columns."""
    if op.get_bind().dialect.name == "sqlite":
        # A trigger of a table is parsed anew when a column of it is dropped.
        _drop_on_sqlite()
    op.drop_column("round_cases", "left_out")
    op.drop_column("rounds", "second_box")
    _guard(BEFORE)


def _guard(guards: dict[str, dict[str, str]]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _drop_on_sqlite()
        for table, acts in guards.items():
            _guard_on_sqlite(table, acts)
        return
    for table, acts in guards.items():
        _guard_on_postgresql(table, acts)


def _drop_on_sqlite() -> None:
    for table in AFTER:
        for name in ("no_update", "no_delete", "no_replace"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")


def _guard_on_sqlite(table: str, acts: dict[str, str]) -> None:
    same = " AND ".join(f"{each} = NEW.{each}" for each in _KEYS[table].split())
    there_is = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - names of ours
    refused = f"BEGIN SELECT RAISE(ABORT, '{table}: {SAYS}'); END"
    for name, act, when in (
        ("no_update", "UPDATE", acts["UPDATE"].replace("~", "IS NOT")),
        ("no_delete", "DELETE", acts["DELETE"]),
        # INSERT OR REPLACE deletes the row that it meets without a delete's trigger.
        ("no_replace", "INSERT", f"{there_is} OR {acts['INSERT']}"),
    ):
        op.execute(f"CREATE TRIGGER {table}_{name} BEFORE {act} ON {table} WHEN {when} {refused}")


def _guard_on_postgresql(table: str, acts: dict[str, str]) -> None:
    raised = f"RAISE EXCEPTION '{table}: {SAYS}'; END IF;"
    update = acts["UPDATE"].replace("~", "IS DISTINCT FROM")
    op.execute(
        f"CREATE OR REPLACE FUNCTION thidua_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {update} THEN {raised} RETURN NEW; "
        f"ELSIF TG_OP = 'INSERT' THEN IF {acts['INSERT']} THEN {raised} "
        f"RETURN NEW; END IF; IF {acts['DELETE']} THEN {raised} RETURN OLD; END $$"
    )
