"""What pages and API read of the history as it is kept. Nothing here writes."""

from workflow.store import history, history_search, sealed_log

StoredEntry = history.StoredEntry
entry_at = history.entry_at
count_entries = history.count_entries
MOST_COUNTED = history_search.MOST_COUNTED
EntryFilter = history_search.EntryFilter
all_found = history_search.all_found
count_found = history_search.count_found
newest_found = history_search.newest_found
transitions_taken = history_search.transitions_taken
StoredCheckpoint = sealed_log.StoredCheckpoint
checkpoints_before = sealed_log.checkpoints_before
