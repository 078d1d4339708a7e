"""Draw a definition as DOT, mermaid and SVG; on the SVG also the way that one item has gone.

The layout is our own and small: states stand in a column in the definition's order, so that a phone
shows it; moves to the next state are straight, moves further down are arcs on the right, returns
are arcs on the left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise

from workflow.definition.language import Definition, State
from workflow.definition.parts import Label
from workflow.definition.stages import awaited_in
from workflow.messages import InWords, Message, lazy

_WIDTH, _HEIGHT, _GAP, _MARGIN = 300, 46, 34, 10
_LANE = 9
"""Pixels between two arcs of neighbouring spans."""
_INK, _PALE, _WAY, _HERE, _PAPER = "#5b6470", "#b6bdc6", "#0b6b3a", "#0a58ca", "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stay of an item in a state; ``left`` is None where it still is."""

    state: str
    entered: datetime
    left: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One way between two states, with the labels of the transitions that take it."""

    source: str
    to: str
    labels: tuple[Label, ...]


def moves_of(definition: Definition) -> list[Edge]:
    """Return every move of the graph once, in the definition's order."""
    labels: dict[tuple[str, str], list[Label]] = {}
    for each in definition.transitions:
        for source in each.from_states:
            for to in each.to:
                labels.setdefault((source, to), []).append(each.label)
    return [
        Edge(source=source, to=to, labels=tuple(names)) for (source, to), names in labels.items()
    ]


def to_dot(definition: Definition, words: InWords = str) -> str:
    """Return the graph in Graphviz's language."""
    lines = [
        f'digraph "{definition.id}" {{',
        "  rankdir=TB;",
        '  node [shape=box, style=rounded, fontname="Be Vietnam Pro"];',
    ]
    for each in definition.states:
        double = ", peripheries=2" if each.final else ""
        lines.append(f"  {each.id} [label={_quoted(words(each.label))}{double}];")
    lines += [
        f"  {each.source} -> {each.to} [label={_quoted(', '.join(map(words, each.labels)))}];"
        for each in moves_of(definition)
    ]
    return "\n".join([*lines, "}", ""])


def to_mermaid(definition: Definition, words: InWords = str) -> str:
    """Return the graph as a mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f"  {each.id}: {_plain(words(each.label))}" for each in definition.states]
    lines += [f"  [*] --> {definition.initial}"]
    lines += [
        f"  {each.source} --> {each.to}: {_plain(', '.join(map(words, each.labels)))}"
        for each in moves_of(definition)
    ]
    lines += [f"  {each.id} --> [*]" for each in definition.states if each.final]
    return "\n".join([*lines, ""])


def to_svg(
    definition: Definition,
    visits: Sequence[Visit] = (),
    now: datetime | None = None,
    words: InWords = str,
) -> str:
    """Return the graph as SVG without styles or scripts; ``visits`` draw the way of one item.

    ``now`` ends the stay in the present state; ``words`` says labels in the reader's language.
    """
    places = {state.id: place for place, state in enumerate(definition.states)}
    moves = moves_of(definition)
    height = len(places) * (_HEIGHT + _GAP) - _GAP + 2 * _LANE
    left = _MARGIN + _widest(moves, places, is_down=False)
    width = left + _WIDTH + _widest(moves, places, is_down=True) + _MARGIN
    taken = {(first.state, then.state) for first, then in pairwise(visits)}
    spent = time_spent(visits, now)
    ordered = sorted(moves, key=lambda each: (each.source, each.to) in taken)
    body = [
        _arc(each, places, left, words, is_taken=(each.source, each.to) in taken)
        for each in ordered
    ]
    body += [
        _box(
            state,
            (left, _top(places[state.id])),
            _told(state, spent, words),
            words,
            is_here=bool(visits) and visits[-1].state == state.id,
        )
        for state in definition.states
    ]
    title = escape(words(lazy("Process diagram: {label}", label=definition.label)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" '
        'font-family="Be Vietnam Pro, Segoe UI, Arial, sans-serif" '
        f'role="img" aria-label="{title}"><title>{title}</title>'
        f"<defs>{_arrow('pale', _PALE)}{_arrow('way', _WAY)}</defs>{''.join(body)}</svg>\n"
    )


def _widest(moves: Sequence[Edge], places: dict[str, int], *, is_down: bool) -> int:
    """Return how far the arcs of one side bend outwards, in pixels."""
    side = (each for each in moves if (places[each.to] > places[each.source]) is is_down)
    return max((_reach(each, places) for each in side), default=0)


def time_spent(visits: Sequence[Visit], now: datetime | None) -> dict[str, timedelta]:
    """Return how long the item stayed in each state it came to."""
    spent: dict[str, timedelta] = {}
    for each in visits:
        spent[each.state] = spent.get(each.state, timedelta()) + (
            (each.left or now or each.entered) - each.entered
        )
    return spent


def duration_words(span: timedelta) -> Message:
    """Return a duration as people say it: days and hours, or minutes."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    days, hours = divmod(hours, 24)
    if days:
        return (
            lazy("{days} d {hours} h", days=days, hours=hours)
            if hours
            else lazy("{days} d", days=days)
        )
    if hours:
        return (
            lazy("{hours} h {minutes} min", hours=hours, minutes=minutes)
            if minutes
            else lazy("{hours} h", hours=hours)
        )
    return lazy("{minutes} min", minutes=minutes)


