"""Room for sealed PIN hashes, TOTP secrets and enrolment codes.

What is there is sealed by the program, which has the keys. On the way back sealed values are let go of, for the older
program cannot open them: those factors are enrolled again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_BEFORE = {"pin_hash": 200, "totp_secret": 64, "enrol_hash": 200}
_SEALED = 400


def upgrade() -> None:
    """Bring the schema up to this revision."""
    _leave_nothing_in_free_pages()
    with op.batch_alter_table("credentials") as credentials:
        for name, length in _BEFORE.items():
            credentials.alter_column(
                name,
                existing_type=sa.String(length),
                type_=sa.String(_SEALED),
                existing_nullable=True,
            )


def downgrade() -> None:
    """Take the schema back to the revision before."""
    _leave_nothing_in_free_pages()
    table = sa.table("credentials", *(sa.column(name) for name in _BEFORE))
    for name in _BEFORE:
        op.execute(table.update().where(table.c[name].like("e1.%")).values({name: None}))
    settings = sa.table("settings", sa.column("name"))
    op.execute(settings.delete().where(settings.c.name == "vault"))
    with op.batch_alter_table("credentials") as credentials:
        for name, length in _BEFORE.items():
            credentials.alter_column(
                name,
                existing_type=sa.String(_SEALED),
                type_=sa.String(length),
                existing_nullable=True,
            )


def _leave_nothing_in_free_pages() -> None:
    """Let SQLite overwrite what the table held before, which backups would copy otherwise."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA secure_delete = ON")
