"""The filters of a list of items: as its address has them, as its page offers them.

And what lies beside an item in such a list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection
from starlette.datastructures import QueryParams

from api.auth.sessions import Caller
from api.composition import Application
from api.web.choices import Choices
from api.web.dates import day_text, iso_day
from notifications.translation import translate
from workflow import values
from workflow.context import code_in, search_of
from workflow.definition import Stage
from workflow.errors import InvalidRefusal
from workflow.messages import lazy
from workflow.model import Item
from workflow.people import scope_of
from workflow.queries import listing, people
from workflow.queries.best_first import best_first
from workflow.queries.campaigns import campaign_names
from workflow.queries.listing import ItemFilter, neighbours
from workflow.search_words import Sought

FILTERS: Final = ("q", "type", "state", "stage", "department", "campaign", "only", "since", "until")
ONLY: Final = {
    "waiting": lazy("Waiting for me"),
    "late": lazy("Late at a step"),
    "mine": lazy("Drafted by me"),
}
_STAGES = {
    Stage.DRAFTING: lazy("Being drafted"),
    Stage.ON_THE_WAY: lazy("Under way"),
    Stage.THROUGH: lazy("Sent"),
}
_LONGEST = 1000
"""Characters of a list's address that an item's page carries; a longer one is no list of ours."""


class ListOrder(StrEnum):
    """The orders of a list, as its address names them."""

    FIT = "fit"
    NEWEST = "new"
    DUE = "due"


_ORDERS = {
    ListOrder.FIT: lazy("Best match"),
    ListOrder.NEWEST: lazy("Newest"),
    ListOrder.DUE: lazy("Due first"),
}


def order_of(query: QueryParams) -> ListOrder:
    """Return the order that an address asks for, else the one that suits what it looks for."""
    possible = _orders(query)
    asked = next((each for each in possible if each == query.get("sort")), None)
    if asked is None and query.get("only") == "late" and ListOrder.FIT not in possible:
        return ListOrder.DUE
    return asked or possible[0]


def _orders(query: QueryParams) -> list[ListOrder]:
    q = query.get("q", "")
    return [*ListOrder] if q.strip() and code_in(q) is None else [ListOrder.NEWEST, ListOrder.DUE]


def wanted_by(
    parts: Application, connection: Connection, asker: Caller, query: QueryParams
) -> ItemFilter:
    """Return what the address asks for; a filter that is not known asks for nothing."""
    only, q = query.get("only", ""), query.get("q") or ""
    sought = search_of(q)
    code = code_in(q)
    return ItemFilter(
        code=code,
        text=sought if code is None else None,
        type=query.get("type") or None,
        state=query.get("state") or None,
        states=_states_of(parts, connection, _stage_of(query)),
        department=query.get("department") or None,
        campaign=query.get("campaign") or None,
        author=asker.person.id if only == "mine" else None,
        holder=asker.person.id if only == "waiting" else None,
        overdue_at=parts.clock.now() if only == "late" else None,
        due_since=_midnight(parts, query.get("since", "")),
        due_before=_midnight(parts, query.get("until", ""), days_later=1),
        is_by_due=order_of(query) is ListOrder.DUE,
    )


def _stage_of(query: QueryParams) -> str:
    """Return the stage that an address asks for, which it does of a campaign; else nothing."""
    stage = query.get("stage", "")
    return stage if stage in _STAGES and query.get("campaign") else ""


def _states_of(
    parts: Application, connection: Connection, stage: str
) -> frozenset[tuple[str, str]]:
    """Return the states in which items are at a stage, each with the hash of its definition."""
    books = parts.context.rulebooks.all(connection) if stage else ()
    return frozenset(
        (book.hash, state)
        for book in books
        for state, found in book.stages.items()
        if found == stage
    )


def _midnight(parts: Application, typed: str, *, days_later: int = 0) -> datetime | None:
    """Return when a day begins that was typed, or one so many days later; None of no day."""
    on = values.day(iso_day(typed))
    later = on + timedelta(days=days_later) if on else None
    return datetime.combine(later, time.min, parts.context.calendar.zone) if later else None


def is_search(address: str) -> bool:
    """Return whether the address of a list has one ordered by fit, which reads many contents."""
    return order_of(QueryParams(parse_qsl(address))) is ListOrder.FIT


def list_address(query: QueryParams, **more: str) -> str:
    """Return the query of a list's address, without where it stands in it."""
    kept = [
        (name, value)
        for name, value in query.multi_items()
        if name in (*FILTERS, "sort", "columns") and value
    ]
    return urlencode([*kept, *more.items()])


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChoice:
    """A state to choose in the list, or a lane of the board.

    An optional lane is left out where it is empty.
    """

    id: str
    label: str
    is_optional: bool
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilters:
    """What a list can be narrowed by, and what it is narrowed by now."""

    states: Choices
    types: Choices
    departments: Choices
    campaigns: Choices
    only: Choices
    query: Mapping[str, str]
    chips: Sequence[tuple[str, str]]
    """What is on: its words, and the address of the list without it."""
    is_by_due: bool
    sort: str
    """The order that the address asks for; empty where it asks for none."""
    orders: Sequence[tuple[str, str, str, bool]]
    """The orders that the list may have: id, what each is called, address, whether it is this."""


