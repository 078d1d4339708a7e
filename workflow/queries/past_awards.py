"""Imported awards of earlier years as pages and the interface read them. Nothing here writes."""

from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.errors import NotFoundRefusal
from workflow.lookups.given_awards import GivenAward, as_imported
from workflow.messages import lazy
from workflow.people import Scope
from workflow.store import past_awards
from workflow.store.past_awards import ImportedAward


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedView:
    """An imported award as it is kept, and as the register has it."""

    kept: ImportedAward
    given: GivenAward


def past_awards_for(
    context: Context, connection: Connection, scope: Scope, *, before: int | None, count: int
) -> list[ImportedView]:
    """Return up to ``count`` imported awards within ``scope`` below ``before``, newest first."""
    found = past_awards.past_awards_page(connection, scope, before=before, count=count)
    given = as_imported(context, connection, found)
    return [ImportedView(kept=kept, given=each) for kept, each in zip(found, given, strict=True)]


def past_award_for(
    context: Context, connection: Connection, scope: Scope, award: int
) -> ImportedView:
    """Return one within ``scope``. Raises NotFoundRefusal."""
    found = past_awards.past_awards_page(connection, scope, before=award + 1, count=1)
    if not found or found[0].id != award:
        raise NotFoundRefusal(lazy("this imported award"))
    (given,) = as_imported(context, connection, found)
    return ImportedView(kept=found[0], given=given)
