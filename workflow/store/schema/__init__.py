"""Every table of the product, in one MetaData with named constraints.

Owns the schema; migrations follow it, and say of each index which question it answers. Instants are
text, ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` in UTC: one fixed width that sorts as time does, the same
bytes on SQLite and PostgreSQL and in the history's bodies. Statements live elsewhere.
"""

from workflow.store.schema.accounts import (
    accesses,
    account_changes,
    api_tokens,
    calendar_feeds,
    credentials,
    passkeys,
    rate_limits,
    sessions,
    setup_codes,
)
from workflow.store.schema.deadlines import (
    deadline_departments,
    deadlines,
    extensions,
    reminders,
    snoozes,
)
from workflow.store.schema.definitions import (
    campaign_reads,
    campaigns,
    counters,
    definitions,
    settings,
)
from workflow.store.schema.dossiers import dossier_items, dossiers
from workflow.store.schema.findings import finding_notes, findings
from workflow.store.schema.history import (
    checkpoints,
    history,
    history_log,
    history_log_nodes,
    history_texts,
    timestamps,
)
from workflow.store.schema.inspections import inspection_notes, inspections
from workflow.store.schema.items import (
    contents,
    dispatches,
    files,
    holders,
    items,
    links,
    merit_notes,
    merits,
    opinions,
    stuck_items,
)
from workflow.store.schema.mail import outbox
from workflow.store.schema.metadata import metadata
from workflow.store.schema.past_awards import past_awards
from workflow.store.schema.people import (
    absences,
    delegations,
    departments,
    people,
    preferences,
    saved_views,
    typings,
)
from workflow.store.schema.privacy import legal_holds, privacy_requests
from workflow.store.schema.proceedings import proceeding_corrections, proceedings
from workflow.store.schema.proposals import proposal_links, proposals
from workflow.store.schema.recipients import recipient_links
from workflow.store.schema.register import documents, register
from workflow.store.schema.rounds import (
    round_ballots,
    round_cases,
    round_challenges,
    round_links,
    round_papers,
    round_receipts,
    round_seats,
    round_votes,
    rounds,
)

__all__ = [
    "absences",
    "accesses",
    "account_changes",
    "api_tokens",
    "calendar_feeds",
    "campaign_reads",
    "campaigns",
    "checkpoints",
    "contents",
    "counters",
    "credentials",
    "deadline_departments",
    "deadlines",
    "definitions",
    "delegations",
    "departments",
    "dispatches",
    "documents",
    "dossier_items",
    "dossiers",
    "extensions",
    "files",
    "finding_notes",
    "findings",
    "history",
    "history_log",
    "history_log_nodes",
    "history_texts",
    "holders",
    "inspection_notes",
    "inspections",
    "items",
    "legal_holds",
    "links",
    "merit_notes",
    "merits",
    "metadata",
    "opinions",
    "outbox",
    "passkeys",
    "past_awards",
    "people",
    "preferences",
    "privacy_requests",
    "proceeding_corrections",
    "proceedings",
    "proposal_links",
    "proposals",
    "rate_limits",
    "recipient_links",
    "register",
    "reminders",
    "round_ballots",
    "round_cases",
    "round_challenges",
    "round_links",
    "round_papers",
    "round_receipts",
    "round_seats",
    "round_votes",
    "rounds",
    "saved_views",
    "sessions",
    "settings",
    "setup_codes",
    "snoozes",
    "stuck_items",
    "timestamps",
    "typings",
]