def _top(place: int) -> int:
    return _LANE + place * (_HEIGHT + _GAP)


def _reach(move: Edge, places: dict[str, int]) -> int:
    """Return how far an arc bends outwards, in pixels; a straight move not at all."""
    span = places[move.to] - places[move.source]
    return 0 if span == 1 else 14 + _LANE * min(abs(span), 12)


def _told(state: State, spent: Mapping[str, timedelta], words: InWords) -> str:
    """Return how long the item waited in ``state`` and for whom; empty where it never was."""
    if state.id not in spent:
        return ""
    time = words(duration_words(spent[state.id]))
    return time if state.final else f"{words(awaited_in(state))}: {time}"


def _box(
    state: State, corner: tuple[int, int], lower: str, words: InWords, *, is_here: bool
) -> str:
    stroke, weight = (_HERE, 3) if is_here else (_WAY, 2) if lower else (_PALE, 1)
    left, top = corner
    middle = left + _WIDTH // 2
    label_at = top + (20 if lower else 28)
    time = (
        f'<text x="{middle}" y="{top + 37}" text-anchor="middle" font-size="12" '
        f'fill="{stroke}">{escape(lower)}</text>'
        if lower
        else ""
    )
    double = (
        f'<rect x="{left + 4}" y="{top + 4}" width="{_WIDTH - 8}" height="{_HEIGHT - 8}" '
        f'rx="6" fill="none" stroke="{stroke}"/>'
        if state.final
        else ""
    )
    return (
        f'<g data-state="{state.id}">'
        f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="9" '
        f'fill="{_PAPER}" stroke="{stroke}" stroke-width="{weight}"/>{double}'
        f'<text x="{middle}" y="{label_at}" text-anchor="middle" font-size="14" '
        f'font-weight="{"700" if is_here else "400"}" fill="{_INK}">'
        f"{escape(words(state.label))}</text>{time}</g>"
    )


def _arc(move: Edge, places: dict[str, int], left: int, words: InWords, *, is_taken: bool) -> str:
    source, to = places[move.source], places[move.to]
    colour, kind, weight = (_WAY, "way", 2) if is_taken else (_PALE, "pale", 1)
    title = f"<title>{escape(', '.join(map(words, move.labels)))}</title>"
    middle = left + _WIDTH // 2
    if to == source + 1:
        line = f"M{middle} {_top(source) + _HEIGHT} V{_top(to) - 2}"
    else:
        is_down = to > source
        edge = left + _WIDTH if is_down else left
        reach = _reach(move, places)
        bend = edge + reach if is_down else edge - reach
        start, end = _top(source) + _HEIGHT // 2 - 6, _top(to) + _HEIGHT // 2 + 6
        line = f"M{edge} {start} C{bend} {start} {bend} {end} {edge + (2 if is_down else -2)} {end}"
    return (
        f'<path data-move="{move.source} {move.to}" d="{line}" fill="none" '
        f'stroke="{colour}" stroke-width="{weight}" marker-end="url(#{kind})">{title}</path>'
    )


def _arrow(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
        f'<path d="M0 0 L8 4 L0 8 z" fill="{colour}"/></marker>'
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(text: str) -> str:
    """Return ``text`` without what mermaid reads as its own."""
    return text.replace(":", " -").replace(";", ",").replace("\n", " ")
