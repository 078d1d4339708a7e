"""Whether a stored text still is what its hash says.

Owns the check that each text with a hash passes when it is read. What has another hash is never
obeyed nor shown: somebody wrote into the database past the program.
"""

import hashlib

from workflow.errors import AlteredError


def genuine(text: str, of_hash: str, what: str) -> str:
    """Return ``text``, which must have the hash ``of_hash``. Raises AlteredError about ``what``."""
    if hashlib.sha256(text.encode()).hexdigest() != of_hash:
        raise AlteredError(f"{what} {of_hash[:12]}")
    return text
