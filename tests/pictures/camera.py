"""The browser that takes the pictures, and what it notices on the way.

Owns how a page is opened, its files, and the notes on it: complaints of the console, what is wider
than the screen, controls that speak the browser's language.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.acceptance.test_every_address import NOBODY
from tests.pictures.agency import ROLES, Agency
from tests.pictures.table import Shot

HEIGHTS: Final = {360: 740, 768: 1024, 1440: 900, 1920: 1080}
_MOST_HIGH: Final = 16_000
"""What the browser draws at once."""
_OF_PAPER: Final = 794
"""A4 at 96 points an inch."""
WIDER: Final = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return "";
    const out = [...document.querySelectorAll("body *")]
        .filter((each) => each.getBoundingClientRect().right > wide + 1);
    return out.length ? out.at(-1).outerHTML.slice(0, 80) : "the page";
}"""
NATIVE: Final = """() => {
    const types = ["date", "time", "datetime-local", "month", "week", "file"];
    const shown = (each) => {
        const box = each.getBoundingClientRect(), style = getComputedStyle(each);
        return box.width > 2 && box.height > 2 && style.visibility !== "hidden"
            && style.opacity !== "0" && style.clipPath === "none"
            && !(each.type === "file" && style.color === "rgba(0, 0, 0, 0)");
    };
    const found = [...document.querySelectorAll("input")]
        .filter((each) => types.includes(each.type) && shown(each))
        .map((each) => each.type + " " + (each.id || each.name));
    const speaks = (each) => each.willValidate && !each.validity.valid;
    for (const form of document.querySelectorAll("form:not([novalidate])"))
        for (const each of form.elements)
            if (speaks(each)) found.push("validation " + (each.id || each.name));
    return found;
}"""
"""What speaks the language of the browser: pickers, and the words of its own validation."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be mended: of what kind, in which picture, and what exactly."""

    kind: str
    where: str
    what: str


@dataclass
class Camera:
    """Takes pictures of served agencies into a folder."""

    browser: Any
    folder: Path
    agencies: dict[str, Agency]
    widths: Iterable[int]
    themes: Iterable[str]
    notes: list[Note] = field(default_factory=list)
    taken: int = 0
    _pages: dict[tuple[str, str, bool, str], Any] = field(default_factory=dict)
    _signed_in: dict[tuple[str, str], Any] = field(default_factory=dict)
    _sessions: dict[Any, Any] = field(default_factory=dict)
    _said: list[str] = field(default_factory=list)

    def open(self, shot: Shot, width: int) -> Any:
        """Return a page that shows a shot. The page of the same reader is used again."""
        agency = self.agencies[shot.agency]
        is_link = shot.address.startswith(("{link_", "/a/"))
        key = (shot.agency, NOBODY if is_link else shot.role, shot.scripts, shot.language)
        if key not in self._pages:
            self._pages[key] = self._new_page(shot, *key[1:])
        page = self._pages[key]
        size(page, width)
        page.emulate_media(color_scheme="light", media="screen")
        self._said.clear()
        values = {**agency.values, "lanh_su": "department=lanh-su"}
        answer = page.goto(agency.running.base_url + shot.address.format_map(values))
        if shot.status not in {0, answer.status}:
            self.note("status", shot, f"answered {answer.status}")
        if key[1] != NOBODY and "/sign-in" in page.url:
            self.note("status", shot, "led to the page for signing in")
        if shot.act is not None:
            shot.act(page)
        page.evaluate("() => document.fonts.ready.then(() => true)")
        self._look(page, shot)
        if wider := page.evaluate(WIDER):
            self.note("wider", shot, f"{width}: {wider}")
        return page

    def _new_page(self, shot: Shot, role: str, scripts: bool, language: str) -> Any:  # noqa: FBT001
        running = self.agencies[shot.agency].running
        context = self.browser.new_context(
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="en-US",
            storage_state=self.session(shot.agency, role),
        )
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": "language", "value": language, "url": running.base_url}])
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._said.append(str(error)))
        return page

    def _hear(self, told: Any) -> None:
        if told.type == "error":
            self._said.append(f"{told.text} {told.location['url']}")

    def session(self, agency: str, role: str) -> Any:
        """Return the cookies of a role: one session for all its pages, of which people have few."""
        if (agency, role) not in self._signed_in:
            context = self.browser.new_context()
            if role != NOBODY:
                running = self.agencies[agency].running
                running.run(running.parts.limits.forget())
                form = {"email": ROLES[role]}
                context.request.post(f"{running.base_url}/demo/sign-in", form=form)
            self._signed_in[agency, role] = context.storage_state()
            context.close()
        return self._signed_in[agency, role]

    def _look(self, page: Any, shot: Shot) -> None:
        is_refused = shot.status != 200
        for each in self._said:
            if not (is_refused and "Failed to load resource" in each):
                self.note("console", shot, each)
        for each in page.evaluate(NATIVE):
            self.note("native", shot, each)

    def note(self, kind: str, shot: Shot, what: str) -> None:
        """Keep something to be mended; the same once only."""
        note = Note(kind, shot.full_name, what)
        if note not in self.notes:
            self.notes.append(note)

    def take(self, shot: Shot) -> None:
        """Take the pictures of a shot: each width and theme, full page and above the fold."""
        widths = [_OF_PAPER] if shot.is_printed else [*self.widths]
        page = self.open(shot, widths[0])
        for width in widths:
            size(page, width)
            if wider := page.evaluate(WIDER):
                self.note("wider", shot, f"{width}: {wider}")
            for theme in ["light"] if shot.is_printed else self.themes:
                page.emulate_media(
                    color_scheme=theme, media="print" if shot.is_printed else "screen"
                )
                name = f"{shot.full_name}-{width}-{theme}"
                height = page.evaluate("document.documentElement.scrollHeight")
                self._shoot(page, f"{name}.png", height)
                is_cut = height > page.viewport_size["height"] and not shot.is_printed
                if is_cut and theme == "light":
                    self._shoot(page, f"{name}-fold.png")

    def _shoot(self, page: Any, file: str, height: int = 0) -> None:
        """Take what is seen; with a ``height``, the whole page, on a screen that is as high."""
        before = page.viewport_size
        if height > before["height"]:
            page.set_viewport_size({**before, "height": min(height, _MOST_HIGH)})
        if page not in self._sessions:
            self._sessions[page] = page.context.new_cdp_session(page)
        # Three times as fast as the screenshot of the page, which packs as small as can be.
        told = self._sessions[page].send("Page.captureScreenshot", {"optimizeForSpeed": True})
        (self.folder / file).write_bytes(base64.b64decode(told["data"]))
        page.set_viewport_size(before)
        self.taken += 1

    def take_letter(self, name: str, body: str) -> None:
        """Take the pictures of a mail, as a program for mail shows it."""
        page = self.browser.new_context().new_page()
        for width in (360, 640):
            page.set_viewport_size({"width": width, "height": 740})
            for theme in self.themes:
                page.emulate_media(color_scheme=theme)
                page.set_content(body)
                height = page.evaluate("document.documentElement.scrollHeight")
                self._shoot(page, f"{name}-{width}-{theme}.png", height)
        page.context.close()


def size(page: Any, width: int) -> None:
    """Give a page the screen of a width."""
    page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
