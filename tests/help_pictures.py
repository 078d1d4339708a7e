"""The pictures of the help pages and of the README.

``python3 -m tests --help-pictures tests/browser/test_help_pictures.py`` makes them anew. Owns what
each picture shows, and the words that it showed: one whose page says something else is stale.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.conftest import CAMPAIGN

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "api" / "web" / "static" / "help"
RECORD: Final = FOLDER / "pictures.json"
_CHANGING: Final = re.compile(
    r"https?://\S+|\b[0-9a-f]{8,}…?\b|\b(?:DN|BC)-\d{4}-\d{4}\b"
    r"|\d+ (?:min|phút)|\d{2}:\d{2}|\d{2}/\d{2}(?:/\d{4})?"
)
"""Links, hashes, codes, times and minutes: they differ from run to run and make no picture stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: its name, whose page it is, its size, and how to come to the page."""

    name: str
    email: str
    address: Callable[[Any], str]
    width: int = 1040
    height: int = 540
    languages: Sequence[str] = ("vi", "en")


def _item(running: Any, state: str) -> str:
    return f"/items/{running.item_in(state)['code']}"


def _deadlines(running: Any) -> str:
    for kind, due_at in (("interim", "2022-06-17T17:00"), ("nominations", "2022-06-30T17:00")):
        departments = ["hop-tac-quoc-te", "lanh-su", "quan-ly-bien-gioi"]
        answer = running.client("officer@so.example").post(
            "/deadlines",
            json={
                "campaign": CAMPAIGN,
                "kind": kind,
                "departments": departments,
                "due_at": f"{due_at}:00+07:00",
            },
        )
        answer.raise_for_status()
    return "/deadlines"


PICTURES: Final = (
    Picture(
        name="staff",
        height=480,
        email="staff.htqt@so.example",
        address=lambda running: _item(running, "submitted"),
    ),
    Picture(
        name="approver",
        email="head.htqt@so.example",
        width=390,
        height=760,
        address=lambda running: running.link_for(
            running.item_in("submitted")["code"], "head.htqt@so.example"
        ).removeprefix(running.base_url),
    ),
    Picture(
        name="office", email="officer@so.example", height=640, address=lambda _: "/deadlines/new"
    ),
    Picture(
        name="director",
        email="director@so.example",
        address=lambda running: _item(running, "office_reviewed") + "/decide/sign_director",
    ),
    Picture(
        name="clerk",
        email="clerk@so.example",
        height=436,
        address=lambda running: _item(running, "director_signed") + "/decide/send_to_board",
    ),
    Picture(name="auditor", email="auditor@so.example", height=460, address=lambda _: "/history"),
    Picture(
        name="admin",
        email="admin@so.example",
        height=560,
        address=lambda _: "/definitions/nomination/changes",
    ),
    Picture(
        name="readme-work",
        email="head.htqt@so.example",
        width=1100,
        height=470,
        languages=("en",),
        address=lambda running: running.item_in("submitted") and "/",
    ),
    Picture(
        name="readme-item",
        email="head.htqt@so.example",
        width=360,
        height=740,
        languages=("en",),
        address=lambda running: _item(running, "submitted"),
    ),
    Picture(
        name="readme-deadlines",
        email="officer@so.example",
        width=1200,
        height=560,
        languages=("en",),
        address=_deadlines,
    ),
)


LETTER: Final = "letter"
"""The mail that asks a head to decide; it stands in the approver's page, and in the README."""
OF_A_PAGE: Final = ", ".join(
    f"main {each}" for each in ("h1", "h2", "label", "legend", "button", "th", "summary")
)
OF_A_LETTER: Final = "p, h1, td > div, a"


def words_of(page: Any, selector: str = OF_A_PAGE) -> str:
    """Return a hash of what a page says, without what differs from run to run."""
    text = page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)]
            .map((each) => each.textContent.replace(/\\s+/g, " ").trim()).join("\\n")""",
        selector,
    )
    return hashlib.sha256(_CHANGING.sub("#", text).encode()).hexdigest()


def smaller(page: Any, png: bytes) -> bytes:
    """Return a picture as WebP, which the browser itself makes, so that a page stays light."""
    encoded = page.evaluate(
        """async (data) => {
            const image = new Image();
            image.src = "data:image/png;base64," + data;
            await image.decode();
            const canvas = document.createElement("canvas");
            Object.assign(canvas, { width: image.width, height: image.height });
            canvas.getContext("2d").drawImage(image, 0, 0);
            return canvas.toDataURL("image/webp", 0.5).split(",")[1];
        }""",
        base64.b64encode(png).decode(),
    )
    return base64.b64decode(encoded)


def recorded() -> dict[str, str]:
    """Return the words that each picture showed, by its file."""
    return dict(json.loads(RECORD.read_text("utf-8"))) if RECORD.exists() else {}
