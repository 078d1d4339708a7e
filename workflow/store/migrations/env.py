"""Alembic's environment: run the migrations on the connection that the caller passes."""

from alembic import context

from workflow.store.schema import metadata

connection = context.config.attributes["connection"]


def check_references(**_step: object) -> None:
    """Let no migration of SQLite, which runs unwatched, leave a row that refers to nothing."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        if broken:
            raise RuntimeError(f"rows refer to nothing after the migration: {broken}")


context.configure(
    connection=connection,
    on_version_apply=check_references,  # type: ignore[arg-type]  # Alembic passes keywords only
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
