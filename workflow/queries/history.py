"""What pages and API read of the history as it is kept. Nothing here writes."""

from workflow.store.history import StoredEntry
from workflow.store.history_search import (
    MOST_COUNTED,
    EntryFilter,
    all_found,
    count_found,
    newest_found,
    transitions_taken,
)
from workflow.store.sealed_log import (
    StoredCheckpoint,
    checkpoints_before,
)

__all__ = [
    "MOST_COUNTED",
    "EntryFilter",
    "StoredCheckpoint",
    "StoredEntry",
    "all_found",
    "checkpoints_before",
    "count_found",
    "newest_found",
    "transitions_taken",
]
