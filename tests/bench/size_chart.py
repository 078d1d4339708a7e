"""What lists, pages and a decision cost by how many items there are, as a drawing."""

from collections.abc import Mapping, Sequence
from math import log10
from pathlib import Path

from api.bootstrap import ROOT
from tests.bench.connections import KINDS
from tests.bench.results import Line

DRAWING: Path = ROOT / "tests" / "bench" / "size.svg"
_SIZES = (1_000, 4_000, 16_000, 64_000, 250_000)
_DRAWN = {
    "decision": "a decision",
    "all": "list, query alone",
    "words, never": "search of a word that occurs never, query alone",
    "page: list, first page": "list",
    "page: item": "item",
    "page: my work": "my work",
    "page: attention": "what is to be mended",
    "page: a campaign": "a campaign",
    "page: planning backwards": "planning backwards",
    "page: history, first page": "history",
}
"""What is drawn of what is measured, and what it is called."""
_COLOURS = [
    "#b5121b",
    "#1f6f8b",
    "#7a4e9e",
    "#3b7d3a",
    "#c77700",
    "#555",
    "#0b61a4",
    "#9c2f6e",
    "#6b6b00",
    "#009a8e",
]
_LEFT, _TOP, _WIDTH, _HEIGHT = 44, 22, 300, 220
_LEAST, _MOST = 0.1, 1_000
"""Milliseconds between which a cost is drawn."""


def sizes_to(items: int) -> list[int]:
    """Return the sizes at which is measured, the last of them ``items``."""
    return [*(each for each in _SIZES if each < items), items]


def cost_line(kind: str, size: int, costs: Mapping[str, float]) -> Line:
    """Return what everything costs with so many items, in ms of processors."""
    beside = {name: round(each, 2) for name, each in costs.items()}
    return Line(
        name=f"cost with {size} items, {kind}, ms", value=max(costs.values()), beside=beside
    )


def is_cost(name: str) -> bool:
    """Return whether a line is what ``cost_line`` makes: drawn, and not kept as a figure."""
    return name.startswith("cost with ")


def drawing(lines: Sequence[Line]) -> str:
    """Return the costs as an SVG, both axes by powers of ten; one panel a database."""
    panels = [
        _panel(kind, costs, place * (_WIDTH + _LEFT + 20))
        for place, kind in enumerate(KINDS)
        if (costs := _costs_of(kind, lines))
    ]
    names = "".join(
        f'<text x="{_LEFT + place % 2 * 350}" y="{_TOP + _HEIGHT + 44 + place // 2 * 17}" '
        f'fill="{colour}">━ {label}</text>'
        for place, (label, colour) in enumerate(zip(_DRAWN.values(), _COLOURS, strict=True))
    )
    width, height = 2 * (_WIDTH + _LEFT + 20), _TOP + _HEIGHT + 44 + (len(_DRAWN) + 1) // 2 * 17
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        "<style>text{font:12px sans-serif}.soft{fill:#555}path{fill:none;stroke-width:1.8}</style>"
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(panels)}{names}</svg>\n'
    )


def _costs_of(kind: str, lines: Sequence[Line]) -> dict[int, Mapping[str, float]]:
    return {
        int(each.name.split()[2]): each.beside
        for each in lines
        if is_cost(each.name) and f", {kind}," in each.name
    }


def _panel(kind: str, costs: Mapping[int, Mapping[str, float]], left: int) -> str:
    least, most = min(costs), max(costs)

    def x(size: int) -> float:
        return left + _LEFT + _WIDTH * log10(size / least) / (log10(most / least) or 1)

    def y(cost: float) -> float:
        share = log10(max(cost, _LEAST) / _LEAST) / log10(_MOST / _LEAST)
        return _TOP + _HEIGHT * (1 - share)

    parts = [
        f'<text x="{left + _LEFT}" y="14" font-weight="bold">{kind}: ms of processors, by items</text>'
    ]
    for power in range(-1, 4):
        at = y(10.0**power)
        parts.append(
            f'<path d="M{left + _LEFT} {at:.1f}h{_WIDTH}" stroke="#ddd"/>'
            f'<text class="soft" text-anchor="end" x="{left + _LEFT - 5}" y="{at + 4:.1f}">'
            f"{10.0**power:g}</text>"
        )
    parts += [
        f'<text class="soft" text-anchor="middle" x="{x(size):.1f}" y="{_TOP + _HEIGHT + 16}">'
        f"{size:,}</text>"
        for size in costs
    ]
    for name, colour in zip(_DRAWN, _COLOURS, strict=True):
        points = [f"{x(size):.1f} {y(each[name]):.1f}" for size, each in costs.items()]
        parts.append(f'<path d="M{"L".join(points)}" stroke="{colour}"/>')
    return "".join(parts)
