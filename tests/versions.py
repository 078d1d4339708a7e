"""Other versions of a shipped definition, whatever the number it is shipped with."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "definitions"
_VERSION = re.compile(r"(?m)^version: (\d+)$")


def as_version(text: str, number: int) -> str:
    """Return the text of a definition under another version."""
    changed, count = _VERSION.subn(f"version: {number}", text, count=1)
    assert count == 1
    return changed


def _shipped(name: str) -> int:
    found = _VERSION.search((_FOLDER / f"{name}.yaml").read_text("utf-8"))
    assert found is not None
    return int(found[1])


SHIPPED = _shipped("nomination")
"""The version of the nomination that is shipped."""
