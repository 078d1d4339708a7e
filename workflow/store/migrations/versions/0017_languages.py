"""The language that a person chose to be spoken to in."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "languages",
        sa.Column("person", _ID, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_languages_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_languages")),
    )


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_table("languages")
