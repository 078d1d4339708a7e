"""What sessions were proven by and come from; what tokens are good for, and when they were used."""

from alembic import op
from sqlalchemy import Column, String

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None

Instant = String(27)


def upgrade() -> None:
    """Add the columns; sessions of before were proven by nothing but a password."""
    op.add_column("sessions", Column("factor", String(10)))
    op.add_column("sessions", Column("address", String(45)))
    op.add_column("sessions", Column("agent", String(200)))
    op.add_column("api_tokens", Column("scopes", String(200)))
    op.add_column("api_tokens", Column("seen_at", Instant))
    # One's own tokens are listed, and end with a password.
    op.create_index("ix_api_tokens_person", "api_tokens", ["person"])


def downgrade() -> None:
    """Drop the columns; end first what an earlier program would take for more than it is.

    A session that awaits a factor would be a whole one, a token with scopes one without.
    """
    op.execute("UPDATE sessions SET expires_at = created_at WHERE factor IS NULL")
    op.execute(
        "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, created_at) "
        "WHERE scopes IS NOT NULL"
    )
    op.drop_index("ix_api_tokens_person", "api_tokens")
    for table, names in (
        ("api_tokens", ("seen_at", "scopes")),
        ("sessions", ("agent", "address", "factor")),
    ):
        for name in names:
            op.drop_column(table, name)
