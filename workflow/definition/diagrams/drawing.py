"""Draw a definition as DOT, mermaid and SVG; on the SVG also the way that one item has gone.

The layout is our own and small: states stand in a column in the definition's order, each in the
lane of whom it waits for. Moves to the next state are straight and say their label; moves further
down run along a rail on the right, one for each state they lead to; all that lead back share one
dashed rail on the left.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import groupby, pairwise
from textwrap import shorten, wrap

from workflow.definition.language import Definition, State
from workflow.definition.parts import Label
from workflow.definition.stages import awaited_in, desk_of
from workflow.messages import InWords, Message, lazy
from workflow.model import PersonId

_WIDTH, _HEIGHT, _MARGIN = 264, 48, 8
_LANE_NAME, _BACK, _AHEAD = 112, 32, 18
"""Pixels for the lane's name, for the rail that leads back, and between two rails ahead."""
_ROW, _LAST_ROW = 88, 64
"""A row's height: whole dashes, so that moves on one rail are drawn as one; ends have no label."""
_DASH = 8
_LABEL_AT = 28
_LETTER, _LINE = 7, 18
"""Pixels that a letter takes on the average, and a line."""
STYLE = """\
.flow text{font-size:14px;fill:var(--ink)}
.flow .band{fill:var(--canvas);stroke:var(--line)}
.flow .who,.flow .told,.flow .way{font-size:13px;fill:var(--ink-2)}
.flow .box{fill:var(--paper);stroke:var(--edge)}
.flow .move{fill:none;stroke:var(--edge);stroke-width:1.5}
.flow .back{stroke-dasharray:4}
.flow .tip{fill:var(--edge)}
.flow .here .box{stroke:var(--brand);stroke-width:2.5}
"""
"""How a process looks; the style sheet of the pages has it from here."""
_ALONE = """\
svg{color-scheme:light dark;--ink:#1a1a1a;--ink-2:#55524e;--paper:#fff;--canvas:#f7f6f4;
--line:#e0ddd8;--edge:#8a857e;--brand:#a01c20;--done:#1c5e34;--done-w:#e7f3ea}
@media (prefers-color-scheme:dark){svg{--ink:#ececec;--ink-2:#b3b0ab;--paper:#1b1b1c;
--canvas:#121213;--line:#353536;--edge:#7d7a76;--brand:#b92d32;--done:#8fd0a3;--done-w:#17301e}}
.flow{font-family:"Be Vietnam Pro","Segoe UI",system-ui,sans-serif}
.flow .passed .box{fill:var(--done-w);stroke:var(--done)}
.flow .here .name{font-weight:600}
.flow .passed .told{fill:var(--done)}
.flow .tick{fill:none}
.flow .taken,.flow .tick{stroke:var(--done);stroke-width:2}
.flow .spot{fill:var(--brand)}
.flow .tip-way{fill:var(--done)}
"""
"""What a drawing that stands alone says itself: colours, letters, and the way of an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stay of an item in a state; ``left`` is None where it still is."""

    state: str
    entered: datetime
    left: datetime | None
    seats: tuple[PersonId, ...] = ()
    """For whose decision it waited when it came there."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Where everything stands: the top of each state's row, and the rail of each state ahead."""

    tops: Mapping[str, int]
    order: Mapping[str, int]
    rails: Mapping[str, int]
    said: Mapping[str, Sequence[str]]
    """What the moves on the rail to a state are called, in lines."""
    left: int
    width: int
    height: int

    @classmethod
    def of(cls, definition: Definition, moves: Sequence[Edge], words: InWords) -> "_Plan":
        """Lay the states out from top to bottom."""
        order = {state.id: place for place, state in enumerate(definition.states)}
        tops, height = {}, _DASH
        for state in definition.states:
            tops[state.id] = height
            height += _LAST_ROW if state.final else _ROW
        left = _MARGIN + _LANE_NAME + _BACK
        ahead: dict[str, list[str]] = {}
        for each in moves:
            if order[each.to] > order[each.source] + 1:
                ahead.setdefault(each.to, []).extend(map(words, each.labels))
        targets = sorted(ahead, key=lambda each: order[each])
        right = left + _WIDTH
        rails = {to: right + _AHEAD * (place + 1) for place, to in enumerate(targets)}
        said = {to: _lines(", ".join(dict.fromkeys(ahead[to]))) for to in targets}
        longest = max((len(line) for lines in said.values() for line in lines), default=0)
        width = right + _AHEAD * (len(targets) + 1) + longest * _LETTER + 2 * _MARGIN
        return cls(
            tops=tops,
            order=order,
            rails=rails,
            said=said,
            left=left,
            width=width,
            height=height + _DASH,
        )

    def middle(self, state: str) -> int:
        """Return how far down the middle of a state's box is."""
        return self.tops[state] + _DASH + _HEIGHT // 2


def to_svg(
    definition: Definition,
    visits: Sequence[Visit] = (),
    now: datetime | None = None,
    words: InWords = str,
    *,
    stands_alone: bool = False,
) -> str:
    """Return the graph as SVG without scripts; ``visits`` draw the way of one item.

    ``now`` ends the stay in the present state; ``words`` says labels in the reader's language. A
    drawing that ``stands_alone`` brings its style along; on a page the page's own sheet has it.
    """
    moves = moves_of(definition)
    plan = _Plan.of(definition, moves, words)
    beside = max(plan.rails.values(), default=0) + 10
    taken = {(first.state, then.state) for first, then in pairwise(visits)}
    spent = time_spent(visits, now)
    ordered = sorted(moves, key=lambda each: (each.source, each.to) in taken)
    body = [*_bands(definition, plan, words)]
    body += [_line(each, plan, words, is_taken=(each.source, each.to) in taken) for each in ordered]
    for to, said in plan.said.items():
        top = plan.middle(to) + 14 - _LINE * len(said) // 2
        body += _texts("way", (beside, top), said)
    body += [
        _box(state, plan, spent, words, is_here=bool(visits) and visits[-1].state == state.id)
        for state in definition.states
    ]
    title = escape(words(lazy("Process diagram: {label}", label=definition.label)))
    style = f"<style>{STYLE}{_ALONE}</style>" if stands_alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" '
        f'viewBox="0 0 {plan.width} {plan.height}" width="{plan.width}" height="{plan.height}" '
        f'role="img" aria-label="{title}"><title>{title}</title>{style}'
        f"<defs>{_arrow('pale', 'tip')}{_arrow('way', 'tip-way')}</defs>{''.join(body)}</svg>\n"
    )


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


