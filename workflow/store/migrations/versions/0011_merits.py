"""Merits: good people and deeds noted during a campaign, and what the Office says of them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "merits",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign", sa.String(60), nullable=False),
        sa.Column("recognition", sa.String(40), nullable=False),
        sa.Column("whose_kind", sa.String(12), nullable=False),
        sa.Column("whose", sa.String(200), nullable=False),
        sa.Column("department", sa.String(60), nullable=False),
        sa.Column("what", sa.String(300), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.String(10), nullable=False),
        sa.Column("recorded_by", _ID, nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.Column("standing", sa.String(12), nullable=False),
        sa.Column("code", sa.String(20), nullable=True),
        sa.CheckConstraint(
            "standing IN ('noted', 'followed', 'nominated', 'closed')",
            name=op.f("ck_merits_known_standing"),
        ),
        sa.CheckConstraint(
            "whose_kind IN ('individual', 'collective')", name=op.f("ck_merits_known_kind")
        ),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.id"], name=op.f("fk_merits_campaign")),
        sa.ForeignKeyConstraint(
            ["department"], ["departments.id"], name=op.f("fk_merits_department")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_merits_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merits")),
    )
    op.create_index(op.f("ix_merits_campaign"), "merits", ["campaign"])
    op.create_table(
        "merit_notes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("merit_id", _ID, nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("standing", sa.String(12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["merit_id"], ["merits.id"], name=op.f("fk_merit_notes_merit_id")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_merit_notes_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merit_notes")),
    )
    op.create_index(op.f("ix_merit_notes_merit_id"), "merit_notes", ["merit_id"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_table("merit_notes")
    op.drop_table("merits")
