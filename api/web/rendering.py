"""Pages and their frame: what a page holds, and what stands around it.

No page has an inline script, style or handler. What a page shows is a subclass of ``Page``, and
nothing else reaches its template.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import ClassVar

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from api.auth.callers import application
from api.auth.sessions import Caller
from api.web.compression import packed
from api.web.dates import (
    DueMark,
    day_writer,
    due_marker,
    due_writer,
    hour_and_day,
    short_day_writer,
)
from api.web.flash import Flash, drop_flash, take_flash
from api.web.help_tasks import help_address
from api.web.menu import Menu, counts_of, menu_of
from notifications.position_names import POSITIONS
from workflow.lookups.agency import Agency
from workflow.messages import Message
from workflow.model import DRAFTERS, Person
from workflow.people import may_watch

_AGAIN_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page."""

    agency: Agency
    person: Person | None
    position: Message | None
    menu: Menu | None
    is_demo: bool
    now_text: str
    now_short: str
    day: Callable[[datetime | None], str]
    short_day: Callable[[datetime | None], str]
    hour_text: Callable[[datetime], str]
    due_text: Callable[[datetime | None], str]
    due_mark: Callable[[datetime | None], DueMark]
    may_draft: bool
    may_watch: bool
    help_here: str
    """Where the help tells what to do on this page; none for strangers, and in the help."""
    told: Flash | None = None
    """What the change before this page is answered with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page shows: a subclass holds its values under the names that its template uses."""

    template: ClassVar[str]


def fresh_key() -> str:
    """Return the command id that a form is sent with."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage(Page):
    """A page with a form: its key, and what was typed and refused."""

    key: str = field(default_factory=fresh_key)
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[str] = ()


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
    is_error: bool = False


def render_alone(page: Page, status: int = 200) -> HTMLResponse:
    """Return a page that has no frame around it."""
    return _rendered(page.template, _values(page), status)


def render_page(request: Request, asker: Caller | None, page: Page, status: int = 200) -> Response:
    """Return a page in the frame, with the menu of whoever asks."""
    told = take_flash(request, asker)
    values = {**_values(replace(_frame(request, asker), told=told)), **_values(page)}
    response = _rendered(page.template, values, status)
    if told is not None:
        drop_flash(request, response)
    return packed(request, response)


def shown_again(response: Response, waited_for: object | None) -> Response:
    """Return a page that its browser asks for again and again, while there is what to wait for."""
    if waited_for is not None:
        response.headers["Refresh"] = str(_AGAIN_SECONDS)
    return response


def _values(shown: Page | Frame) -> dict[str, object]:
    return {each.name: getattr(shown, each.name) for each in fields(shown)}


def _rendered(template: str, values: Mapping[str, object], status: int) -> HTMLResponse:
    from api.web import environment  # noqa: PLC0415 - 35 ms, for the first page

    content = environment.templates().get_template(template).render(values)
    return HTMLResponse(content, status_code=status)


def _frame(request: Request, asker: Caller | None) -> Frame:
    parts = application(request)
    now = parts.clock.now()
    return Frame(
        agency=parts.agency,
        person=asker.person if asker else None,
        position=POSITIONS[asker.person.position] if asker else None,
        menu=menu_of(asker.person, request.url.path, counts_of(request)) if asker else None,
        is_demo=parts.is_demo,
        now_text=hour_and_day(parts, now),
        now_short=now.astimezone(parts.context.calendar.zone).strftime("%H:%M %d/%m"),
        day=day_writer(parts),
        short_day=short_day_writer(parts),
        hour_text=lambda moment: hour_and_day(parts, moment),
        due_text=due_writer(parts),
        due_mark=due_marker(parts),
        may_draft=bool(asker and asker.person.position in DRAFTERS),
        may_watch=bool(asker and may_watch(asker.person)),
        help_here=_help_here(request, asker),
    )


def _help_here(request: Request, asker: Caller | None) -> str:
    path = request.url.path
    return help_address(asker.person, path) if asker and not path.startswith("/help") else ""
