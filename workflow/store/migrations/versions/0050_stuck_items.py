"""Items that wait for nobody are written down, and what is late is found within its index by state."""

from json import loads

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, text

revision = "r0050"
down_revision = "r0049"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
# Nobody holds them, or only who has decided on them before: whether that is kept apart, whoever
# reads them looks up.
FILLED = text(
    "INSERT INTO stuck_items SELECT id FROM items WHERE definition_hash = :hash AND state = :state "
    "AND NOT EXISTS (SELECT 1 FROM holders WHERE holders.item_id = items.id AND NOT EXISTS "
    "(SELECT 1 FROM history WHERE history.item_id = items.id AND history.actor = holders.person "
    "AND history.decided_version IS NOT NULL))"
)


def upgrade() -> None:
    """Create the table, fill it, and exchange the index of due days."""
    op.create_table(
        "stuck_items",
        Column("item_id", Id, nullable=False),
        PrimaryKeyConstraint("item_id", name="pk_stuck_items"),
        ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_stuck_items_item_id"),
    )
    connection = op.get_bind()
    for of, body in connection.execute(text("SELECT hash, body FROM definitions")).all():
        for state in loads(body)["states"]:
            if not state.get("final"):
                connection.execute(FILLED, {"hash": of, "state": state["id"]})
    op.create_index("ix_items_due_at_id_state_type", "items", ["due_at", "id", "state", "type"])
    op.drop_index("ix_items_due_at_id", "items")


def downgrade() -> None:
    """Take away what ``upgrade`` made."""
    op.create_index("ix_items_due_at_id", "items", ["due_at", "id"])
    op.drop_index("ix_items_due_at_id_state_type", "items")
    op.drop_table("stuck_items")
