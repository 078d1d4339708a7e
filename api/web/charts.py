"""Charts drawn on the server: bars as SVG, beside a table that says the same.

Owns their geometry; the piece ``chart`` draws them. No script, no inline style: colours come from
the sheet, so that dark and print follow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from notifications.translation import Number

WIDTH = 640
_LABEL = 190
_ROW = 34
_VALUE = 80
_LABEL_LIMIT = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row: its label, and its parts (class of the sheet, value) from left to right."""

    label: str
    parts: Sequence[tuple[str, float]]

    @property
    def total(self) -> float:
        """Return what all parts make together."""
        return sum(value for _, value in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A row as it is drawn, in the units of the picture; ``parts``: class, left edge, width."""

    label: str
    full_label: str
    label_x: int
    top: int
    parts: tuple[tuple[str, float, float], ...]
    value: str
    value_x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Stacked bars and how high they are together."""

    rows: tuple[Drawn, ...]
    height: int


def bars(rows: Sequence[Bar], *, unit: str = "") -> Chart | None:
    """Return stacked bars on one scale; None where all is zero."""
    most = max((row.total for row in rows), default=0)
    if not most:
        return None
    scale = (WIDTH - _LABEL - _VALUE) / most
    return Chart(
        rows=tuple(_drawn(place, row, scale, unit) for place, row in enumerate(rows)),
        height=len(rows) * _ROW,
    )


def _drawn(place: int, row: Bar, scale: float, unit: str) -> Drawn:
    x = float(_LABEL)
    parts = []
    for look, value in row.parts:
        if value:
            width = max(value * scale, 2)
            parts.append((look, round(x, 1), round(width, 1)))
            x += width
    label = row.label if len(row.label) <= _LABEL_LIMIT else row.label[: _LABEL_LIMIT - 1] + "…"
    return Drawn(
        label=label,
        full_label=row.label,
        label_x=_LABEL - 10,
        top=place * _ROW,
        parts=tuple(parts),
        value=f"{Number(row.total):g}{unit}",
        value_x=round(x + 6, 1),
    )
