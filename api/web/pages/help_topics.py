"""Help inside the product: a page for each role and language, searchable without diacritics."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import Asker
from api.program_name import program
from api.web.rendering import Page, render_page
from notifications.translation import language
from workflow.context import searchable
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Person, Position

router = APIRouter(prefix="/help")
_FOLDER = Path(__file__).parents[2] / "help"
_ORDER = ("staff", "approver", "office", "director", "clerk", "auditor", "admin")
_OWN = {
    Position.STAFF: "staff",
    Position.HEAD: "approver",
    Position.DEPUTY: "approver",
    Position.CHIEF: "office",
    Position.OFFICER: "office",
    Position.DIRECTOR: "director",
    Position.DEPUTY_DIRECTOR: "director",
    Position.CLERK: "clerk",
    Position.AUDITOR: "auditor",
    Position.ADMIN: "admin",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A page of help: its name in the address, heading, HTML, and what a search looks at."""

    name: str
    heading: str
    text: str
    """In CommonMark."""
    found_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage(Page):
    """The topics that hold what was searched for, or one of them whole; ``own``: the reader's."""

    template: ClassVar[str] = "help.html"
    topics: Sequence[Topic]
    own: str
    q: str = ""
    topic: Topic | None = None


@cache
def topics(code: str) -> dict[str, Topic]:
    """Return every page of help in one language, in the order of the menu."""
    found: dict[str, Topic] = {}
    for name in _ORDER:
        text = (
            (_FOLDER / code / f"{name}.md").read_text("utf-8").replace("`thidua ", f"`{program()} ")
        )
        heading, _, body = text.partition("\n")
        found[name] = Topic(
            name=name,
            heading=heading.removeprefix("# ").strip(),
            text=body,
            found_by=searchable(text),
        )
    return found


def help_for(person: Person) -> str:
    """Return the name of a person's own page of help."""
    return _OWN[person.position]


@router.get("")
async def list_topics(request: Request, asker: Asker, q: str = "") -> Response:
    """Show the asker's own page of help first; with ``q`` only those that hold every word of it."""
    words = searchable(q[:200]).split()
    every = topics(language())
    own = help_for(asker.person)
    ordered = [every[own], *(each for each in every.values() if each.name != own)]
    found = [each for each in ordered if all(word in each.found_by for word in words)]
    return render_page(request, asker, HelpPage(topics=found, own=own, q=q[:200]))


@router.get("/{name}")
async def show_topic(request: Request, asker: Asker, name: str) -> Response:
    """Show one page of help."""
    every = topics(language())
    topic = every.get(name)
    if topic is None:
        raise NotFoundRefusal(lazy("this help page"))
    shown = HelpPage(topics=list(every.values()), own=help_for(asker.person), topic=topic)
    return render_page(request, asker, shown)
