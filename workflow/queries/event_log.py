"""Look back: the state of everything at an instant, and the event log for process mining.

Owns the way from entries to other views of the past. XES is IEEE 1849-2016: one trace per item, one
event per entry that changed it; persons by id, so that the log names nobody.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, TypedDict
from xml.sax.saxutils import quoteattr

from sqlalchemy import Connection

from workflow.canonical import instant
from workflow.context import Context
from workflow.history import EntryType, Fact
from workflow.lookups.proposals import proposal_rules
from workflow.queries.timeline import recipient_of
from workflow.store import history

_EVENTS = frozenset(
    {
        EntryType.CREATED,
        EntryType.EDITED,
        EntryType.TRANSITION,
        EntryType.SIGNED_OFF,
        EntryType.MIGRATED,
        EntryType.ESCALATED,
    }
)
_EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
)


class ItemThen(TypedDict):
    """An item as its last entry by a moment left it; ``at``: when that was, in UTC."""

    code: str
    state: str | None
    version: int | None
    step: int | None
    seq: int
    at: str


def states_at(connection: Connection, moment: datetime) -> Iterator[ItemThen]:
    """Yield every item as it was at ``moment``, by code."""
    last: dict[str, ItemThen] = {}
    for entry in history.all_entries(connection):
        if entry.subject.startswith("item:") and entry.at <= moment:
            fact = entry.fact
            code = entry.subject.removeprefix("item:")
            before = last.get(code)
            last[code] = {
                "code": code,
                "state": fact.to_state or (before["state"] if before else None),
                "version": fact.version,
                "step": fact.step,
                "seq": entry.seq,
                "at": instant(entry.at),
            }
    yield from (last[code] for code in sorted(last))


def write_xes(context: Context, connection: Connection, out: BinaryIO) -> tuple[int, int]:
    """Write the event log and return how many traces and events it has."""
    labels: dict[tuple[str, str], str] = {
        (book.hash, each.id): each.label.vi
        for book in context.rulebooks.all(connection)
        for each in book.definition.transitions
    }
    traces: dict[str, list[str]] = {}
    events = 0
    for entry in history.all_entries(connection):
        if entry.type in _EVENTS and entry.subject.startswith("item:"):
            traces.setdefault(entry.subject.removeprefix("item:"), []).append(
                _event(entry.at, entry.fact, labels)
            )
            events += 1
    out.write(_head().encode())
    if relaxed := " ".join(proposal_rules(connection).relaxed):
        # What one person did alone here is not to be taken for the act of two.
        out.write(f'  <string key="relaxed" value={quoteattr(relaxed)}/>\n'.encode())
    for code in sorted(traces):
        name = f'    <string key="concept:name" value={quoteattr(code)}/>\n'
        out.write(f"  <trace>\n{name}{''.join(traces[code])}  </trace>\n".encode())
    out.write(b"</log>\n")
    return len(traces), events


def _head() -> str:
    extensions = "".join(
        f'  <extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
        for name, prefix, uri in _EXTENSIONS
    )
    start = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
    )
    return f'{start}{extensions}  <classifier name="Activity" keys="concept:name"/>\n'


def _resource(fact: Fact) -> str:
    if fact.actor is not None:
        return f"person-{fact.actor}"
    recipient = recipient_of(fact)
    return f"outside-{recipient.id}" if recipient else "system"


def _event(at: datetime, fact: Fact, labels: dict[tuple[str, str], str]) -> str:
    name = fact.transition or fact.type
    values = [
        ("concept:name", name),
        ("label", labels.get((fact.definition_hash or "", name), name)),
        ("lifecycle:transition", "complete"),
        ("org:resource", _resource(fact)),
        ("org:role", fact.position or ""),
        ("from", fact.from_state or ""),
        ("to", fact.to_state or ""),
        ("via", fact.via),
    ]
    strings = "".join(
        f"      <string key={quoteattr(key)} value={quoteattr(str(value))}/>\n"
        for key, value in values
        if value
    )
    date = f'      <date key="time:timestamp" value="{instant(at)}"/>\n'
    return f"    <event>\n{strings}{date}    </event>\n"
