"""What a run finds: one line a figure, with its goal."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

GOALS = {
    "P1 SQLite, 1 caller": 0.7,
    "P2 SQLite, 8 callers": 0.6,
    "P2 SQLite, 64 callers": 0.6,
    "P3 PostgreSQL, 1 caller": 1.2,
    "P3 PostgreSQL, 8 callers": 1.3,
    "P3 PostgreSQL, 64 callers": 1.3,
    "P4 in bulk, 100 items, SQLite": 0.6,
    "P4 in bulk, 100 items, PostgreSQL": 0.6,
    "P5 HTTP decision, 32 connections, SQLite": 0.45,
    "P5 HTTP decision, 32 connections, PostgreSQL": 0.45,
    "P6 list page of 50, SQLite": 0.65,
    "P6 list page of 50, PostgreSQL": 0.55,
    "P8 outbox, times a loop of EmailMessage": 2.5,
    "P12 decisions at size, SQLite": 0.75,
    "P12 decisions at size, PostgreSQL": 0.75,
    "P14 best peer, 1 caller, SQLite": 1.5,
    "P14 best peer, 8 callers, SQLite": 5.0,
    "P14 best peer, 1 caller, PostgreSQL": 1.4,
    "P14 best peer, 8 callers, PostgreSQL": 2.5,
    "sealing on / off, 64 callers, SQLite": 0.95,
    "sealing on / off, 64 callers, PostgreSQL": 0.95,
}
"""At least."""
LIMITS = {
    "P1 pages of the log, a decision": 20,
    "P5 p99 with 32 connections, SQLite, ms": 60,
    "P5 p99 with 32 connections, PostgreSQL, ms": 60,
    "P5 p99 with 8 connections, SQLite, ms": 8,
    "P5 p99 with 8 connections, PostgreSQL, ms": 8,
    "P7 one pure decision, µs": 30,
    "P7 rulebook alone, µs": 15,
    "P9 sealed, s": 60,
    "P9 a proof, ms": 5,
    "P9 verified on all cores, s": 5,
    "P9 verified by the program alone, s": 60,
    "P9 its memory, MB": 200,
    "P10 first answer, times the bare stack": 1.6,
    "P11 slowest list query, p50, SQLite, ms": 2,
    "P11 slowest list query, p50, PostgreSQL, ms": 2,
    "P11 slowest list query, p99, SQLite, ms": 8,
    "P11 slowest list query, p99, PostgreSQL, ms": 8,
    "P11 slowest search, p50, SQLite, ms": 100,
    "P11 slowest search, p50, PostgreSQL, ms": 100,
    "P11 dearest page, SQLite, ms of processors": 100,
    "P11 dearest page, PostgreSQL, ms of processors": 100,
    "P11 page 1,000, times page 1, SQLite": 2,
    "P11 page 1,000, times page 1, PostgreSQL": 2,
    "P13 memory, idle, MB": 150,
    "P13 memory, under load, MB": 300,
    "P13 memory, growth over the last half, MB": 10,
    "P13 memory, growth over the last half of 1,000 documents, MB": 10,
    "P13 memory, growth over the last half of a day's ticks, MB": 10,
}
"""At most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure: its value, the extremes of its rounds, and what was measured beside it."""

    name: str
    value: float
    spread: tuple[float, float] | None = None
    beside: dict[str, float] = field(default_factory=dict)

    @property
    def is_met(self) -> bool | None:
        """Return whether the goal is reached; None without one."""
        if self.name in GOALS:
            return self.value >= GOALS[self.name]
        return self.value <= LIMITS[self.name] if self.name in LIMITS else None

    @property
    def goal(self) -> str:
        """Return the goal in a few signs."""
        if self.name in GOALS:
            return f"≥ {GOALS[self.name]:g}"
        return f"≤ {LIMITS[self.name]:g}" if self.name in LIMITS else ""


def ratio(name: str, over: Sequence[float], under: Sequence[float], **beside: float) -> Line:
    """Return the median of ratios within rounds, with their extremes."""
    found = [above / below for above, below in zip(over, under, strict=True)]
    return Line(
        name=name,
        value=statistics.median(found),
        spread=(min(found), max(found)),
        beside=beside,
    )


def median(name: str, values: Sequence[float], **beside: float) -> Line:
    """Return the median of a figure's rounds."""
    return Line(
        name=name,
        value=statistics.median(values),
        spread=(min(values), max(values)),
        beside=beside,
    )
