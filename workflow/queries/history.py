"""What pages and API read of the history as it is kept. Nothing here writes."""

from workflow.store.history import (
    StoredEntry,
    first_id_after,
    newest_entries,
)
from workflow.store.sealed_log import (
    StoredCheckpoint,
    checkpoints_before,
)

__all__ = [
    "StoredCheckpoint",
    "StoredEntry",
    "checkpoints_before",
    "first_id_after",
    "newest_entries",
]
