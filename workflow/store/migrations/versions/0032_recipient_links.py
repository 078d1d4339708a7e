"""Links by which a body outside fetches and answers what was sent to it, and their guards."""

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

revision = "r0032"
down_revision = "r0030"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Instant = String(27)
KEPT = ("id", "item_id", "version", "recipient", "name", "address", "created_at", "expires_at")
SAYS = "a link that was mailed stays what it is, and is revoked once"


def upgrade() -> None:
    """Create the table, then its guards."""
    op.create_table(
        "recipient_links",
        Column("id", LargeBinary(16), nullable=False),
        Column("item_id", Id, nullable=False),
        Column("version", Integer, nullable=False),
        Column("recipient", String(60), nullable=False),
        Column("name", String(200), nullable=False),
        Column("address", String(254), nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("revoked_at", Instant),
        PrimaryKeyConstraint("id", name="pk_recipient_links"),
        ForeignKeyConstraint(
            ["item_id", "version"],
            ["dispatches.item_id", "dispatches.version"],
            name="fk_recipient_links_item_id_version",
        ),
    )
    # The links to what an item left with.
    op.create_index("ix_recipient_links_item_id_version", "recipient_links", ["item_id", "version"])
    if op.get_bind().dialect.name == "sqlite":
        refused = f"BEGIN SELECT RAISE(ABORT, 'recipient_links: {SAYS}'); END"
        there_is = "EXISTS (SELECT 1 FROM recipient_links WHERE id = NEW.id)"
        for name, act in (
            ("no_update", f"BEFORE UPDATE ON recipient_links WHEN {_changed('IS NOT')}"),
            ("no_delete", "BEFORE DELETE ON recipient_links"),
            ("no_replace", f"BEFORE INSERT ON recipient_links WHEN {there_is}"),
        ):
            op.execute(f"CREATE TRIGGER recipient_links_{name} {act} {refused}")
        return
    changed = _changed("IS DISTINCT FROM")
    for name, act in (
        ("no_update", f"BEFORE UPDATE ON recipient_links FOR EACH ROW WHEN ({changed})"),
        ("no_delete", "BEFORE DELETE ON recipient_links FOR EACH ROW"),
        ("no_truncate", "BEFORE TRUNCATE ON recipient_links FOR EACH STATEMENT"),
    ):
        trigger = f"recipient_links_{name}"
        op.execute(f"CREATE TRIGGER {trigger} {act} EXECUTE FUNCTION thidua_guard('{SAYS}')")
        op.execute(f"ALTER TABLE recipient_links ENABLE ALWAYS TRIGGER {trigger}")


def _changed(differs: str) -> str:
    kept = [f"OLD.{each} {differs} NEW.{each}" for each in KEPT]
    again = f"(OLD.revoked_at IS NOT NULL AND OLD.revoked_at {differs} NEW.revoked_at)"
    return " OR ".join([*kept, again])


def downgrade() -> None:
    """Drop the table: whoever was sent a dossier answers on paper; what they answered stays."""
    op.drop_table("recipient_links")
