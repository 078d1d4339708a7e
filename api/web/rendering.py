"""The frame of every page: templates, menu, errors, static files.

Owns rendering. Autoescape and StrictUndefined are on; no page has an inline script, style or handler.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.auth.callers import application, known_caller
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import UnauthenticatedError
from api.program_name import program
from api.web.return_path import sign_in_address
from api.web.rich_text import rich
from notifications.mail_context import days_left
from notifications.translation import LANGUAGES, in_words, language, translate, translated
from workflow.model import DRAFTERS, Person, Position
from workflow.people import (
    may_edit_definitions,
    may_manage_people,
    may_read_history,
    may_set_deadlines,
)

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """One place in the navigation."""

    label: str
    href: str
    count: int = 0


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    import jinja2  # noqa: PLC0415 - the first page loads it, not the first answer

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"rich": rich, "in_words": in_words}
    environment.filters["join"] = _joining_words(environment.filters["join"])
    environment.finalize = _finalized
    environment.globals |= {
        "translate": _translated,
        "language": language,
        "languages": LANGUAGES,
        "program": program,
    }
    return environment


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


def render(template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Return a page."""
    return HTMLResponse(_environment().get_template(template).render(values), status_code=status)


def page(
    request: Request,
    asker: Caller | None,
    template: str,
    values: Mapping[str, Any],
    status: int = 200,
) -> HTMLResponse:
    """Return a page in the frame, with the menu of whoever asks."""
    parts = application(request)
    frame = {
        "agency": parts.agency,
        "person": asker.person if asker else None,
        "menu": menu_of(asker.person) if asker else [],
        "here": "/" + request.url.path.strip("/").split("/")[0],
        "is_demo": parts.is_demo,
        "now_text": hour_and_day(parts, parts.clock.now()),
        "day": day_writer(parts),
        "hour_text": lambda moment: hour_and_day(parts, moment),
        "due_text": due_writer(parts),
        "may_draft": bool(asker and asker.person.position in DRAFTERS),
    }
    return render(template, {**frame, **values}, status)


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


async def signed_in(request: Request) -> Caller:
    """Return who asks. Raises UnauthenticatedError, which leads to the sign-in page."""
    caller = await known_caller(request)
    if caller is None:
        raise UnauthenticatedError
    return caller


async def page_for_error(request: Request, error: Exception, status: int, detail: str) -> Response:
    """Return the page for an error: what happened, what to do; who is not signed in is led to the sign-in page."""
    if isinstance(error, UnauthenticatedError):
        return RedirectResponse(sign_in_address(request), status_code=303)
    if isinstance(error, RequestValidationError):
        detail = translate(
            "Something in the page's address or in what was sent is not right. Go back "
            "to the page before, look again, then try again."
        )
    headings = {
        403: translate("You cannot do this"),
        404: translate("This page was not found"),
        409: translate("The content has changed"),
        413: translate("The file or content is too large"),
        422: translate("What was sent is not valid yet"),
        429: translate("Tried too often"),
        503: translate("The server is busy"),
    }
    heading = headings.get(status, translate("The server had an error"))
    # Who asks lies in the database too: while that is away, nobody waits for it again.
    caller = None if status == _UNAVAILABLE else await _caller_or_none(request)
    links = [{"href": "/", "label": translate("To My work")}]
    return page(
        request,
        caller,
        "sentence.html",
        {"heading": heading, "sentences": detail.splitlines(), "typed": [], "links": links},
        status,
    )


async def _caller_or_none(request: Request) -> Caller | None:
    try:
        return await known_caller(request)
    except Exception:  # noqa: BLE001 - the page about an error must not fail on the same error
        return None


def day_writer(parts: Application) -> Callable[[datetime | None], str]:
    """Return a function that writes the local day of an instant as dd/MM/yyyy."""
    zone = parts.context.calendar.zone

    def day(moment: datetime | None) -> str:
        return "" if moment is None else moment.astimezone(zone).strftime("%d/%m/%Y")

    return day


def due_writer(parts: Application) -> Callable[[datetime | None], str]:
    """Return a function that says how far a due instant is, in working days."""
    calendar, now = parts.context.calendar, parts.clock.now()

    def due(moment: datetime | None) -> str:
        return "" if moment is None else days_left(calendar, now, moment)

    return due


def hour_and_day(parts: Application, moment: datetime) -> str:
    """Return an instant as ``HH:MM ngày dd/MM/yyyy``, local."""
    return moment.astimezone(parts.context.calendar.zone).strftime(translate("%H:%M on %d/%m/%Y"))
