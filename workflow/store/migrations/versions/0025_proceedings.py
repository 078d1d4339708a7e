"""What is pending against a person or a department: added, closed once, its words only erased."""

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

revision = "r0025"
down_revision = "r0024"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)

SAYS = "what was pending stays as it was written down, and ends once"
KEPT = ("id", "person", "department", "kind", "since", "document_on", "opened_by", "opened_at")
ERASED = ("document", "words", "end_document", "end_words")
ENDED = ("outcome", "ended_on", "end_document_on", "served_on", "closed_by", "closed_at")


def upgrade() -> None:
    """Create the table, its indexes (what is pending against a nominee), then its guards."""
    op.create_table(
        "proceedings",
        Column("id", Id, nullable=False),
        Column("person", Id),
        Column("department", String(60)),
        Column("kind", String(20), nullable=False),
        Column("since", String(10), nullable=False),
        Column("document", String(200), nullable=False),
        Column("document_on", String(10), nullable=False),
        Column("words", Text, nullable=False),
        Column("opened_by", Id, nullable=False),
        Column("opened_at", Instant, nullable=False),
        Column("outcome", String(20)),
        Column("ended_on", String(10)),
        Column("end_document", String(200)),
        Column("end_document_on", String(10)),
        Column("served_on", String(10)),
        Column("end_words", Text),
        Column("closed_by", Id),
        Column("closed_at", Instant),
        PrimaryKeyConstraint("id", name="pk_proceedings"),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_proceedings_person"),
        ForeignKeyConstraint(["department"], ["departments.id"], name="fk_proceedings_department"),
        ForeignKeyConstraint(["opened_by"], ["people.id"], name="fk_proceedings_opened_by"),
        ForeignKeyConstraint(["closed_by"], ["people.id"], name="fk_proceedings_closed_by"),
    )
    op.create_index("ix_proceedings_person", "proceedings", ["person"])
    op.create_index("ix_proceedings_department", "proceedings", ["department"])
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _changes(differs: str) -> str:
    """Return when an update is refused; ``differs``: an operator that knows NULL."""
    kept = [f"OLD.{each} {differs} NEW.{each}" for each in KEPT]
    ended = [f"OLD.{each} {differs} NEW.{each}" for each in ENDED]
    erased = [f"(OLD.{each} {differs} NEW.{each} AND NEW.{each} <> '')" for each in ERASED[:2]]
    end_words = [f"(OLD.{each} {differs} NEW.{each} AND NEW.{each} <> '')" for each in ERASED[2:]]
    once = f"(OLD.closed_at IS NOT NULL AND ({' OR '.join([*ended, *end_words])}))"
    return " OR ".join([*kept, *erased, once])


def _guard_on_sqlite() -> None:
    refused = f"BEGIN SELECT RAISE(ABORT, 'proceedings: {SAYS}'); END"
    met = "EXISTS (SELECT 1 FROM proceedings WHERE id = NEW.id)"
    for name, when in (
        ("no_update", f"BEFORE UPDATE ON proceedings WHEN {_changes('IS NOT')}"),
        ("no_delete", "BEFORE DELETE ON proceedings"),
        # INSERT OR REPLACE deletes the row that it meets without a delete's trigger.
        ("no_replace", f"BEFORE INSERT ON proceedings WHEN {met}"),
    ):
        op.execute(f"CREATE TRIGGER proceedings_{name} {when} {refused}")


def _guard_on_postgresql() -> None:
    changed = _changes("IS DISTINCT FROM")
    for name, when in (
        (
            "no_update",
            f"BEFORE UPDATE ON proceedings FOR EACH ROW WHEN ({changed})",
        ),
        ("no_delete", "BEFORE DELETE ON proceedings FOR EACH ROW"),
        ("no_truncate", "BEFORE TRUNCATE ON proceedings FOR EACH STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER proceedings_{name} {when} EXECUTE FUNCTION thidua_guard('{SAYS}')"
        )
        op.execute(f"ALTER TABLE proceedings ENABLE ALWAYS TRIGGER proceedings_{name}")


def downgrade() -> None:
    """Drop the table; who is held against, and that it ended, stands in the history."""
    op.drop_table("proceedings")
