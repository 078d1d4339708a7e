"""Corrections of how a proceeding ended: added beside what was written, their words only erased."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
)

revision = "r0035"
down_revision = "r0032"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)

TABLE = "proceeding_corrections"
SAYS = "what an end was corrected to stays as it was written down"
PEOPLE = ("person", "corrected_by", "confirmed_by")
KEPT = (
    *("id", "proceeding_id", "person", "outcome", "ended_on", "document_on", "served_on"),
    *("corrected_by", "confirmed_by", "corrected_at"),
)
ERASED = ("document", "words", "why")


def upgrade() -> None:
    """Create the table and its index (the corrections of a proceeding), then its guards."""
    op.create_table(
        TABLE,
        Column("id", Id, nullable=False),
        Column("proceeding_id", Id, nullable=False),
        Column("person", Id),
        Column("outcome", String(20)),
        Column("ended_on", String(10)),
        Column("document", String(200), nullable=False),
        Column("document_on", String(10)),
        Column("served_on", String(10)),
        Column("words", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("corrected_by", Id, nullable=False),
        Column("confirmed_by", Id),
        Column("corrected_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        ForeignKeyConstraint(
            ["proceeding_id"], ["proceedings.id"], name=f"fk_{TABLE}_proceeding_id"
        ),
        *(
            ForeignKeyConstraint([each], ["people.id"], name=f"fk_{TABLE}_{each}")
            for each in PEOPLE
        ),
    )
    op.create_index(f"ix_{TABLE}_proceeding_id", TABLE, ["proceeding_id"])
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _changes(differs: str) -> str:
    """Return when an update is refused; ``differs``: an operator that knows NULL."""
    kept = [f"OLD.{each} {differs} NEW.{each}" for each in KEPT]
    erased = [f"(OLD.{each} {differs} NEW.{each} AND NEW.{each} <> '')" for each in ERASED]
    return " OR ".join([*kept, *erased])


def _guard_on_sqlite() -> None:
    refused = f"BEGIN SELECT RAISE(ABORT, '{TABLE}: {SAYS}'); END"
    met = f"EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"  # noqa: S608 - names of ours
    for name, when in (
        ("no_update", f"BEFORE UPDATE ON {TABLE} WHEN {_changes('IS NOT')}"),
        ("no_delete", f"BEFORE DELETE ON {TABLE}"),
        # INSERT OR REPLACE deletes the row that it meets without a delete's trigger.
        ("no_replace", f"BEFORE INSERT ON {TABLE} WHEN {met}"),
    ):
        op.execute(f"CREATE TRIGGER {TABLE}_{name} {when} {refused}")


def _guard_on_postgresql() -> None:
    changed = _changes("IS DISTINCT FROM")
    for name, when in (
        ("no_update", f"BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({changed})"),
        ("no_delete", f"BEFORE DELETE ON {TABLE} FOR EACH ROW"),
        ("no_truncate", f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT"),
    ):
        op.execute(f"CREATE TRIGGER {TABLE}_{name} {when} EXECUTE FUNCTION thidua_guard('{SAYS}')")
        op.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_{name}")


def downgrade() -> None:
    """Drop the table; that an end was corrected, and by whom, stands in the history."""
    op.drop_table(TABLE)
