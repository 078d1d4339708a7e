"""Time-stamps in a database or an export: whether each is the authority's, about its checkpoint.

Owns where they are found. What a good one proves: that the first SIZE entries were there, as they
are, at that instant at the latest, whoever holds the keys of the deployment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from workflow.history.timestamps import TimestampAuthority
from workflow.history.verify_history import TamperedError
from workflow.store import sealed_log, timestamps

FOLDER = "timestamps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """An authority's answer (DER), and the text of the checkpoint that it is about."""

    name: str
    size: int
    note: str
    answer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """Time-stamps that are good: how many, and what the newest says."""

    count: int
    size: int
    at: datetime


def stamps_in_database(connection: Connection) -> list[Stamp]:
    """Return every time-stamp that is kept."""
    notes = {each.size: each.note for each in sealed_log.checkpoints(connection)}
    return [
        Stamp(
            name=f"the time-stamp of checkpoint {each.size}",
            size=each.size,
            note=notes.get(each.size, ""),
            answer=each.answer,
        )
        for each in timestamps.all_timestamps(connection)
    ]


def stamps_in_export(folder: Path) -> Iterator[Stamp]:
    """Yield every time-stamp of an export. Raises TamperedError for one of no checkpoint."""
    for path in sorted((folder / FOLDER).glob("*")):
        name, note = f"{FOLDER}/{path.name}", folder / "checkpoints" / f"{path.stem}.txt"
        if path.suffix != ".tsr" or not path.stem.isdecimal() or not note.is_file():
            raise TamperedError(f"{name}: is of no checkpoint")
        text = note.read_bytes().decode("utf-8", "replace")
        yield Stamp(name=name, size=int(path.stem), note=text, answer=path.read_bytes())


def verify_stamps(stamps: Iterable[Stamp], authority: TimestampAuthority) -> Stamped | None:
    """Return what the time-stamps say, or None without any. Raises TamperedError."""
    found: list[tuple[int, datetime]] = []
    for each in stamps:
        try:
            found.append((each.size, authority.stamped_at(each.answer, each.note)))
        except ValueError as exc:
            raise TamperedError(f"{each.name}: is not the authority's ({exc})") from exc
    if not found:
        return None
    size, at = max(found)
    return Stamped(count=len(found), size=size, at=at)
