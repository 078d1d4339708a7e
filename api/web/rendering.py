"""The frame of every page: templates, menu, errors, static files.

Owns rendering. Autoescape and StrictUndefined are on; no page has an inline script, style or handler.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
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
from api.web.static_files import Assets
from notifications.mail_context import days_left
from workflow.model import DRAFTERS, Person, Position
from workflow.people import may_edit_definitions, may_manage_people, may_read_history, may_set_deadlines
from workflow.speech import LANGUAGES, language, say, translated

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

    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["rich"] = rich
    environment.globals |= {"say": _say, "language": language, "languages": LANGUAGES, "program": program}
    return environment


def _say(template: str, **values: object) -> Markup:
    """Say a sentence in a page: what is filled in is escaped, unless it is markup itself."""
    found = escape(translated(template, values.get("count")))
    return found.format(**values) if values else found


def add_pages(app: FastAPI, parts: Application) -> None:
    """Add every page to the application; the demo's pages only in the demo, on this machine."""
    from api.web import hints  # noqa: PLC0415 - they import this module
    from api.web.pages import (  # noqa: PLC0415 - they import this module
        account,
        attention,
        autosave,
        back_planning,
        board,
        calendar,
        campaigns,
        deadlines,
        decide,
        definition_editor,
        definitions,
        delegations,
        demo,
        extensions,
        factors,
        feeds,
        help,
        history,
        item,
        item_actions,
        languages,
        link,
        lists,
        merits,
        more,
        people,
        print,
        reminders,
        versions,
        work,
    )

    app.mount("/static", Assets(directory=_FOLDER / "static"), name="static")
    about_items = (work, autosave, item_actions, lists, item, decide, print, link, versions)
    about_deadlines = (board, calendar, back_planning, extensions, deadlines, reminders, attention, feeds)
    about_people = (account, factors, languages, people, delegations, merits, campaigns)
    for module in (*about_people, *about_items, *about_deadlines, history, definition_editor, definitions, help, hints, more):
        app.include_router(module.router, include_in_schema=False)
    if parts.is_demo and parts.settings.is_loopback:
        app.include_router(demo.router, include_in_schema=False)


def render(template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Return a page."""
    return HTMLResponse(_environment().get_template(template).render(values), status_code=status)


def page(request: Request, asker: Caller | None, template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
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
    entries = [MenuEntry(label=say("Việc của tôi"), href="/")]
    if person.position is not Position.ADMIN:
        entries += [MenuEntry(label=say("Hồ sơ"), href="/items"), MenuEntry(label=say("Thời hạn"), href="/deadlines")]
    if may_set_deadlines(person):
        entries.append(MenuEntry(label=say("Cần xử lý"), href="/office"))
    if person.position is not Position.ADMIN:
        entries += [MenuEntry(label=say("Phong trào"), href="/campaigns"), MenuEntry(label=say("Gương tốt"), href="/merits")]
    if may_edit_definitions(person):
        entries.append(MenuEntry(label=say("Quy trình"), href="/definitions"))
    if may_manage_people(person) or may_read_history(person):
        entries.append(MenuEntry(label=say("Nhân sự"), href="/people"))
    if may_read_history(person):
        entries.append(MenuEntry(label=say("Lịch sử"), href="/history"))
    if person.position is not Position.ADMIN:
        entries.append(MenuEntry(label=say("Vắng mặt"), href="/standing-in"))
    return [*entries, MenuEntry(label=say("Trợ giúp"), href="/help")]


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
        detail = say("Địa chỉ trang hoặc nội dung gửi có chỗ chưa đúng. Hãy quay lại trang trước, xem lại rồi thử lại.")
    headings = {
        403: say("Bạn không thực hiện được việc này"),
        404: say("Không tìm thấy trang này"),
        409: say("Nội dung đã thay đổi"),
        413: say("Tệp hoặc nội dung quá lớn"),
        422: say("Nội dung gửi chưa hợp lệ"),
        429: say("Đã thử quá nhiều lần"),
        503: say("Máy chủ đang bận"),
    }
    heading = headings.get(status, say("Máy chủ gặp lỗi"))
    # Who asks lies in the database too: while that is away, nobody waits for it again.
    caller = None if status == _UNAVAILABLE else await _caller_or_none(request)
    links = [{"href": "/", "label": say("Về Việc của tôi")}]
    return page(request, caller, "sentence.html", {"heading": heading, "sentences": detail.splitlines(), "typed": [], "links": links}, status)


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
    return moment.astimezone(parts.context.calendar.zone).strftime(say("%H:%M ngày %d/%m/%Y"))