def list_filters(parts: Application, connection: Connection, query: QueryParams) -> ListFilters:
    """Return what a list can be narrowed by, and what ``query`` narrows it by."""
    newest, here = parts.context.rulebooks.newest(connection), order_of(query)
    choices: dict[str, Choices] = {
        "state": [(each.id, each.label) for each in state_choices(parts, connection)],
        "department": [(each.id, each.name) for each in people.all_departments(connection)],
        "type": [(each, translate(book.definition.label)) for each, book in newest.items()],
        "campaign": list(campaign_names(connection)),
        "only": [(each, translate(label)) for each, label in ONLY.items()],
        "stage": [(each, translate(_STAGES[each])) for each in _STAGES if each == _stage_of(query)],
    }
    return ListFilters(
        states=choices["state"],
        types=choices["type"],
        departments=choices["department"],
        campaigns=choices["campaign"],
        only=choices["only"],
        query={name: query.get(name, "") for name in FILTERS},
        chips=_chips(query, choices),
        is_by_due=here is ListOrder.DUE,
        sort=here if query.get("sort") else "",
        orders=[
            (
                each,
                translate(_ORDERS[each]),
                f"?{address_but(query, 'sort', sort=each)}",
                each is here,
            )
            for each in _orders(query)
        ],
    )


def address_but(query: QueryParams, *left_out: str, **more: str) -> str:
    """Return the query of a list's address without some of what it asks for."""
    rest = [pair for pair in query.multi_items() if pair[0] not in left_out]
    return list_address(QueryParams(rest), **more)


def _chips(query: QueryParams, choices: Mapping[str, Choices]) -> list[tuple[str, str]]:
    """Return each filter that is on in words, with the query of the list without it."""
    found = []
    for name in FILTERS:
        value = query.get(name, "")
        if name in choices:
            words = next((label for each, label in choices[name] if each == value), "")
        else:
            words = _typed_in_words(name, value) if value else ""
        if words:
            found.append((words, f"?{address_but(query, name)}"))
    return found


def _typed_in_words(name: str, value: str) -> str:
    if name == "q":
        return translate("“{q}”", q=value)
    on = values.day(iso_day(value))
    if on is None:
        return ""
    day = day_text(on)
    return (
        translate("due from {day}", day=day)
        if name == "since"
        else translate("due until {day}", day=day)
    )


def state_choices(
    parts: Application, connection: Connection, kind: str | None = None
) -> list[StateChoice]:
    """Return every state that an item may be in, of one kind or of all.

    The newest versions' come first, then what only older ones have.
    """
    newest = parts.context.rulebooks.newest(connection)
    books = [*newest.values(), *reversed(parts.context.rulebooks.all(connection))]
    choices: dict[str, StateChoice] = {}
    for place, book in enumerate(books):
        for state in book.definition.states if kind in (None, book.definition.id) else ():
            is_former = place >= len(newest)
            label = (
                translate("{label} (earlier version)", label=state.label_now)
                if is_former
                else translate(state.label_now)
            )
            choice = StateChoice(
                id=state.id,
                label=label,
                is_optional=is_former or state.final,
                is_final=state.final,
            )
            choices.setdefault(state.id, choice)
    return list(choices.values())


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
    if any("\0" in value for _, value in query.multi_items()):  # no list of ours has that
        return None
    try:
        wanted = wanted_by(parts, connection, asker, query)
    except InvalidRefusal:  # no list of ours asks for that much
        return None
    if order_of(query) is ListOrder.FIT:
        sought = Sought(query["q"])
        ranked = best_first(parts.context, connection, asker.person, wanted, sought)
        around = ranked.neighbours(connection, item.id)
    else:
        around = neighbours(connection, scope_of(asker.person), wanted, item.id)
    known = listing.items_by_id(connection, [each for each in around if each is not None])
    before, after = (known[each].code if each is not None else None for each in around)
    return Beside(within=list_address(query), before=before, after=after)
