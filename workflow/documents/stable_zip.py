"""Entries of zip files that bear no trace of when and where they were made.

Owns what makes the bytes of packages, Word files and edXML attachments the same each time.
"""

import zipfile

_UNIX = 3
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can say."""


def undated_entry(name: str) -> zipfile.ZipInfo:
    """Return an entry called ``name``."""
    entry = zipfile.ZipInfo(name, _FIRST_DATE)
    entry.create_system = _UNIX
    return entry
