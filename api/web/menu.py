"""The menu: the places of a person in three groups, and how many things wait in them.

Owns which place stands where. The counts are read by a dependency of every page's route, beside
what the page itself reads; a page of an error that came before has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeVar

from fastapi import Request
from sqlalchemy import Connection

from api.auth.callers import application, session_cookie
from api.auth.sessions import caller_by_session
from api.composition import Application
from api.web.menu_counts import (
    Kept,
    Mark,
    MenuCount,
    answers_for_deadlines,
    due_for,
    mark_of,
)
from api.web.pending_answers import asked_of
from notifications.mail_health import count_troubles
from notifications.translation import translate
from workflow.model import Person, Position
from workflow.people import (
    may_edit_definitions,
    may_manage_people,
    may_read_history,
    may_read_register,
    may_set_deadlines,
    may_watch,
)
from workflow.queries.listing import waiting_for

_T = TypeVar("_T")
_NONE: Final[Mapping[str, MenuCount]] = MappingProxyType({})
_BAR: Final = 4
"""How many places stand in the bar of a phone, beside the one that leads to the rest."""
_INSIDE: Final = {
    "/together": "/",
    "/proposals": "/",
    "/reminders": "/deadlines",
    "/extensions": "/deadlines",
    "/awards": "/merits",
    "/evaluation": "/merits",
    "/proceedings": "/privacy",
    "/findings": "/history",
    "/rounds": "/campaigns",
    "/dossiers": "/register",
    "/openings": "/history",
}
"""Pages that belong to a place of another address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """One place in the navigation."""

    label: str
    short: str
    """Its name in the bar of a phone: at most ten letters."""
    href: str
    icon: str
    count: MenuCount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuGroup:
    """The places of one subject."""

    label: str
    entries: Sequence[MenuEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """All places of one person."""

    groups: Sequence[MenuGroup]
    here: str
    """The address of the place that the page belongs to; nothing else is marked."""

    @property
    def bar(self) -> Sequence[MenuEntry]:
        """Return the places that stand in the bar of a phone."""
        return [each for group in self.groups for each in group.entries][:_BAR]

    @property
    def is_elsewhere(self) -> bool:
        """Return whether the page belongs to no place of the bar."""
        return self.here not in {each.href for each in self.bar}


def menu_of(person: Person, path: str, counts: Mapping[str, MenuCount]) -> Menu:
    """Return the places that ``person`` may use, seen from the page at ``path``."""
    groups = (
        MenuGroup(label=translate("Work"), entries=_work(person, counts)),
        MenuGroup(label=translate("Emulation"), entries=_movement(person)),
        MenuGroup(label=translate("Agency"), entries=_agency(person)),
    )
    known = [each.href for group in groups for each in group.entries]
    return Menu(groups=[each for each in groups if each.entries], here=_place_of(path, known))


def _place_of(path: str, known: Sequence[str]) -> str:
    """Return the place that a page belongs to: the nearest one above it, else another's."""
    first = "/" + path.strip("/").split("/")[0]
    above = [each for each in known if f"{path}/".startswith(f"{each}/")]
    return max(above, key=len, default=_INSIDE.get(first, first))


def _work(person: Person, counts: Mapping[str, MenuCount]) -> list[MenuEntry]:
    if person.position is Position.ADMIN:
        state = translate("State of the system")
        return [_entry("/", "circle-check", state, translate("System state"), counts)]
    entries = [
        _entry("/", "inbox", translate("My work"), translate("Work"), counts),
        _entry("/items", "file-text", translate("Items"), translate("Items")),
        _entry("/deadlines", "clock", translate("Deadlines"), translate("Deadlines"), counts),
    ]
    if may_set_deadlines(person):
        entries.append(
            _entry(
                "/office",
                "triangle-alert",
                translate("Needs attention"),
                translate("Attention"),
                counts,
            )
        )
    if may_read_register(person):
        entries.append(
            _entry("/register", "stamp", translate("Outgoing documents"), translate("Outgoing"))
        )
    return entries


def _movement(person: Person) -> list[MenuEntry]:
    if person.position is Position.ADMIN:
        return []
    return [
        _entry("/campaigns", "flag", translate("Plans, progress"), translate("Plans")),
        _entry(
            "/deadlines/quality",
            "chart-column",
            translate("Quality of handling"),
            translate("Quality"),
        ),
        _entry("/inspections", "check", translate("Inspections"), translate("Inspections")),
        _entry("/merits", "star", translate("Good examples"), translate("Examples")),
    ]


def _agency(person: Person) -> list[MenuEntry]:
    entries = []
    if may_edit_definitions(person):
        entries.append(
            _entry("/definitions", "workflow", translate("Processes"), translate("Processes"))
        )
    if may_manage_people(person) or may_read_history(person):
        entries.append(_entry("/people", "users", translate("People"), translate("People")))
    if may_read_history(person):
        entries.append(_entry("/history", "history", translate("History"), translate("History")))
    if person.position is not Position.ADMIN:
        entries.append(
            _entry("/standing-in", "calendar-off", translate("Absences"), translate("Absences"))
        )
    if may_watch(person):
        entries.append(
            _entry("/privacy", "shield", translate("Personal data"), translate("Personal"))
        )
    help_entry = _entry("/help", "circle-question-mark", translate("Help"), translate("Help"))
    return [*entries, help_entry]


def _entry(
    href: str, icon: str, label: str, short: str, counts: Mapping[str, MenuCount] = _NONE
) -> MenuEntry:
    return MenuEntry(label=label, short=short, href=href, icon=icon, count=counts.get(href))


async def count_menu(request: Request) -> None:
    """Note what the menu counts, for whoever has a session."""
    parts = application(request)
    cookie = request.cookies.get(session_cookie(parts.settings))
    if not cookie:
        return
    asker = await parts.database.read(lambda connection: _asker_of(parts, connection, cookie))
    if asker is None:
        return
    counts = {"/": asker.work}
    if answers_for_deadlines(asker.person):
        owed = await _find_or_load(parts, parts.counts.owed, asker.mark)
        counts["/deadlines"] = due_for(asker.person, owed, parts.context)
    if may_set_deadlines(asker.person):
        worries = await _find_or_load(parts, parts.counts.worries, asker.mark)
        counts["/office"] = replace(worries, waiting=worries.waiting + asker.troubles)
    request.state.menu_counts = {place: each for place, each in counts.items() if each.waiting}


def counts_of(request: Request) -> Mapping[str, MenuCount]:
    """Return what ``count_menu`` noted, by the address of its place."""
    found: Mapping[str, MenuCount] = getattr(request.state, "menu_counts", {})
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asker:
    """Who asks for a page, and what is counted for them alone."""

    person: Person
    work: MenuCount
    troubles: int
    mark: Mark


def _asker_of(parts: Application, connection: Connection, cookie: str) -> _Asker | None:
    caller = caller_by_session(parts.context, connection, cookie, keys=parts.keys)
    if caller is None:
        return None
    person, now = caller.person, parts.clock.now()
    waiting, _drafts = waiting_for(parts.context, connection, person.id)
    return _Asker(
        person=person,
        work=MenuCount(
            waiting=len(waiting) + asked_of(parts.context, connection, person).count,
            late=sum(each.due_at is not None and each.due_at < now for each in waiting),
        ),
        troubles=count_troubles(connection) if may_set_deadlines(person) else 0,
        mark=mark_of(parts.context, connection),
    )


async def _find_or_load(parts: Application, kept: Kept[_T], mark: Mark) -> _T:
    """Return a kept value; what holds no more is computed beside the event loop."""
    found = kept.find(mark)
    if found is not None:
        return found
    return await parts.database.report(lambda connection: kept.load(parts.context, connection))
