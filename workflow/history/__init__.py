"""History: the chain of entries per subject, and the verifier that needs nothing but Python."""

from workflow.history.chain import GENESIS, SALT_BYTES, Entry, Fact, append, commit, entry_hash

__all__ = ["GENESIS", "SALT_BYTES", "Entry", "Fact", "append", "commit", "entry_hash"]
