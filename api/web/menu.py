"""The menu: the places of a person in three groups, and how many things wait in them.

Owns which place stands where. The counts are read by a dependency of every page's route, beside
what the page itself reads; a page of an error that came before has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from sqlalchemy import Connection

from api.auth.callers import application, session_cookie
from api.auth.sessions import caller_by_session
from api.composition import Application
from api.web.asked import asked_of
from notifications.translation import translate
from workflow.model import Person, Position
from workflow.people import (
    may_edit_definitions,
    may_manage_people,
    may_read_history,
    may_set_deadlines,
    may_watch,
)
from workflow.queries.listing import waiting_for

_BAR: Final = 4
"""How many places stand in the bar of a phone, beside the one that leads to the rest."""
_INSIDE: Final = {
    "/together": "/",
    "/proposals": "/",
    "/reminders": "/deadlines",
    "/extensions": "/deadlines",
    "/awards": "/merits",
    "/findings": "/history",
    "/rounds": "/campaigns",
    "/openings": "/history",
}
"""Pages that belong to a place of another address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuCount:
    """How many things wait in a place, and how many of them are late."""

    waiting: int
    late: int = 0


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
    first = "/" + path.strip("/").split("/")[0]
    groups = (
        MenuGroup(label=translate("Work"), entries=_work(person, counts)),
        MenuGroup(label=translate("Movement"), entries=_movement(person)),
        MenuGroup(label=translate("Agency"), entries=_agency(person)),
    )
    return Menu(groups=[each for each in groups if each.entries], here=_INSIDE.get(first, first))


def _work(person: Person, counts: Mapping[str, MenuCount]) -> list[MenuEntry]:
    entries = [
        MenuEntry(
            label=translate("My work"),
            short=translate("Work"),
            href="/",
            icon="inbox",
            count=counts.get("/"),
        )
    ]
    if person.position is not Position.ADMIN:
        entries += [
            _entry("/items", "file-text", translate("Items"), translate("Items")),
            _entry("/deadlines", "clock", translate("Deadlines"), translate("Deadlines")),
        ]
    if may_set_deadlines(person):
        entries.append(
            _entry("/office", "triangle-alert", translate("To mend"), translate("To mend"))
        )
    return entries


def _movement(person: Person) -> list[MenuEntry]:
    if person.position is Position.ADMIN:
        return []
    return [
        _entry("/campaigns", "flag", translate("Plans, progress"), translate("Plans")),
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


def _entry(href: str, icon: str, label: str, short: str) -> MenuEntry:
    return MenuEntry(label=label, short=short, href=href, icon=icon)


async def count_menu(request: Request) -> None:
    """Note what the menu counts, for whoever has a session."""
    parts = application(request)
    cookie = request.cookies.get(session_cookie(parts.settings))
    if cookie:
        request.state.menu_counts = await parts.database.read(
            lambda connection: _counts(parts, connection, cookie)
        )


def counts_of(request: Request) -> Mapping[str, MenuCount]:
    """Return what ``count_menu`` noted, by the address of its place."""
    found: Mapping[str, MenuCount] = getattr(request.state, "menu_counts", {})
    return found


def _counts(parts: Application, connection: Connection, cookie: str) -> dict[str, MenuCount]:
    caller = caller_by_session(parts.context, connection, cookie)
    if caller is None:
        return {}
    waiting, _drafts = waiting_for(parts.context, connection, caller.person.id)
    count = len(waiting) + asked_of(parts.context, connection, caller.person).count
    now = parts.clock.now()
    late = sum(each.due_at is not None and each.due_at < now for each in waiting)
    return {"/": MenuCount(waiting=count, late=late)} if count else {}
