"""How a file is handed out: under its own name, as a download that no browser renders."""

import re
import unicodedata
from urllib.parse import quote

_BARRED = {0x110: "D", 0x111: "d"}
"""The letters whose bar is no mark that could be taken away."""


def attachment(name: str) -> str:
    """Return the Content-Disposition for ``name`` (RFC 6266 §4.3): in UTF-8, and in plain letters for programs that know no other."""
    plain = unicodedata.normalize("NFD", name.translate(_BARRED))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
