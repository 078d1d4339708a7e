"""Changes of accounts that their person may take back: what they would go back to, until when."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
)

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "account_changes",
        Column("id", LargeBinary(16), nullable=False),
        Column("person", Id, nullable=False),
        Column("what", String(12), nullable=False),
        Column("seq", Integer, nullable=False),
        Column("before", Text, nullable=False),
        Column("until", Instant, nullable=False),
        Column("undone_seq", Integer),
        Column("ended_at", Instant),
        PrimaryKeyConstraint("id", name="pk_account_changes"),
        ForeignKeyConstraint(["person"], ["people.id"], name="fk_account_changes_person"),
    )
    # What else of one person can be taken back.
    op.create_index("ix_account_changes_person", "account_changes", ["person"])


def downgrade() -> None:
    """Drop the table: the links in the mails take nothing back any more."""
    op.drop_table("account_changes")
