"""History: the chain of entries per subject, and the verifier that needs nothing but Python."""

from workflow.history.chain import (
    DERIVED,
    GENESIS,
    SALT_BYTES,
    Entry,
    Fact,
    append,
    commit,
    data_of,
    derived_columns,
    entry_hash,
    fact_in,
    move_in,
)
from workflow.history.content import TITLE, body_hash, content_body, reduced, restore_content
from workflow.history.entry_types import EntryType

__all__ = [
    "DERIVED",
    "GENESIS",
    "SALT_BYTES",
    "TITLE",
    "Entry",
    "EntryType",
    "Fact",
    "append",
    "body_hash",
    "commit",
    "content_body",
    "data_of",
    "derived_columns",
    "entry_hash",
    "fact_in",
    "move_in",
    "reduced",
    "restore_content",
]
