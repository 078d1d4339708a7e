"""Processes, as those who work by them may read them: drawing, steps, who may do what, promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.web.dates import day_writer
from api.web.list_files import list_file
from api.web.pages.definition_drafts import has_draft
from api.web.promises import promises_of
from api.web.rendering import Page, render_page
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.definition import Definition, LegalBasis, to_svg
from workflow.definition.stages import desk_of
from workflow.messages import Message, lazy
from workflow.people import may_edit_definitions
from workflow.queries.permission_matrix import permission_matrix
from workflow.rules import Rulebook

router = APIRouter(prefix="/definitions")
_COLUMNS = (
    lazy("Process"),
    lazy("Code"),
    lazy("Version"),
    lazy("Codes begin with"),
    lazy("State"),
    lazy("Legal basis"),
    lazy("Content code"),
)
_POSITION_NAMES: Mapping[str, Message] = {
    "author": lazy("Author"),
    "clock": lazy("The system, when the time of the step is over"),
    **{each.value: name for each, name in POSITIONS.items()},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessesPage(Page):
    """The newest version of every process."""

    template: ClassVar[str] = "processes.html"
    rulebooks: Sequence[Rulebook]
    since: Mapping[str, str]
    """Since which day each version is published, by its hash."""
    drafts: Sequence[str]
    desks: Mapping[str, str]
    """Across whose desks an item goes, by the id of the process."""
    may_edit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPage(Page):
    """The newest version of one process."""

    template: ClassVar[str] = "process.html"
    definition: Definition
    hash: str
    since: str
    svg: str
    roles: Mapping[str, str]
    """What those are called who may do something, in the order of the table."""
    permissions: Mapping[str, Mapping[str, str]]
    """What may be done in a state, by its id and by who may do it."""
    promises: Sequence[str]
    in_force: Sequence[LegalBasis]
    not_in_force: Sequence[LegalBasis]
    may_edit: bool


@router.get("")
async def list_processes(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show every process with its newest version."""

    def read(connection: Connection) -> ProcessesPage:
        newest = parts.context.rulebooks.newest(connection)
        return ProcessesPage(
            rulebooks=list(newest.values()),
            since=_days(parts, parts.context.rulebooks.published_at(connection)),
            desks={name: _desks(book.definition) for name, book in newest.items()},
            drafts=[name for name in newest if may_edit and has_draft(parts, name)],
            may_edit=may_edit,
        )

    may_edit = may_edit_definitions(asker.person)
    return render_page(request, asker, await parts.database.report(read))


def _days(parts: Application, times: Mapping[str, datetime]) -> dict[str, str]:
    day = day_writer(parts)
    return {name: day(at) for name, at in times.items()}


def _desks(definition: Definition) -> str:
    names = [translate(desk_of(each)) for each in definition.states if not each.final]
    return " → ".join(each[:1].upper() + each[1:] for each in dict.fromkeys(names))


@router.get(".xlsx")
async def download_processes(parts: Parts, _asker: Asker) -> Response:
    """Return the newest version of every process as a sheet, a line each state."""
    newest = await parts.database.read(parts.context.rulebooks.newest)
    rows = [
        [
            translate(book.definition.label),
            book.definition.id,
            book.definition.version,
            book.definition.code_prefix,
            translate(state.label),
            translate(state.article) if state.article else "",
            book.hash,
        ]
        for book in newest.values()
        for state in book.definition.states
    ]
    return await list_file(parts, lazy("Processes"), _COLUMNS, rows, file="quy-trinh")


@router.get("/{identity}")
async def show_process(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Show the newest version of a process."""
    rulebook, times = await parts.database.read(
        lambda connection: (
            parts.context.rulebooks.newest_of(connection, identity),
            parts.context.rulebooks.published_at(connection),
        )
    )
    today = parts.context.calendar.local_day(parts.clock.now())
    bases = rulebook.definition.legal_basis
    permissions = _permissions(rulebook)
    able = set(chain.from_iterable(permissions.values()))
    shown = ProcessPage(
        definition=rulebook.definition,
        hash=rulebook.hash,
        since=_days(parts, times)[rulebook.hash],
        svg=to_svg(rulebook.definition, words=translate),
        roles={each: translate(name) for each, name in _POSITION_NAMES.items() if each in able},
        permissions=permissions,
        promises=promises_of(rulebook.definition),
        in_force=[each for each in bases if each.is_in_force(today)],
        not_in_force=[each for each in bases if not each.is_in_force(today)],
        may_edit=may_edit_definitions(asker.person),
    )
    return render_page(request, asker, shown)


def _permissions(rulebook: Rulebook) -> dict[str, dict[str, str]]:
    """Return what may be done in each state, in words, by who may do it."""
    labels = {each.id: translate(each.label) for each in rulebook.definition.transitions}
    found: dict[str, dict[str, str]] = {}
    for each in permission_matrix(rulebook):
        what = "; ".join(labels[name] for name in each.transitions)
        found.setdefault(each.state, {})[each.position] = what
    return found
