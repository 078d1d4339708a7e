"""A run in words: lines, ratios.json, and table and chart of the README."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from api.bootstrap import ROOT
from tests.bench.results import GOALS, LIMITS, Line

KEPT = ROOT / "tests" / "bench" / "ratios.json"
_WORSE = 0.15
_UNITS = (", ms", ", s", ", MB", ", µs")
"""A name that ends so has a figure of the machine's, which no other run is held to."""


def line_of(line: Line) -> str:
    """Return a line of the printed table."""
    spread = f"[{line.spread[0]:.2f}-{line.spread[1]:.2f}]" if line.spread else ""
    mark = {True: "", False: "MISSED", None: ""}[line.is_met]
    beside = ", ".join(f"{name} {value:,g}" for name, value in line.beside.items())
    return f"{line.name:<50} {line.value:>8.2f} {spread:<15} {line.goal:<7} {mark:<7} {beside}"


def as_json(lines: Sequence[Line], machine: str, day: str) -> str:
    """Return a run for machines."""
    found = [{**asdict(each), "goal": each.goal, "is_met": each.is_met} for each in lines]
    return json.dumps({"machine": machine, "day": day, "lines": found}, indent=1)


def ratios(lines: Sequence[Line]) -> dict[str, float]:
    """Return what another machine's run can be compared by."""
    return {
        each.name: round(each.value, 3)
        for each in lines
        if each.name in GOALS | LIMITS and not each.name.endswith(_UNITS)
    }


def worse_than_kept(lines: Sequence[Line]) -> list[str]:
    """Return a sentence for each ratio that is worse than the committed one by more than 15 %."""
    kept: dict[str, float] = json.loads(KEPT.read_text("utf-8"))["ratios"]
    found = []
    for name, value in ratios(lines).items():
        before = kept.get(name)
        if before is None:
            continue
        change = value / before if name in GOALS else before / value
        if change < 1 - _WORSE:
            found.append(f"worse: {name} is {value:g}, and was {before:g}")
    return found
