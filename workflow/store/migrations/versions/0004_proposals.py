"""Proposals: what gives somebody power waits here for a second person."""

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

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "proposals",
        Column("id", Id, nullable=False),
        Column("command", String(40), nullable=False),
        Column("parameters", Text, nullable=False),
        Column("base", String(64), nullable=False),
        Column("grants", Text, nullable=False),
        Column("gainers", Text, nullable=False),
        Column("named", Text, nullable=False),
        Column("proposed_by", Id, nullable=False),
        Column("proposed_at", Instant, nullable=False),
        Column("until", Instant, nullable=False),
        Column("state", String(12), nullable=False),
        Column("decided_by", Id),
        Column("decided_at", Instant),
        Column("comment", Text),
        PrimaryKeyConstraint("id", name="pk_proposals"),
        ForeignKeyConstraint(["proposed_by"], ["people.id"], name="fk_proposals_proposed_by"),
        ForeignKeyConstraint(["decided_by"], ["people.id"], name="fk_proposals_decided_by"),
        CheckConstraint("state IN ('open', 'confirmed', 'rejected')", name="known_state"),
        # Whatever the program does: nobody confirms what they proposed.
        CheckConstraint("state <> 'confirmed' OR decided_by <> proposed_by", name="two_persons"),
    )


def downgrade() -> None:
    """Drop the table: what waits for a second person has to be proposed again."""
    op.drop_table("proposals")
