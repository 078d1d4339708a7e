"""Moving open items to another version of their process, and back."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form
from api.web.pages.proposals import ProposalRow, to_proposal, waiting_about_process
from api.web.rendering import Page, render_page
from notifications.translation import translate
from workflow.commands.migrate_items import MigrateItems, judged_items
from workflow.commands.proposals import Proposed
from workflow.definition import Definition
from workflow.errors import NotFoundRefusal, Reason
from workflow.messages import lazy
from workflow.people import require_definition_editor
from workflow.rules import Rulebook
from workflow.values import counter

router = APIRouter(prefix="/definitions")
_MOVED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsToMove:
    """Open items on another version, with why they cannot move; no reason: they can."""

    version: int
    reasons: Sequence[Reason]
    codes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPage(Page):
    """The open items that are not under one version of their process."""

    template: ClassVar[str] = "migration.html"
    definition: Definition
    versions: Sequence[int]
    able: int
    total: int
    groups: Sequence[ItemsToMove]
    key: str
    proposals: Sequence[ProposalRow]
    at_once: int = _MOVED_AT_ONCE


@router.get("/{identity}/migrate")
async def show_migration(
    request: Request, parts: Parts, asker: Asker, identity: str, to: int | None = None
) -> Response:
    """Show which open items are on another version than the one chosen (the newest)."""
    require_definition_editor(asker.person)
    return render_page(request, asker, await _page(parts, asker, identity, to))


async def _page(parts: Application, asker: Caller, identity: str, to: int | None) -> MigrationPage:
    def load_page(connection: Connection) -> MigrationPage:
        versions = _versions(parts, connection, identity)
        target = _target(versions, max(versions) if to is None else to)
        judged = judged_items(parts.context, connection, target, asker.person.id)
        numbers = {book.hash: book.definition.version for book in versions.values()}
        return MigrationPage(
            definition=target.definition,
            versions=sorted(versions, reverse=True),
            able=sum(not reasons for _, reasons in judged),
            total=len(judged),
            groups=_grouped(
                (numbers[item.definition_hash], reasons, item.code) for item, reasons in judged
            ),
            key=secrets.token_hex(16),
            proposals=waiting_about_process(parts, connection, identity),
        )

    return await parts.database.report(load_page)


def _grouped(judged: Iterable[tuple[int, Sequence[Reason], str]]) -> list[ItemsToMove]:
    """Return items by version and by what holds them, those that can move first."""
    groups: dict[tuple[str, ...], tuple[int, Sequence[Reason], list[str]]] = {}
    for version, reasons, code in judged:
        key = (str(version), *map(str, reasons))
        groups.setdefault(key, (version, reasons, []))[2].append(code)
    return [
        ItemsToMove(version=version, reasons=reasons, codes=codes)
        for version, reasons, codes in sorted(groups.values(), key=lambda each: len(each[1]))
    ]


def _target(versions: dict[int, Rulebook], to: int) -> Rulebook:
    if to not in versions:
        raise NotFoundRefusal(lazy("this version of the process"))
    return versions[to]


def _versions(parts: Application, connection: Connection, identity: str) -> dict[int, Rulebook]:
    found = parts.context.rulebooks.versions_of(connection, identity)
    if not found:
        raise NotFoundRefusal(lazy("this process"))
    return found


@router.post("/{identity}/migrate")
async def migrate(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Move the items that can follow the chosen version, or propose it.

    The older version again takes them back.
    """
    require_definition_editor(asker.person)
    form = await read_form(request)
    to = counter(text_in(form, "to")) or 0

    def able(connection: Connection) -> tuple[str, list[str]]:
        target = _target(_versions(parts, connection, identity), to)
        judged = judged_items(parts.context, connection, target, asker.person.id)
        return target.hash, [item.code for item, reasons in judged if not reasons]

    to_hash, codes = await parts.database.report(able)
    moved = MigrateItems(
        cause=page_cause(asker, form), codes=tuple(codes[:_MOVED_AT_ONCE]), to_hash=to_hash
    )
    outcome = await parts.database.write(moved)
    if isinstance(outcome, Proposed):
        return to_proposal(request, asker, outcome.id)
    told = translate("Moved {moved} items.", moved=outcome)
    address = f"/definitions/{identity}/migrate?to={to}"
    return redirect_with_flash(request, asker, address, told)
