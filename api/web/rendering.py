"""Pages and their frame: the templates and the menu.

Owns rendering. Autoescape and StrictUndefined are on; no page has an inline script, style or
handler. What a page shows is a subclass of ``Page``, and nothing else reaches its template.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache, wraps
from pathlib import Path
from typing import ClassVar

import jinja2
from fastapi import Request
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from api.auth.callers import application
from api.auth.sessions import Caller
from api.program_name import program
from api.web.dates import day_text, day_writer, due_writer, hour_and_day
from api.web.rich_text import rich
from notifications.translation import LANGUAGES, in_words, language, translate, translated
from workflow.commands.setup import Agency
from workflow.model import DRAFTERS, Person, Position
from workflow.people import (
    may_edit_definitions,
    may_manage_people,
    may_read_history,
    may_set_deadlines,
)

_TEMPLATES = Path(__file__).parent / "templates"
_BLOCKS = (
    "article|aside|body|br|caption|d[dlt]|details|div|fieldset|figure|footer|form|h[1-6]|"
    "head|header|html|legend|li|link|main|meta|nav|[ou]l|option|p|section|summary|"
    "t(?:able|body|d|h|head|r)"
)
"""The elements that begin and end a line by themselves."""
_AROUND_BLOCKS = re.compile(rf"""(?:\n\s*)?(</?(?:{_BLOCKS})\b(?:"[^"]*"|[^"<>])*>)(?:\s*\n\s*)?""")
_INDENT = re.compile(r"\n\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """One place in the navigation."""

    label: str
    href: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page."""

    agency: Agency
    person: Person | None
    menu: list[MenuEntry]
    here: str
    """The first part of the page's path, which marks its place in the menu."""
    is_demo: bool
    now_text: str
    day: Callable[[datetime | None], str]
    hour_text: Callable[[datetime], str]
    due_text: Callable[[datetime | None], str]
    may_draft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page shows: a subclass holds its values under the names that its template uses."""

    template: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A way on from a page."""

    href: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePage(Page):
    """A page that tells something and leads on."""

    template: ClassVar[str] = "sentence.html"
    heading: str
    sentences: Sequence[str]
    links: Sequence[PageLink]
    typed: Sequence[tuple[str, str]] = ()
    """What was entered, by label, so that a refusal loses nothing."""


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"rich": rich, "in_words": in_words, "day_text": day_text}
    environment.filters["join"] = _joining_words(environment.filters["join"])
    environment.finalize = _finalized
    environment.globals |= {
        "translate": _translated,
        "language": language,
        "languages": LANGUAGES,
        "program": program,
    }
    return environment


def _source(name: str) -> tuple[str, str, None]:
    """Return a template and its path, without the line ends and indents that no page shows.

    They are for who reads the template; sent, they would be a third of each page.
    """
    path = _TEMPLATES / name
    text = _AROUND_BLOCKS.sub(r"\1", path.read_text("utf-8"))
    return _INDENT.sub("\n", text), str(path), None


def _translated(template: object, plural: str = "", /, **values: object) -> Markup:
    """Translate a sentence in a page: what is filled in is escaped, unless it is markup itself."""
    if not isinstance(template, str):
        return escape(translate(template))
    found = escape(translated(template, plural, values.get("count")))
    return (
        found.format(**{name: in_words(value) for name, value in values.items()})
        if values
        else found
    )


def _joining_words(join: Callable[..., str]) -> Callable[..., str]:
    """Return Jinja's filter ``join``, which says each piece in the reader's language first.

    What is joined is text already when it is finalized, and ``str`` of a Message is its English.
    """

    @wraps(join)
    def joined(context: object, pieces: Iterable[object], *arguments: object) -> str:
        return join(context, map(in_words, pieces), *arguments)

    return joined


def _finalized(value: object) -> object:
    """Return what a template shows of ``value``: what the core said, in the reader's language."""
    return in_words(value)


def render_alone(page: Page, status: int = 200) -> HTMLResponse:
    """Return a page that has no frame around it."""
    return _rendered(page.template, _values(page), status)


def render_page(
    request: Request, asker: Caller | None, page: Page, status: int = 200
) -> HTMLResponse:
    """Return a page in the frame, with the menu of whoever asks."""
    values = {**_values(_frame(request, asker)), **_values(page)}
    return _rendered(page.template, values, status)


def _values(shown: Page | Frame) -> dict[str, object]:
    return {each.name: getattr(shown, each.name) for each in fields(shown)}


def _rendered(template: str, values: Mapping[str, object], status: int) -> HTMLResponse:
    return HTMLResponse(_environment().get_template(template).render(values), status_code=status)


def _frame(request: Request, asker: Caller | None) -> Frame:
    parts = application(request)
    return Frame(
        agency=parts.agency,
        person=asker.person if asker else None,
        menu=menu_of(asker.person) if asker else [],
        here="/" + request.url.path.strip("/").split("/")[0],
        is_demo=parts.is_demo,
        now_text=hour_and_day(parts, parts.clock.now()),
        day=day_writer(parts),
        hour_text=lambda moment: hour_and_day(parts, moment),
        due_text=due_writer(parts),
        may_draft=bool(asker and asker.person.position in DRAFTERS),
    )


def menu_of(person: Person) -> list[MenuEntry]:
    """Return the places that ``person`` may use."""
    entries = [MenuEntry(label=translate("My work"), href="/")]
    if person.position is not Position.ADMIN:
        entries += [
            MenuEntry(label=translate("Items"), href="/items"),
            MenuEntry(label=translate("Deadlines"), href="/deadlines"),
        ]
    if may_set_deadlines(person):
        entries.append(MenuEntry(label=translate("To mend"), href="/office"))
    if person.position is not Position.ADMIN:
        entries += [
            MenuEntry(label=translate("Campaigns"), href="/campaigns"),
            MenuEntry(label=translate("Good examples"), href="/merits"),
        ]
    if may_edit_definitions(person):
        entries.append(MenuEntry(label=translate("Processes"), href="/definitions"))
    if may_manage_people(person) or may_read_history(person):
        entries.append(MenuEntry(label=translate("People"), href="/people"))
    if may_read_history(person):
        entries.append(MenuEntry(label=translate("History"), href="/history"))
    if person.position is not Position.ADMIN:
        entries.append(MenuEntry(label=translate("Absences"), href="/standing-in"))
    return [*entries, MenuEntry(label=translate("Help"), href="/help")]
