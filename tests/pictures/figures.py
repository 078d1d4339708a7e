"""What can be measured of pages as one sees them: rows above the fold, bytes, the style sheet.

Owns how each is measured; tests hold bounds of some.
"""

import gzip
from pathlib import Path
from typing import Any, Final

from api.bootstrap import ROOT
from api.web.style_sheet import SHEETS, style_sheet

STATIC: Final = ROOT / "api" / "web" / "static"
_FOLD_DEMO_BAR: Final = """() => {
    for (const each of document.querySelectorAll("form[action='/demo/advance']"))
        (each.closest("details, aside.demo") ?? each).remove();
}"""
_ROWS: Final = """() => {
    const code = /^\\/items\\/[A-Z]+-\\d+-\\d+(\\?|$)/;
    const rows = new Set([...document.querySelectorAll("main a[href]")]
        .filter((each) => code.test(each.getAttribute("href")))
        .map((each) => each.closest("li, tr, article") ?? each));
    const is_on_top = (row, x, y) => {
        const top = document.elementFromPoint(x, y);
        return top !== null && (row.contains(top) || top.contains(row));
    };
    return [...rows].filter((row) => {
        const box = row.getBoundingClientRect();
        const x = box.left + Math.min(24, box.width / 2);
        return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight
            && is_on_top(row, x, box.top + 3) && is_on_top(row, x, box.bottom - 3);
    }).length;
}"""
_DECISION: Final = """() => {
    const ways = "a[href*='/decide/'], button[name='decision'], form[action*='/decide'] button,"
        + " [data-decide], a[href='#decide'], .decide summary";
    return [...document.querySelectorAll(ways)].some((each) => {
        const box = each.getBoundingClientRect();
        if (!box.height || box.top < 0 || box.bottom > innerHeight) return false;
        const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return top !== null && each.contains(top);
    });
}"""


def rows_above_the_fold(page: Any) -> int:
    """Return how many items' rows are seen whole, with the bar of the demo folded."""
    page.evaluate(_FOLD_DEMO_BAR)
    page.evaluate("scrollTo(0, 0)")
    return int(page.evaluate(_ROWS))


def is_decision_in_sight(page: Any) -> bool:
    """Return whether one may decide, or begin to, without scrolling."""
    page.evaluate(_FOLD_DEMO_BAR)
    page.evaluate("scrollTo(0, 0)")
    return bool(page.evaluate(_DECISION))


def own_styles() -> dict[str, int]:
    """Return the compressed bytes of each of our own style sheets."""
    return {name: len(gzip.compress(style_sheet(name), 9)) for name in SHEETS}


def bytes_of_visits(context: Any, address: str) -> tuple[int, int]:
    """Return the bytes on the wire of a first visit to an address, and of a later one."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    counted = []
    for _ in range(2):
        sizes.clear()
        page.goto(address, wait_until="networkidle")
        counted.append(int(sum(sizes)))
    page.close()
    return counted[0], counted[1]


def written(folder: Path, lines: list[str]) -> None:
    """Print a table, and keep it beside the pictures."""
    text = "\n".join(lines) + "\n"
    print(text, flush=True)
    (folder / "figures.txt").write_text(text, "utf-8")
