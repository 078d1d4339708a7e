"""Absences, and what limits a delegation: form of signing, kinds of item, content.

No check on the order of days: an absence ended before it began has its last day before its first, and never was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    for name, kind in (("form", sa.String(4)), ("kinds", sa.Text()), ("terms", sa.Text())):
        op.add_column("delegations", sa.Column(name, kind, nullable=True))
    op.create_table(
        "absences",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.Column("stand_in", _ID, nullable=True),
        sa.Column("starts_on", sa.String(10), nullable=False),
        sa.Column("ends_on", sa.String(10), nullable=False),
        sa.Column("created_by", _ID, nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.CheckConstraint("person <> stand_in", name=op.f("ck_absences_two_persons")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_absences_person")),
        sa.ForeignKeyConstraint(["stand_in"], ["people.id"], name=op.f("fk_absences_stand_in")),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_absences_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_ends_on"), "absences", ["ends_on"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_table("absences")
    with op.batch_alter_table("delegations") as batch:
        for name in ("form", "kinds", "terms"):
            batch.drop_column(name)