def _told(state: State, spent: Mapping[str, timedelta], words: InWords) -> str:
    """Return how long the item waited in ``state`` and for whom; of no item, how long it may."""
    if state.id not in spent:
        return _time_allowed(state, words) if not spent else ""
    time = words(duration_words(spent[state.id]))
    return time if state.final else f"{words(awaited_in(state))}: {time}"


def _time_allowed(state: State, words: InWords) -> str:
    days = state.working_days
    return words(lazy("{count} working day", "{count} working days", count=days)) if days else ""


def _bands(definition: Definition, plan: _Plan, words: InWords) -> Iterator[str]:
    """Yield the lanes: neighbouring states that wait for the same are in one."""
    for desk, lane in groupby(definition.states, key=lambda state: words(desk_of(state))):
        states = list(lane)
        top, last = plan.tops[states[0].id], states[-1]
        height = plan.tops[last.id] + (_LAST_ROW if last.final else _ROW) - top
        name = desk[:1].upper() + desk[1:]
        said = "".join(_texts("who", (_MARGIN + 12, top + 28), _lines(name)))
        yield (
            f'<g data-lane="{escape(name)}"><rect class="band" x="{_MARGIN}" y="{top}" '
            f'width="{plan.width - 2 * _MARGIN}" height="{height}"/>{said}</g>'
        )


_MARKS = {
    "passed": '<path class="tick" d="M{x} {y} l5 5 l9 -10"/>',
    "here": '<path class="spot" d="M{x} {y} a6 6 0 1 0 12 0 a6 6 0 1 0 -12 0"/>',
}


def _box(
    state: State, plan: _Plan, spent: Mapping[str, timedelta], words: InWords, *, is_here: bool
) -> str:
    left, top = plan.left, plan.tops[state.id] + _DASH
    told, is_passed = _told(state, spent, words), state.id in spent and not is_here
    look = "here" if is_here else "passed" if is_passed else ""
    label = words(state.label if is_passed or state.final else state.label_now)
    mark = _MARKS[look].format(x=left + _WIDTH - 28, y=top + _HEIGHT // 2) if look else ""
    lower = _text("told", (left + 14, top + 39), told) if told else ""
    name = _text(
        "name", (left + 14, top + (21 if told else 29)), _cut(label, (_WIDTH - 48) // _LETTER)
    )
    return (
        f'<g data-state="{state.id}" class="{look}"><title>{escape(label)}</title>'
        f'<rect class="box" x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'rx="{_HEIGHT // 2 if state.final else 6}"/>'
        f"{name}{lower}{mark}</g>"
    )


def _cut(text: str, letters: int = 40) -> str:
    return shorten(text, letters, placeholder="…")


def _lines(text: str) -> list[str]:
    """Return a text as it stands beside the boxes: in few short lines."""
    return wrap(text, _LANE_NAME // _LETTER, max_lines=3, placeholder="…")


def _texts(look: str, place: tuple[int, int], lines: Sequence[str]) -> Iterator[str]:
    left, top = place
    for number, line in enumerate(lines):
        yield _text(look, (left, top + _LINE * number), line)


def _text(look: str, place: tuple[int, int], said: str) -> str:
    return f'<text class="{look}" x="{place[0]}" y="{place[1]}">{escape(said)}</text>'


def _line(move: Edge, plan: _Plan, words: InWords, *, is_taken: bool) -> str:
    """Return a move as a line with its arrow, its label beside it where it is straight."""
    source, to = plan.order[move.source], plan.order[move.to]
    start, end = plan.middle(move.source), plan.middle(move.to)
    left, right = plan.left, plan.left + _WIDTH
    labels = ", ".join(map(words, move.labels))
    look, said = ("move", "")
    if to == source + 1:
        line = f"M{left + _LABEL_AT} {start + _HEIGHT // 2} V{end - _HEIGHT // 2 - 1}"
        said = _text("way", (left + _LABEL_AT + 12, plan.tops[move.to] - 8), _cut(labels))
    elif to > source:
        rail = plan.rails[move.to]
        line = f"M{right} {start + 8} H{rail - 6} q6 0 6 6 V{end - 6} q0 6 -6 6 H{right + 1}"
    else:
        rail = left - _BACK // 2
        look = "move back"
        line = f"M{left} {start} H{rail + 6} q-6 0 -6 -6 V{end + 14} q0 -6 6 -6 H{left - 1}"
    look, tip = (f"{look} taken", "way") if is_taken else (look, "pale")
    return (
        f'<path data-move="{move.source} {move.to}" class="{look}" d="{line}" '
        f'marker-end="url(#{tip})"><title>{escape(labels)}</title></path>{said}'
    )


def _arrow(name: str, look: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path class="{look}" d="M0 0 L8 4 L0 8 z"/></marker>'
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(text: str) -> str:
    """Return ``text`` without what mermaid reads as its own."""
    return text.replace(":", " -").replace(";", ",").replace("\n", " ")
