"""Deadlines: a name of the Office's own, the day until which figures count, the series one came from, and who put off being reminded."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.add_column(sa.Column("name", sa.String(120), nullable=False, server_default=""))
        deadlines.add_column(
            sa.Column("data_until", sa.String(10), nullable=False, server_default="")
        )
        deadlines.add_column(sa.Column("series", _ID, nullable=True))
    op.create_table(
        "snoozes",
        sa.Column("person", _ID, nullable=False),
        sa.Column("deadline_id", _ID, nullable=False),
        sa.Column("until_on", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_snoozes_person")),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadlines.id"], name=op.f("fk_snoozes_deadline_id")
        ),
        sa.PrimaryKeyConstraint("person", "deadline_id", name=op.f("pk_snoozes")),
    )


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_table("snoozes")
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.drop_column("series")
        deadlines.drop_column("data_until")
        deadlines.drop_column("name")
