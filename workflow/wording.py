"""The agency's own words with places for facts.

``{code}``, ``{due}`` and the like, and nothing that could compute.

Pure. What a place may name is the caller's list; formats, indexes and attributes are none.
"""

from collections.abc import Collection, Mapping
from string import Formatter


def unknown_places(text: str, known: Collection[str]) -> list[str] | None:
    """Return the places in ``text`` that are none of ``known``, sorted.

    None where a brace does not close.
    """
    try:
        places = [
            (name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None
        ]
    except ValueError:
        return None
    return sorted({name or "{}" for name, spec, how in places if name not in known or spec or how})


def worded(text: str, facts: Mapping[str, str]) -> str:
    """Return ``text`` with its places filled; it was checked when it was kept."""
    return text.format_map(facts)
