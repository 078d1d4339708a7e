"""Every piece that pages are put together from, on one page: it looks as it is recorded.

What is recorded is how each element is styled, not its pixels: the same on every machine. With
``--help-pictures`` the record is made anew, with ``--pictures FOLDER`` pictures are kept to look at.
"""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from api.web import environment
from api.web.errors import FormError
from api.web.style_sheet import SHEETS, style_sheet
from tests.browser.conftest import CHROMIUM
from tests.browser.test_accessibility import RULES

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)
HERE = Path(__file__).parent
RECORD = HERE / "gallery.json"
STATIC = environment._TEMPLATES.parent / "static"
KINDS = {
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".js": "text/javascript",
    ".woff2": "font/woff2",
}
VIEWS = ((1440, "light"), (1440, "dark"), (360, "light"), (360, "dark"))
STYLES = """() => {
  const found = {};
  const asked = ["color", "background-color", "border-top-color", "border-top-width", "border-radius",
    "font-size", "font-weight", "min-height", "display", "position"];
  for (const piece of document.querySelectorAll("[data-piece]")) {
    for (const each of piece.querySelectorAll("*")) {
      if (each.closest("svg") && each.tagName !== "svg") continue;
      const kind = each.getAttribute("type") ? `[${each.getAttribute("type")}]` : "";
      const name = [each.tagName.toLowerCase() + kind, ...each.classList].join(".");
      const style = getComputedStyle(each);
      found[`${piece.dataset.piece}: ${name}`] ??= asked.map((one) => style.getPropertyValue(one)).join("; ");
    }
  }
  return found;
}"""


def fulfil(route):
    """Answer as the product would: the gallery, or a static file."""
    path = route.request.url.removeprefix("http://gallery.example/")
    if path.startswith("static/"):
        file = STATIC / path.removeprefix("static/")
        body = style_sheet(file.name) if file.name in SHEETS else file.read_bytes()
        route.fulfill(body=body, content_type=KINDS[file.suffix])
    else:
        errors = [FormError.at("title", "Tiêu đề cần có ít nhất một chữ."), "Một điều khác."]
        shown = environment.templates().from_string((HERE / "gallery.html").read_text("utf-8"))
        route.fulfill(body=shown.render(errors=errors), content_type="text/html; charset=utf-8")


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def gallery(request, chromium):
    width, scheme = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.route("**/*", fulfil)
    page.goto("http://gallery.example/")
    page.evaluate("document.fonts.ready")
    yield page, f"{width}-{scheme}"
    context.close()


def test_each_piece_is_styled_as_recorded(gallery, pytestconfig):
    page, view = gallery
    styles = page.evaluate(STYLES)
    folder = pytestconfig.getoption("--pictures")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/gallery-{view}.png", full_page=True)
    known = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    first = f"{VIEWS[0][0]}-{VIEWS[0][1]}"
    if pytestconfig.getoption("--help-pictures"):
        base = {} if view == first else known[first]
        known[view] = {name: each for name, each in styles.items() if base.get(name) != each}
        RECORD.write_text(json.dumps(known, indent=0, sort_keys=True) + "\n", "utf-8")
    assert {**known[first], **known[view]} == styles, (
        "a piece looks otherwise: run with --help-pictures and --pictures FOLDER, and look at it"
    )


def test_controls_and_rows_have_the_measures_of_the_look(gallery):
    page, view = gallery
    heights = page.evaluate(
        """() => Object.fromEntries([["button", "[data-piece=buttons] .btn.primary"],
            ["field", "#title"], ["choice", ".option"], ["row", ".row:last-child"]]
            .map(([name, one]) => [name, document.querySelector(one).offsetHeight]))"""
    )
    tall = 48 if view.startswith("360") else 40
    assert heights["button"] == heights["field"] == tall
    assert heights["choice"] >= tall
    assert 56 <= heights["row"] <= (60 if tall == 40 else 120)


def test_nothing_is_wider_than_the_screen_and_every_icon_is_drawn(gallery):
    page, _ = gallery
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sprite = (STATIC / "vendor/icons.svg").read_text("utf-8")
    drawn = page.evaluate(
        "[...document.querySelectorAll('use')].map((each) => each.getAttribute('href').split('#')[1])"
    )
    assert drawn
    assert [each for each in drawn if f'<symbol id="{each}"' not in sprite] == []


def test_axe_finds_nothing_in_the_gallery(gallery):
    page, _ = gallery
    answer = Axe().run(page, options=RULES).response
    told = [
        (each["id"], [node["html"][:120] for node in each["nodes"]][:3])
        for each in answer["violations"]
    ]
    assert told == []
