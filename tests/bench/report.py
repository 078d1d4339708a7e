"""A run in words: lines, ratios.json, and table and chart of the README."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from api.bootstrap import ROOT
from tests.bench.connections import KINDS
from tests.bench.results import GOALS, Line
from tests.bench.size_chart import DRAWING, drawing, is_cost

KEPT = ROOT / "tests" / "bench" / "ratios.json"
CHART = ROOT / "tests" / "bench" / "speed.svg"
README = ROOT / "README.md"
ROWS = (
    (
        "decisions × floor B: 1, 8, 64 callers; 100 in bulk",
        (
            ("P1 SQLite, 1 caller", "P3 PostgreSQL, 1 caller"),
            ("P2 SQLite, 8 callers", "P3 PostgreSQL, 8 callers"),
            ("P2 SQLite, 64 callers", "P3 PostgreSQL, 64 callers"),
            ("P4 in bulk, 100 items, {}",) * 2,
        ),
    ),
    (
        "decisions × the best peer: 1, 8 callers",
        (("P14 best peer, 1 caller, {}",) * 2, ("P14 best peer, 8 callers, {}",) * 2),
    ),
    ("HTTP, 32 connections, × an echo", (("P5 HTTP decision, 32 connections, {}",) * 2,)),
    ("list page × the same without database", (("P6 list page of 50, {}",) * 2,)),
    (
        "with 1,000,000 entries: slowest list query, ms; decisions × an empty database's",
        (
            ("P11 slowest list query, p50, {}, ms",) * 2,
            ("P12 decisions at size, {}",) * 2,
        ),
    ),
)
"""A row of the README's table: its label, and the lines of both databases."""
ALONE = (
    ("a pure decision, µs", "P7 one pure decision, µs"),
    ("outbox × a loop of EmailMessage", "P8 outbox, times a loop of EmailMessage"),
    ("a million entries verified, s", "P9 verified on all cores, s"),
    ("first answer × the bare stack", "P10 first answer, times the bare stack"),
    ("memory under load, MB", "P13 memory, under load, MB"),
)
_WORSE = 0.15
_UNITS = (", ms", ", s", " of processors", ", MB", ", µs")
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


def kept_lines() -> dict[str, Line]:
    """Return the lines that were committed to, by name."""
    if not KEPT.exists():
        return {}
    found = json.loads(KEPT.read_text("utf-8"))["lines"]
    return {
        name: Line(
            name=name,
            value=each["value"],
            spread=tuple(each["spread"]) if each["spread"] else None,
            beside=each["beside"],
        )
        for name, each in found.items()
    }


def worse_than_kept(lines: Sequence[Line]) -> list[str]:
    """Return a sentence for each ratio that is worse than the committed one by more than 15 %."""
    kept, found = kept_lines(), []
    for each in lines:
        before = kept.get(each.name)
        if before is None or each.name.endswith(_UNITS) or each.is_met is None:
            continue
        is_more_better = each.name in GOALS
        change = each.value / before.value if is_more_better else before.value / each.value
        if change < 1 - _WORSE:
            found.append(f"worse: {each.name} is {each.value:.3g}, and was {before.value:.3g}")
    return found


def keep(lines: Sequence[Line], machine: str, day: str) -> None:
    """Commit to a run, or to parts of one: its lines, and the README's table and chart."""
    costs = [each for each in lines if is_cost(each.name)]
    if costs:
        DRAWING.write_text(drawing(costs), "utf-8")
    named = kept_lines() | {each.name: each for each in lines if each not in costs}
    figures = {
        name: {"value": round(each.value, 3), "spread": each.spread, "beside": each.beside}
        for name, each in named.items()
    }
    found = {"machine": machine, "day": day, "lines": figures}
    KEPT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    CHART.write_text(chart(named), "utf-8")
    picture = f"![Decisions a second: floors, ours, peers](tests/bench/{CHART.name})"
    put("speed", f"{table_of(named, machine, day)}\n\n{picture}")


def put(mark: str, said: str) -> None:
    """Put text between the README's comments of a name."""
    text = README.read_text("utf-8")
    pattern = rf"<!-- {mark} -->.*<!-- /{mark} -->"
    whole = f"<!-- {mark} -->\n{said}\n<!-- /{mark} -->"
    README.write_text(re.sub(pattern, lambda _: whole, text, flags=re.DOTALL), "utf-8")


def _cell(line: Line | None) -> str:
    """Return a figure with its goal; one that is missed stands out."""
    if line is None:
        return "–"
    value = f"{line.value:,.2f}".rstrip("0").rstrip(".")
    return f"{value} ({line.goal})" if line.is_met else f"**{value}** ({line.goal})"


def table_of(named: Mapping[str, Line], machine: str, day: str) -> str:
    """Return the table of the README; in bold what misses its goal."""
    rows = [f"| {day}, {machine} | SQLite | PostgreSQL |", "|---|---|---|"]
    for label, figures in ROWS:
        cells = [
            "; ".join(_cell(named.get(each[place].format(kind))) for each in figures)
            for place, kind in enumerate(KINDS)
        ]
        rows.append(f"| {label} | {' | '.join(cells)} |")
    beside = [f"{label} {_cell(named.get(name))}" for label, name in ALONE]
    return "\n".join([*rows, f"| {'; '.join(beside)} | | |"])


_BAR, _ROW, _LABEL = 360, 17, 250


def chart(named: Mapping[str, Line]) -> str:
    """Return an SVG of decisions a second: floors, ours and peers, one block a database and load."""
    bars: list[str] = []
    y = 6
    for kind in KINDS:
        for callers in ("1 caller", "8 callers"):
            line = named.get(f"P14 best peer, {callers}, {kind}")
            if line is None:
                continue
            goal = "P3" if kind == "PostgreSQL" else "P1" if callers == "1 caller" else "P2"
            floors = named[f"{goal} {kind}, {callers}"].beside
            rates = {
                **{f"floor {each}": floors[each] for each in ("A", "B") if each in floors},
                **line.beside,
            }
            y = _block(bars, y, f"{kind}, {callers}: decisions a second", rates)
    style = "text{font:12px sans-serif;fill:#222}rect{fill:#9ab}.ours{fill:#b5121b}"
    box = f'viewBox="0 0 {_LABEL + _BAR + 70} {y}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}><style>{style}</style>'
        f'<rect width="100%" height="100%" style="fill:#fff"/>{"".join(bars)}</svg>\n'
    )


def _block(bars: list[str], y: int, heading: str, rates: Mapping[str, float]) -> int:
    """Add a heading and a bar for each rate; return where the next block begins."""
    bars.append(f'<text x="6" y="{y + 14}" font-weight="bold">{heading}</text>')
    most = max(rates.values())
    for name, rate in rates.items():
        y += _ROW
        width, mark = max(1, round(rate / most * _BAR)), "ours" if name == "ours" else "other"
        bars.append(
            f'<text x="14" y="{y + 14}">{name}</text>'
            f'<rect class="{mark}" x="{_LABEL}" y="{y + 4}" width="{width}" height="12"/>'
            f'<text x="{_LABEL + width + 5}" y="{y + 14}">{rate:,.0f}</text>'
        )
    return y + _ROW + 8
