"""The style sheets: of the pages, of the page behind a link, of what is printed.

Owns of which parts each is put together and their order, in which later rules win. How the drawing
of a process looks is said by the drawing, which also stands alone.
"""

from functools import cache
from pathlib import Path
from typing import Final

from workflow.definition.diagrams.drawing import STYLE

NAME: Final = "site.css"
"""The sheet of the pages."""
PARTS: Final = Path(__file__).parent / "styles"
_BEFORE: Final = ("base", "frame", "lists", "records", "forms", "pages")
_AFTER: Final = ("editor", "print")
_ALONE: Final = {"link.css": "link", "paper.css": "paper"}
SHEETS: Final = (NAME, *_ALONE)
_SPACES: Final = (
    *((" {", "{"), ("{ ", "{"), (" }", "}"), ("; ", ";"), (", ", ",")),
    *((" > ", ">"), (': "', ':"')),
)
"""What stands in the parts for their writers, and without it."""


@cache
def style_sheet(name: str = NAME) -> bytes:
    """Return a whole sheet of SHEETS, without comments and the spaces that are for its writers."""
    if part := _ALONE.get(name):
        return _part(part).encode()
    return "".join((*map(_part, _BEFORE), STYLE, *map(_part, _AFTER))).encode()


def _part(name: str) -> str:
    lines = (PARTS / f"{name}.css").read_text("utf-8").splitlines(keepends=True)
    rules = "".join(each for each in lines if not each.startswith("/*"))
    for spaced, tight in _SPACES:
        rules = rules.replace(spaced, tight)
    return "".join(line.strip() for line in rules.splitlines())
