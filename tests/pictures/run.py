"""The command: serve what is asked for, take the pictures, print the table.

Owns its arguments and its folder.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.conftest import CAMPAIGN, Running, running_at
from tests.pictures import figures
from tests.pictures.agency import ROLES, Agency, with_many, with_one
from tests.pictures.camera import HEIGHTS, Camera, size
from tests.pictures.table import Shot, shots
from tests.runner import folder_in_memory
from workflow.store import schema

_LETTERS: Final = "mail"
_FIGURES: Final = "figures"
_FILLED: Final[dict[str, Callable[[Running], Agency]]] = {
    "empty": lambda running: Agency(running=running, values={"identity": CAMPAIGN}),
    "one": with_one,
    "many": with_many,
}
_SIZES: Final = (1440, 360)
_TITLES: Final = {
    "not taken": "Pictures that could not be taken",
    "status": "Pages that answered otherwise",
    "console": "Complaints of the console, the CSP's among them",
    "wider": "Wider than the screen",
    "native": "Controls that speak the browser's language",
}


def main() -> int:
    """Take the pictures asked for. Return the exit status."""
    options = _options()
    chosen = shots(options.only, options.roles)
    if options.list:
        print("\n".join(sorted({f"{each.full_name}" for each in chosen})))
        return 0
    is_for_letters, is_for_figures = (
        not options.only or name in options.only for name in (_LETTERS, _FIGURES)
    )
    if not (chosen or is_for_letters or is_for_figures):
        print("No picture has such a name; --list says which there are.", file=sys.stderr)
        return 2
    folder = options.folder or Path(tempfile.mkdtemp(prefix="thidua-pictures-"))
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {each.agency for each in chosen}
    if is_for_letters or is_for_figures:
        wanted.add("many")
    began = time.monotonic()
    with folder_in_memory(), _served(wanted) as agencies, _chromium() as browser:
        print(f"Served after {time.monotonic() - began:.0f} s: {', '.join(agencies)}", flush=True)
        camera = Camera(browser, folder, agencies, options.widths, options.themes)
        measured = _measures(camera, browser) if is_for_figures else []
        for shot in chosen:
            _take(camera, shot)
        if is_for_letters:
            _take_letters(camera, agencies["many"].running)
        print(f"{camera.taken} pictures in {time.monotonic() - began:.0f} s: {folder}", flush=True)
        figures.written(folder, [*measured, *_noted(camera)])
    return 0


def _options() -> argparse.Namespace:
    def names(text: str) -> list[str]:
        return [each for each in text.split(",") if each]

    parser = argparse.ArgumentParser(prog="python3 -m tests.pictures")
    parser.add_argument("folder", nargs="?", type=Path, help="where the pictures go")
    parser.add_argument(
        "--only", type=names, default=[], help="names of pages, * stands for any; mail, figures"
    )
    parser.add_argument(
        "--widths", type=lambda text: [int(each) for each in names(text)], default=[360, 1440]
    )
    parser.add_argument("--themes", type=names, default=["light", "dark"])
    parser.add_argument("--roles", type=names, default=[], help=", ".join([*ROLES, "nobody"]))
    parser.add_argument("--list", action="store_true", help="say the names, take nothing")
    return parser.parse_args()


@contextmanager
def _served(wanted: set[str]) -> Iterator[dict[str, Agency]]:
    """Serve the agencies that are looked at, each in a folder of its own."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="thidua-pictures-")))
        agencies = {}
        for name, filled in _FILLED.items():
            if name in wanted:
                running = held.enter_context(running_at("127.0.0.1", folder / name, ""))
                agencies[name] = filled(running)
        yield agencies


@contextmanager
def _chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _take(camera: Camera, shot: Shot) -> None:
    """Take a shot; one that fails is noted and stops no other."""
    from playwright.sync_api import Error

    try:
        camera.take(shot)
    except Error as error:
        camera.note("not taken", shot, str(error).splitlines()[0])


def _measures(camera: Camera, browser: Any) -> list[str]:
    """Return the lines of the table of figures."""
    lines = []
    for name, address in (("My work", "/"), ("Items", "/items")):
        for width in _SIZES:
            found = {}
            for role in ("officer", "head"):
                shot = Shot(name="measured", role=role, address=address)
                page = camera.open(shot, width)
                found[role] = figures.rows_above_the_fold(page)
            told = ", ".join(f"{role} {count}" for role, count in found.items())
            lines.append(f"{name}, rows whole at {width}×{HEIGHTS[width]}: {told}")
    for role, state in (("head", "submitted"), ("director", "office_reviewed")):
        shot = Shot(name="measured", role=role, address=f"/items/{{{state}}}")
        page = camera.open(shot, 360)
        is_seen = figures.is_decision_in_sight(page)
        lines.append(
            f"Decision of {role} at 360×740 without scrolling: {'yes' if is_seen else 'NO'}"
        )
        size(page, 1440)
    base_url = camera.agencies["many"].running.base_url
    for name, address in (("My work", "/"), ("Items", "/items")):
        context = browser.new_context(storage_state=camera.session("many", "officer"))
        first, later = figures.bytes_of_visits(context, base_url + address)
        lines.append(f"{name}, bytes of a first and a later visit: {first:,} and {later:,}")
        context.close()
    styles = figures.own_styles()
    lines += [f"Own style, compressed: {name} {count:,}" for name, count in styles.items()]
    return [*lines, f"Own style, compressed, in all: {sum(styles.values()):,}"]


def _noted(camera: Camera) -> list[str]:
    lines = []
    for kind, title in _TITLES.items():
        found = [each for each in camera.notes if each.kind == kind]
        lines += ["", f"{title}: {len(found)}"]
        lines += [f"  {each.where}: {each.what}" for each in found]
    return lines


def _take_letters(camera: Camera, running: Running) -> None:
    """Take the newest mail of each kind, those that ask for a decision once for each role."""
    outbox = schema.outbox
    with running.parts.engines.write.connect() as connection:
        kinds = dict(connection.execute(select(outbox.c.message_id, outbox.c.kind)).all())
    of_role = {email: role for role, email in ROLES.items()}
    found: dict[str, str] = {}
    for mail in running.mailbox.mails():
        kind = kinds.get(mail.message_id.strip("<>")) or kinds.get(mail.message_id)
        role = of_role.get(mail.recipient, "outside")
        what = f"{kind}_returned" if "trả lại" in mail.subject.lower() else kind
        name = f"mail_{what}-{role}" if kind == "task" else f"mail_{what}"
        found[name] = mail.html
    for name, body in sorted(found.items()):
        camera.take_letter(re.sub(r"[^\w-]", "_", name), body)
