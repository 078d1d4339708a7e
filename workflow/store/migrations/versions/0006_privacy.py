"""Data subjects' requests, holds, and how often texts of an item were erased."""

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
)

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)


def upgrade() -> None:
    """Create the tables and the column."""
    op.create_table(
        "privacy_requests",
        Column("id", Id, nullable=False),
        Column("kind", String(12), nullable=False),
        Column("person", Id),
        Column("name", String(200), nullable=False),
        Column("contact", String(254), nullable=False),
        Column("words", Text, nullable=False),
        Column("received_on", String(10), nullable=False),
        Column("due_on", String(10), nullable=False),
        Column("state", String(12), nullable=False),
        Column("recorded_by", Id),
        Column("recorded_at", Instant, nullable=False),
        Column("answer", Text, nullable=False),
        Column("answered_by", Id),
        Column("answered_at", Instant),
        PrimaryKeyConstraint("id", name="pk_privacy_requests"),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_privacy_requests_person"),
        ForeignKeyConstraint(
            ["recorded_by"], ["people.id"], name="fk_privacy_requests_recorded_by"
        ),
        ForeignKeyConstraint(
            ["answered_by"], ["people.id"], name="fk_privacy_requests_answered_by"
        ),
        CheckConstraint(
            "kind IN ('access', 'correction', 'erasure', 'restriction', 'objection', 'complaint')",
            name="known_kind",
        ),
        CheckConstraint(
            "state IN ('received', 'acknowledged', 'granted', 'refused')", name="known_state"
        ),
    )
    # What is open, for the list of what to see to.
    op.create_index("ix_privacy_requests_state", "privacy_requests", ["state"])
    # What is held on a person.
    op.create_index("ix_privacy_requests_person", "privacy_requests", ["person"])
    op.create_table(
        "legal_holds",
        Column("id", Id, nullable=False),
        Column("about", String(80), nullable=False),
        Column("reason", Text, nullable=False),
        Column("placed_by", Id),
        Column("placed_at", Instant, nullable=False),
        Column("lifted_by", Id),
        Column("lifted_at", Instant),
        Column("lift_reason", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_legal_holds"),
        ForeignKeyConstraint(["placed_by"], ["people.id"], name="fk_legal_holds_placed_by"),
        ForeignKeyConstraint(["lifted_by"], ["people.id"], name="fk_legal_holds_lifted_by"),
    )
    # Whether something is held, before it is erased.
    op.create_index("ix_legal_holds_about", "legal_holds", ["about"])
    op.add_column("items", Column("erasures", Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop them: what was asked and held is then told by the history alone."""
    op.drop_column("items", "erasures")
    op.drop_table("legal_holds")
    op.drop_table("privacy_requests")
