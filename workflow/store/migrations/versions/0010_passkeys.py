"""Passkeys, and the code by which a person adds one that an administrator handed over in person."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.add_column("credentials", sa.Column("enrol_hash", sa.String(200), nullable=True))
    op.add_column("credentials", sa.Column("enrol_until", sa.String(27), nullable=True))
    op.create_table(
        "passkeys",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("credential_id", sa.String(400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("last_challenge", sa.String(200), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_passkeys_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_person"), "passkeys", ["person"])


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.drop_table("passkeys")
    with op.batch_alter_table("credentials") as credentials:
        credentials.drop_column("enrol_until")
        credentials.drop_column("enrol_hash")
