"""Every table of the product, in one MetaData with named constraints.

Owns the schema; migrations follow it. Instants are text, ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` in UTC: one fixed width that
sorts as time does, the same bytes on SQLite and PostgreSQL and in the history's bodies. Statements live elsewhere.
"""

from workflow.store.tables.around import accesses, api_tokens, calendar_feeds, credentials, outbox, passkeys, sessions, setup_codes
from workflow.store.tables.core import (
    absences,
    campaigns,
    contents,
    counters,
    deadline_departments,
    deadlines,
    definitions,
    delegations,
    departments,
    dispatches,
    extensions,
    files,
    history,
    history_texts,
    holders,
    items,
    links,
    opinions,
    people,
    reminders,
    settings,
    snoozes,
)
from workflow.store.tables.schema import metadata

__all__ = [
    "absences",
    "accesses",
    "api_tokens",
    "calendar_feeds",
    "campaigns",
    "contents",
    "counters",
    "credentials",
    "deadline_departments",
    "deadlines",
    "definitions",
    "delegations",
    "departments",
    "dispatches",
    "extensions",
    "files",
    "history",
    "history_texts",
    "holders",
    "items",
    "links",
    "metadata",
    "opinions",
    "outbox",
    "passkeys",
    "people",
    "reminders",
    "sessions",
    "settings",
    "setup_codes",
    "snoozes",
]
