"""The style sheet of the pages: parts by what they serve, one file to a browser.

Owns which parts there are and their order, in which later rules win. How the drawing of a process
looks is said by the drawing, which also stands alone.
"""

from functools import cache
from pathlib import Path
from typing import Final

from workflow.definition.diagrams.drawing import STYLE

NAME: Final = "site.css"
PARTS: Final = Path(__file__).parent / "styles"
_BEFORE: Final = ("base", "frame", "lists", "records", "forms", "pages")
_AFTER: Final = ("editor", "print")


@cache
def style_sheet() -> bytes:
    """Return the whole style sheet, without comments and the spaces that are for its writers."""
    return "".join((*map(_part, _BEFORE), STYLE, *map(_part, _AFTER))).encode()


def _part(name: str) -> str:
    lines = (PARTS / f"{name}.css").read_text("utf-8").splitlines(keepends=True)
    rules = "".join(each for each in lines if not each.startswith("/*"))
    for spaced, tight in (("{ ", "{"), (" }", "}"), ("; ", ";"), (", ", ","), (" > ", ">")):
        rules = rules.replace(spaced, tight)
    return "".join(line.strip() for line in rules.splitlines())
