"""The style sheets: of the pages, of the page behind a link, of what is printed.

Owns of which parts each is put together and their order, in which later rules win: what holds for
some widths only stands behind all else, and packs smaller so. Values with names are sent under a
letter each. How the drawing of a process looks is said by the drawing, which also stands alone.
"""

import re
from collections import Counter
from functools import cache
from itertools import product
from pathlib import Path
from string import ascii_lowercase
from typing import Final

from workflow.definition.diagrams.drawing import STYLE

NAME: Final = "site.css"
"""The sheet of the pages."""
PARTS: Final = Path(__file__).parent / "styles"
_BEFORE: Final = ("base", "frame", "lists", "records", "forms", "pages")
_AFTER: Final = "editor"
_ON_PAPER: Final = "print"
_ALONE: Final = {"link.css": "link", "paper.css": "paper"}
SHEETS: Final = (NAME, *_ALONE)
_SPACES: Final = (
    *((" {", "{"), ("{ ", "{"), (" }", "}"), ("; ", ";"), (", ", ",")),
    *((" > ", ">"), (': "', ':"'), (" !", "!")),
)
"""What stands in the parts for their writers, and without it."""
_NAMED: Final = re.compile(r"--[a-z][a-z0-9-]*")
_RULE: Final = re.compile(r"\{([^{}]*)\}")
_OF_WIDTHS: Final = re.compile(
    r"@media \((min|max)-width:(\d+)px\)\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
)


@cache
def style_sheet(name: str = NAME) -> bytes:
    """Return a whole sheet of SHEETS, as it is sent."""
    return _with_short_names(rules_of(name)).encode()


def rules_of(name: str = NAME) -> str:
    """Return a whole sheet of SHEETS, without comments and the spaces that are for its writers."""
    if part := _ALONE.get(name):
        return _part(part)
    rules = _by_width("".join((*map(_part, _BEFORE), "".join(STYLE.splitlines()), _part(_AFTER))))
    return rules + _part(_ON_PAPER)


def _with_short_names(rules: str) -> str:
    """Return rules in which each value that has a name has a letter or two for it."""
    counted = Counter(_NAMED.findall(rules))
    letters = (*ascii_lowercase, *map("".join, product(ascii_lowercase, repeat=2)))
    short = dict(zip((name for name, _ in counted.most_common()), letters, strict=False))
    return _NAMED.sub(lambda found: f"--{short[found[0]]}", rules)


def _by_width(rules: str) -> str:
    """Return rules with those of one range of widths together and last: the wider, the later.

    Of the ranges up to a width, it is the narrower that comes later.
    """
    found: dict[tuple[str, int], str] = {}

    def taken(match: re.Match[str]) -> str:
        place = (match[1], int(match[2]) * (-1 if match[1] == "max" else 1))
        found[place] = found.get(place, "") + match[3]
        return ""

    rest = _OF_WIDTHS.sub(taken, rules)
    return rest + "".join(
        f"@media ({side}-width:{abs(width)}px){{{own}}}"
        for (side, width), own in sorted(found.items())
    )


def _part(name: str) -> str:
    lines = (PARTS / f"{name}.css").read_text("utf-8").splitlines(keepends=True)
    rules = "".join(each for each in lines if not each.startswith("/*"))
    for spaced, tight in _SPACES:
        rules = rules.replace(spaced, tight)
    return _RULE.sub(_in_order, "".join(line.strip() for line in rules.splitlines()))


def _in_order(rule: re.Match[str]) -> str:
    """Return what a rule declares, by name: packs smaller, and keeps shorthands first."""
    declared = (each.strip() for each in rule[1].split(";"))
    return "{" + ";".join(sorted(filter(None, declared), key=lambda each: each.split(":")[0])) + "}"
