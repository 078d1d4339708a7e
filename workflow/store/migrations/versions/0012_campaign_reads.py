"""Who has read the plan of which campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "campaign_reads",
        sa.Column("campaign", sa.String(60), nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.id"], name=op.f("fk_campaign_reads_campaign")
        ),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_campaign_reads_person")),
        sa.PrimaryKeyConstraint("campaign", "person", name=op.f("pk_campaign_reads")),
    )


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_table("campaign_reads")
