"""Instants between Python and the database: text of fixed width in, aware datetimes out."""

from datetime import datetime

from workflow.canonical import instant


def written(moment: datetime | None) -> str | None:
    """Return ``moment`` as the database keeps it."""
    return None if moment is None else instant(moment)


def read(text: str | None) -> datetime | None:
    """Return the instant kept as ``text``."""
    return None if text is None else datetime.fromisoformat(text)


def read_required(text: str) -> datetime:
    """Return the instant kept as ``text``, which is never empty."""
    return datetime.fromisoformat(text)
