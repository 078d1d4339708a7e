"""Links to proposals: whoever may confirm one is mailed a link like an approver's."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
)

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "proposal_links",
        Column("id", LargeBinary(16), nullable=False),
        Column("person", Id, nullable=False),
        Column("proposal", Id, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("revoked_at", Instant),
        PrimaryKeyConstraint("id", name="pk_proposal_links"),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_proposal_links_person"),
        ForeignKeyConstraint(["proposal"], ["proposals.id"], name="fk_proposal_links_proposal"),
    )
    # Whose links to revoke, and which one a letter carries.
    op.create_index("ix_proposal_links_person_proposal", "proposal_links", ["person", "proposal"])


def downgrade() -> None:
    """Drop the table: what waits is answered after signing in."""
    op.drop_table("proposal_links")
