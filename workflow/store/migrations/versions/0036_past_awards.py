"""Awards given before the product came: imported, withdrawn once, their words only erased."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    text,
)

revision = "r0036"
down_revision = "r0035"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)

TABLE = "past_awards"
SAYS = "an imported award stays as it was brought in, and is withdrawn once"
PEOPLE = ("person", "imported_by", "confirmed_by", "withdrawn_by")
KEPT = (
    *("id", "person", "kind", "department", "award", "commendation", "authority", "number"),
    *("decided_on", "first_day", "last_day", "imported_by", "confirmed_by", "imported_at"),
)
ERASED = ("known_as", "nominee", "reason")
WITHDRAWN = ("withdrawn_by", "withdrawn_at")


def upgrade() -> None:
    """Create the table, its indexes (to whom, when, with which import), then its guards."""
    op.create_table(
        TABLE,
        Column("id", Id, nullable=False),
        Column("known_as", Text, nullable=False),
        Column("nominee", String(200), nullable=False),
        Column("person", Id),
        Column("kind", String(12), nullable=False),
        Column("department", String(60)),
        Column("award", String(60), nullable=False),
        Column("commendation", String(10), nullable=False),
        Column("authority", String(60), nullable=False),
        Column("number", String(60), nullable=False),
        Column("decided_on", String(10), nullable=False),
        Column("first_day", String(10), nullable=False),
        Column("last_day", String(10), nullable=False),
        Column("reason", Text, nullable=False),
        Column("imported_by", Id),
        Column("confirmed_by", Id),
        Column("imported_at", Instant, nullable=False),
        Column("withdrawn_by", Id),
        Column("withdrawn_at", Instant),
        Column("withdrawn_why", Text),
        PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        ForeignKeyConstraint(["department"], ["departments.id"], name=f"fk_{TABLE}_department"),
        *(
            ForeignKeyConstraint([each], ["people.id"], name=f"fk_{TABLE}_{each}")
            for each in PEOPLE
        ),
        CheckConstraint("kind IN ('individual', 'collective')", name="known_kind"),
    )
    for column in ("person", "known_as", "decided_on", "imported_at"):
        op.create_index(f"ix_{TABLE}_{column}", TABLE, [column])
    standing = text("withdrawn_at IS NULL AND known_as <> ''")
    op.create_index(
        f"uq_{TABLE}_given_once",
        TABLE,
        ["known_as", "award", "decided_on", "number"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _changes(differs: str) -> str:
    """Return when an update is refused; ``differs``: an operator that knows NULL."""
    kept = [f"OLD.{each} {differs} NEW.{each}" for each in KEPT]
    erased = [f"(OLD.{each} {differs} NEW.{each} AND NEW.{each} <> '')" for each in ERASED]
    ended = [f"OLD.{each} {differs} NEW.{each}" for each in WITHDRAWN]
    why = f"(OLD.withdrawn_why {differs} NEW.withdrawn_why AND NEW.withdrawn_why <> '')"
    once = f"(OLD.withdrawn_at IS NOT NULL AND ({' OR '.join([*ended, why])}))"
    return " OR ".join([*kept, *erased, once])


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
    """Drop the table; to whom which award was imported stands in the history."""
    op.drop_table(TABLE)
