"""The filters of a list of items as its address has them, and what lies beside an item there."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection
from starlette.datastructures import QueryParams

from api.auth.sessions import Caller
from api.composition import Application
from workflow.context import code_in, search_of
from workflow.errors import InvalidRefusal
from workflow.model import Item
from workflow.people import scope_of
from workflow.queries import listing
from workflow.queries.listing import ItemFilter, neighbours

FILTERS: Final = ("q", "type", "state", "department", "campaign", "only")
_LONGEST = 1000
"""Characters of a list's address that an item's page carries; a longer one is no list of ours."""


def wanted_by(parts: Application, asker: Caller, query: QueryParams) -> ItemFilter:
    """Return what the address asks for; a filter that is not known asks for nothing."""
    only, q = query.get("only", ""), query.get("q") or ""
    sought = search_of(q)
    code = code_in(q)
    return ItemFilter(
        code=code,
        text=sought if code is None else None,
        type=query.get("type") or None,
        state=query.get("state") or None,
        department=query.get("department") or None,
        campaign=query.get("campaign") or None,
        author=asker.person.id if only == "mine" else None,
        holder=asker.person.id if only == "waiting" else None,
        overdue_at=parts.clock.now() if only == "late" else None,
    )


def list_address(query: QueryParams, **more: str) -> str:
    """Return the query of a list's address, without where it stands in it."""
    kept = [
        (name, value)
        for name, value in query.multi_items()
        if name in (*FILTERS, "columns") and value
    ]
    return urlencode([*kept, *more.items()])


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The list that an item was opened from, and the items before and after it, if any."""

    within: str
    """The query of the list's address."""
    before: str | None
    after: str | None


def beside(
    parts: Application, connection: Connection, asker: Caller, item: Item, within: str | None
) -> Beside | None:
    """Return what lies beside ``item`` in the list whose address has the query ``within``.

    None where it was opened from no list.
    """
    if within is None or len(within) > _LONGEST:
        return None
    query = QueryParams(parse_qsl(within))
    try:
        wanted = wanted_by(parts, asker, query)
    except InvalidRefusal:  # no list of ours asks for that much
        return None
    newer, older = neighbours(connection, scope_of(asker.person), wanted, item.id)
    known = listing.items_by_id(connection, [each for each in (newer, older) if each is not None])
    before, after = (known[each].code if each is not None else None for each in (newer, older))
    return Beside(within=list_address(query), before=before, after=after)
