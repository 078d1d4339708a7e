"""Dossiers: what leaves under one number, and which items.

What left until now is a dossier each, of the item that was sent and of those that went with it, as
their entries say; with which number stands in ``dispatches``.
"""

import json

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    text,
)

revision = "r0030"
down_revision = "r0028"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")

TABLES = ("dossiers", "dossier_items")
MET = {
    "dossiers": "id = NEW.id OR (item_id = NEW.item_id AND version = NEW.version)",
    "dossier_items": "item_id = NEW.item_id AND version = NEW.version",
}
SAYS = "what left for the board stays as it left, and an item leaves once a version"
# The entry of a sending decided on the version before the one that the item left in.
SENT = """
    INSERT INTO dossiers (item_id, version, sent_at, sent_by)
    SELECT d.item_id, d.version, h.at, h.actor
    FROM dispatches AS d
    JOIN history AS h ON h.item_id = d.item_id AND h.decided_version = d.version - 1
    ORDER BY h.id
"""
ITSELF = """
    INSERT INTO dossier_items (item_id, version, dossier_id)
    SELECT item_id, version, id FROM dossiers
"""
ALONG = """
    SELECT item_id, decided_version, body FROM history
    WHERE decided_version IS NOT NULL AND body LIKE '%"carried_by":"%'
    AND body LIKE '%"dispatch":{%' ORDER BY id
"""
WITH = """
    INSERT INTO dossier_items (item_id, version, dossier_id)
    SELECT :item, :version, d.id FROM dossiers AS d
    JOIN dispatches AS s ON s.item_id = d.item_id AND s.version = d.version
    JOIN items AS i ON i.id = d.item_id
    WHERE i.code = :code AND s.notation = :notation AND s.issued_on = :issued_on
"""


def upgrade() -> None:
    """Create the tables, fill them from what left, then guard both."""
    op.create_table(
        "dossiers",
        Column("id", Id, nullable=False),
        Column("item_id", Id, nullable=False),
        Column("version", Integer, nullable=False),
        Column("sent_at", String(27), nullable=False),
        Column("sent_by", Id),
        PrimaryKeyConstraint("id", name="pk_dossiers"),
        UniqueConstraint("item_id", "version", name="uq_dossiers_item_id_version"),
        ForeignKeyConstraint(
            ["item_id", "version"],
            ["dispatches.item_id", "dispatches.version"],
            name="fk_dossiers_item_id_version",
        ),
        ForeignKeyConstraint(["sent_by"], ["people.id"], name="fk_dossiers_sent_by"),
    )
    op.create_table(
        "dossier_items",
        Column("item_id", Id, nullable=False),
        Column("version", Integer, nullable=False),
        Column("dossier_id", Id, nullable=False),
        # An item leaves once a version, in one dossier.
        PrimaryKeyConstraint("item_id", "version", name="pk_dossier_items"),
        ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_dossier_items_item_id"),
        ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name="fk_dossier_items_dossier_id"),
    )
    # What a dossier holds.
    op.create_index("ix_dossier_items_dossier_id", "dossier_items", ["dossier_id"])
    op.execute(SENT)
    op.execute(ITSELF)
    _fill_along()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        (_guard_on_sqlite if is_sqlite else _guard_on_postgresql)(table)


def _fill_along() -> None:
    """Put each item that went with another into that one's dossier."""
    connection = op.get_bind()
    for item, version, body in connection.execute(text(ALONG)).all():
        said = json.loads(body)["data"]
        if said.get("carried_by") and said.get("dispatch"):
            named = {
                "item": item,
                "version": version + 1,
                "code": said["carried_by"],
                "notation": said["dispatch"]["number"],
                "issued_on": said["dispatch"]["issued_on"],
            }
            connection.execute(text(WITH), named)


def _guard_on_sqlite(table: str) -> None:
    refused = f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
    for act in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} {refused}")
    # INSERT OR REPLACE deletes the row that it meets without a delete's trigger.
    met = f"SELECT 1 FROM {table} WHERE {MET[table]}"  # noqa: S608 - names of ours
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({met}) {refused}"
    )


def _guard_on_postgresql(table: str) -> None:
    for name, moment, each in (
        ("no_change", "BEFORE UPDATE OR DELETE", "ROW"),
        ("no_truncate", "BEFORE TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_{name} {moment} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION thidua_refuse()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")


def downgrade() -> None:
    """Drop the tables; what left with what stands in the entries, and in ``dispatches``."""
    for table in reversed(TABLES):
        op.drop_table(table)
