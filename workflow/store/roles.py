"""Roles on PostgreSQL: what the server's own may do to each table, and the one that only reads.

Owns the privileges. The owner migrates; the server's role adds, changes only columns that change,
deletes only rows that may go, and can take no guard away; the reader's, which nobody signs in as,
is for backups and auditors. It never creates what it was not asked for, and no password passes it
in plain.
"""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, text

from workflow.store import schema
from workflow.store.changing_columns import CHANGING

_ADDED = frozenset(
    (
        *("campaigns", "campaign_reads", "checkpoints", "definitions", "dispatches", "files"),
        *("finding_notes", "timestamps", "inspections", "inspection_notes"),
        *("register", "documents", "dossiers", "dossier_items"),
        *("round_ballots", "round_receipts", "round_votes"),
        *("history", "history_log", "history_log_nodes"),
    )
)
"""Tables whose rows never change; but for those of ``files``, none goes either."""
_DELETED = frozenset(
    (
        *("accesses", "account_changes", "api_tokens", "calendar_feeds", "credentials"),
        *(
            "deadline_departments",
            "files",
            "history_texts",
            "holders",
            "links",
            "outbox",
            "passkeys",
        ),
        *("preferences", "proposal_links", "rate_limits", "reminders", "saved_views", "sessions"),
        *("round_cases", "round_links", "round_papers", "round_seats"),
        *("setup_codes", "snoozes", "stuck_items", "typings"),
    )
)
"""Tables whose rows may go, all or some."""
_MAY = text("SELECT has_table_privilege(CAST(:table AS text), :act)")
_MAY_CHANGE = text(
    "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 "
    "AND NOT attisdropped AND has_column_privilege(attrelid, attnum, 'UPDATE')"
)
_UNCHANGED = _ADDED | {"history_texts", "round_papers", "stuck_items"}


class _Sealing(Protocol):
    """The driver's own connection, which makes the verifier of a password."""

    def encrypt_password(self, passwd: bytes, user: bytes, algorithm: bytes) -> bytes:
        """Return what the server keeps of a password."""
        ...


class _Driver(Protocol):
    """A connection of psycopg's."""

    pgconn: _Sealing


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRole:
    """Whom a server is connected as; ``owns``: whether it could take the guards away."""

    name: str
    owns: bool


def server_role(connection: Connection) -> ServerRole:
    """Return whom this connection, of a PostgreSQL database, is."""
    found = connection.execute(
        text(
            "SELECT current_user AS name, bool_or(pg_has_role(current_user, relowner, 'USAGE')) "
            "AS owns FROM pg_class WHERE relname = 'history' "
            "AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
        )
    ).one()
    return ServerRole(name=found.name, owns=bool(found.owns))


def reader_of(database: str) -> str:
    """Return the name of the role that only reads a database."""
    return f"{database}_read"


def creation(server: str, reader: str) -> list[str]:
    """Return the statements that create the two roles, for whoever may run them."""
    return [f"CREATE ROLE {_quoted(server)} LOGIN;", f"CREATE ROLE {_quoted(reader)} NOLOGIN;"]


def missing(connection: Connection, *names: str) -> list[str]:
    """Return which of these roles there are not."""
    present = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    return [each for each in names if each not in present]


def may_create(connection: Connection) -> bool:
    """Return whether this connection may create roles."""
    found = connection.execute(
        text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    )
    return bool(found.scalar())


def create(connection: Connection, name: str, *, password: str | None, can_login: bool) -> None:
    """Create a role; the server gets to know a verifier of the password, not the password."""
    sealed = ""
    if password is not None:
        # psycopg's own, whichever SQLAlchemy wraps.
        driver: _Driver = connection.connection.driver_connection  # type: ignore[assignment]
        found = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
        sealed = f" PASSWORD '{found.decode()}'"
    _run(connection, f"CREATE ROLE {_quoted(name)} {'LOGIN' if can_login else 'NOLOGIN'}{sealed}")


def grant(connection: Connection, server: str, reader: str) -> None:
    """Give both roles what is theirs of the present tables, and nothing else; safe to run again."""
    database = _quoted(connection.engine.url.database or "")
    space = _quoted(str(connection.execute(text("SELECT current_schema()")).scalar()))
    for role in (_quoted(server), _quoted(reader)):
        for statement in (
            f"GRANT CONNECT ON DATABASE {database} TO {role}",
            f"GRANT USAGE ON SCHEMA {space} TO {role}",
            f"REVOKE CREATE ON SCHEMA {space} FROM PUBLIC, {role}",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA {space} FROM {role}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {space} TO {role}",
            f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {space} TO {role}",
        ):
            _run(connection, statement)
    role = _quoted(server)
    _run(connection, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {space} TO {role}")
    for table in schema.metadata.sorted_tables:
        _run(connection, f"GRANT {', '.join(_rights(table.name))} ON {table.name} TO {role}")


def _rights(table: str) -> list[str]:
    """Return what the server's role may do to a table besides reading it."""
    rights = ["INSERT"]
    if changed := CHANGING.get(table):
        rights.append(f"UPDATE ({', '.join(changed)})")
    elif table not in _UNCHANGED:
        rights.append("UPDATE")
    if table in _DELETED:
        rights.append("DELETE")
    return rights


def excess(connection: Connection) -> dict[str, list[str]]:
    """Return what this connection's role may do to tables beside what is the server's, by table."""
    found = {each.name: _excess(connection, each.name) for each in schema.metadata.sorted_tables}
    return {table: acts for table, acts in found.items() if acts}


def _excess(connection: Connection, table: str) -> list[str]:
    rights = _rights(table)
    acts = [
        act
        for act in ("DELETE", "TRUNCATE", "TRIGGER")
        if act not in rights and connection.execute(_MAY, {"table": table, "act": act}).scalar()
    ]
    if "UPDATE" in rights:
        return acts
    changed = set(connection.execute(_MAY_CHANGE, {"table": table}).scalars())
    beside = sorted(changed - set(CHANGING.get(table, ())))
    return [f"UPDATE ({', '.join(beside)})", *acts] if beside else acts


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))
