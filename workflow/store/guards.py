"""Which guards a database has: triggers that refuse what the program never does.

Beside them those that keep the index of words (``item_search``): without them items are not found.

Owns their names, which a test holds against what the migrations make, and finding those that
somebody took away. Migrations create them; a copy of a whole database has some lifted meanwhile.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, text

STAYING: Final = (
    *("absences", "campaign_reads", "campaigns", "contents", "counters", "deadlines"),
    *("delegations", "departments", "dispatches", "extensions", "items", "legal_holds", "links"),
    *("merit_notes", "merits", "opinions", "people", "privacy_requests", "proposals", "reminders"),
    *("past_awards", "proceedings", "proceeding_corrections", "recipient_links", "rounds"),
    "settings",
)
KEPT: Final = (
    *("accesses", "account_changes", "api_tokens", "files", "outbox", "proposal_links"),
    *("round_links", "round_papers", "setup_codes"),
)
ROUNDS: Final = (
    *("round_ballots", "round_cases", "round_challenges", "round_receipts", "round_seats"),
    "round_votes",
)
"""What belongs to a round of the council: nothing of one that has ended is added or changed."""
_APPENDED: Final = ("history_log", "history_log_nodes", "checkpoints")
_ON_SQLITE: Final[Mapping[str, str]] = {
    **dict.fromkeys(STAYING, "no_update no_delete no_replace"),
    **dict.fromkeys(KEPT, "no_update"),
    **dict.fromkeys(_APPENDED, "in_order no_update no_delete"),
    **dict.fromkeys(ROUNDS, "no_update no_delete no_replace"),
    "items": "no_update no_delete no_replace search_added search_changed",
    "definitions": "no_update no_delete no_replace",
    "findings": "only_close no_delete no_replace",
    "finding_notes": "no_update no_delete no_replace",
    "inspections": "no_update no_delete no_replace",
    "inspection_notes": "no_update no_delete no_replace",
    "register": "no_update no_delete no_replace",
    "documents": "no_update no_delete no_replace",
    "dossiers": "no_update no_delete no_replace",
    "dossier_items": "no_update no_delete no_replace",
    "timestamps": "no_update no_delete no_replace",
    "history": "in_order no_update no_delete",
    "history_texts": "no_update no_replace",
}
_ON_POSTGRESQL: Final[Mapping[str, str]] = {
    **dict.fromkeys(STAYING, "no_update no_delete no_truncate"),
    **dict.fromkeys(KEPT, "no_update no_truncate"),
    **dict.fromkeys(_APPENDED, "in_order no_change no_truncate"),
    **dict.fromkeys(ROUNDS, "no_update no_delete no_insert no_truncate"),
    "contents": "no_update no_delete no_truncate only_erased",
    "items": "no_update no_delete no_truncate search_added search_changed",
    "definitions": "no_change no_truncate",
    "findings": "only_close close_once no_delete no_truncate",
    "finding_notes": "no_change no_truncate",
    "inspections": "no_change no_truncate",
    "inspection_notes": "no_change no_truncate",
    "register": "no_change no_truncate",
    "documents": "no_change no_truncate",
    "dossiers": "no_change no_truncate",
    "dossier_items": "no_change no_truncate",
    "timestamps": "no_change no_truncate",
    "history": "in_order no_change no_truncate",
    "history_texts": "no_update no_truncate",
}
_TRIGGERS: Final = text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
_PRESENT_ON_SQLITE: Final = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
# Those that fire whoever writes; a guard that is switched off guards nothing.
_PRESENT_ON_POSTGRESQL: Final = text(
    "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE tgenabled = 'A' AND relnamespace = "
    "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
)


def guards(dialect: str) -> dict[str, list[str]]:
    """Return the names of the guards of each table."""
    known = _ON_SQLITE if dialect == "sqlite" else _ON_POSTGRESQL
    return {table: [f"{table}_{each}" for each in acts.split()] for table, acts in known.items()}


def missing_guards(connection: Connection) -> dict[str, list[str]]:
    """Return the guards that are not there or switched off, by table."""
    dialect = connection.dialect.name
    query = _PRESENT_ON_SQLITE if dialect == "sqlite" else _PRESENT_ON_POSTGRESQL
    present = set(connection.execute(query).scalars())
    lost = {
        table: [each for each in names if each not in present]
        for table, names in guards(dialect).items()
    }
    return {table: names for table, names in lost.items() if names}


@contextmanager
def rounds_open(connection: Connection) -> Iterator[None]:
    """Let the rows of ended rounds in, within the transaction of a copy of a whole database.

    A row of a round stands after its round, which may have ended long ago.
    """
    lift, arm = (_sqlite if connection.dialect.name == "sqlite" else _postgresql)(connection)
    for statement in lift:
        connection.execute(text(statement))
    yield
    for statement in arm:
        # As the driver takes it: the text of a trigger has colons that name no parameter.
        connection.exec_driver_sql(statement)


def _sqlite(connection: Connection) -> tuple[list[str], list[str]]:
    found = [row for row in connection.execute(_TRIGGERS) if row.tbl_name in ROUNDS]
    return [f"DROP TRIGGER {row.name}" for row in found], [row.sql for row in found]


def _postgresql(_connection: Connection) -> tuple[list[str], list[str]]:
    named = [(table, name) for table in ROUNDS for name in guards("postgresql")[table]]
    return (
        [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in named],
        [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for table, name in named],
    )
