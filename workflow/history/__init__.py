"""History: the chain of entries per subject, and the verifier that needs nothing but Python."""

from workflow.history.chain import GENESIS, SALT_BYTES, Entry, Fact, append, commit, entry_hash
from workflow.history.content import body_hash, content_body, restore_content

__all__ = [
    "GENESIS",
    "SALT_BYTES",
    "Entry",
    "Fact",
    "append",
    "body_hash",
    "commit",
    "content_body",
    "entry_hash",
    "restore_content",
]
