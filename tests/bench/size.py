"""Every list query, and decisions, with 250,000 items and 1,000,000 entries."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles

from sqlalchemy import Connection, func, select

from tests.bench.connections import new_url
from tests.bench.decisions import our_round
from tests.bench.lists import grown
from tests.bench.product import CAMPAIGN, Product, fill, open_product
from tests.bench.results import Line, ratio
from workflow.people import scope_of
from workflow.queries.history import EntryFilter, newest_found
from workflow.queries.listing import ItemFilter, count_items, held_by, item_ids, items_by_id
from workflow.store import people, schema

_PAGE, _DEEP = 50, 1000
_ASKED = 60
_CALLERS = 8
Query = Callable[[Connection], object]


def queries(product: Product, connection: Connection) -> dict[str, Query]:
    """Return what lists ask, by name; those of the first and of a deep page among them."""
    known = {each.email: each for each in people.all_people(connection)}
    officer, staff = known["officer@so.example"], known["staff.htqt@so.example"]
    items = schema.items.c
    newest = connection.execute(select(items.code).order_by(items.id.desc()).limit(1)).scalar_one()
    of_items = select(items.id).order_by(items.id.desc()).limit(1)
    deep = connection.execute(of_items.offset(_DEEP * _PAGE)).scalar()
    entry = connection.execute(select(func.max(schema.history.c.id))).scalar_one()
    now = product.parts.clock.now()
    wanted = {
        "all": ItemFilter(),
        "state": ItemFilter(state="submitted"),
        "state and kind": ItemFilter(state="director_signed", type="nomination"),
        "campaign": ItemFilter(campaign=CAMPAIGN),
        "late": ItemFilter(overdue_at=now),
        "by due day": ItemFilter(is_by_due=True),
        "of an author": ItemFilter(author=staff.id),
        "held by somebody": ItemFilter(holder=officer.id),
        "words, often": ItemFilter(text="de nghi"),
        "words, once": ItemFilter(text=newest.casefold()),
        "words, never": ItemFilter(text="khong co dau"),
        "words, never in a state": ItemFilter(text="khong co dau", state="submitted"),
    }
    scopes = {"": scope_of(officer), "own department, ": scope_of(staff)}

    def page(scope: str, each: ItemFilter, before: int | None = None) -> Query:
        return lambda connection: item_ids(
            connection, scopes[scope], each, before=before, count=_PAGE + 1
        )

    def entries(each: EntryFilter, before: int | None = None) -> Query:
        return lambda connection: newest_found(connection, each, before=before, count=_PAGE + 1)

    found = {
        f"{scope}{name}": page(scope, each) for scope in scopes for name, each in wanted.items()
    }
    found["my work"] = lambda connection: items_by_id(
        connection, held_by(connection, officer.id)[:200]
    )
    found["history"] = entries(EntryFilter())
    found["history, in the middle"] = entries(EntryFilter(), entry // 2)
    found["history of a person"] = entries(EntryFilter(person=officer.id))
    found["count of all"] = lambda connection: count_items(connection, scopes[""], ItemFilter())
    if deep is not None:
        found["all, page 1,000"] = page("", ItemFilter(), deep)
    return found


def took(connection: Connection, query: Query) -> tuple[float, float]:
    """Return the median and the 99th percentile of a query, in milliseconds."""
    spent = []
    for _ in range(_ASKED + 2):
        began = time.perf_counter()
        query(connection)
        spent.append((time.perf_counter() - began) * 1000)
    at = quantiles(spent[2:], n=100)
    return at[49], at[98]


def _lists(kind: str, product: Product) -> list[Line]:
    with product.parts.engines.quick.connect() as connection:
        found = {
            name: took(connection, query) for name, query in queries(product, connection).items()
        }
    lines = [
        Line(
            name=f"P11 slowest list query, {percentile}, {kind}, ms",
            value=max(each[place] for each in found.values()),
            beside={name: round(each[place], 2) for name, each in found.items()},
        )
        for place, percentile in enumerate(("p50", "p99"))
    ]
    if "all, page 1,000" in found:
        times = found["all, page 1,000"][0] / found["all"][0]
        lines.append(Line(name=f"P11 page 1,000, times page 1, {kind}", value=times))
    return lines


async def _decided(large: Product, small: Product, rounds: int, count: int) -> list[list[float]]:
    rates: list[list[float]] = [[], []]
    for number in range(rounds + 1):
        for place, product in enumerate((large, small)):
            rate = await our_round(product, await fill(product, count), _CALLERS)
            if number:
                rates[place].append(rate)
    return rates


def measure(kind: str, items: int, rounds: int, count: int) -> list[Line]:
    """Return the lines of P11 and P12 for one database with so many items."""
    with ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thidua-bench")))
            for _ in range(2)
        ]
        large, small = (
            open_product(each / "data", stack.enter_context(new_url(kind, each)))
            for each in folders
        )
        counted = grown(large, items)
        lines = _lists(kind, large)
        at_size, empty = asyncio.run(_decided(large, small, rounds, count))
        beside = {"items": counted[0], "entries": counted[1]}
        lines.append(ratio(f"P12 decisions at size, {kind}", at_size, empty, **beside))
        for each in (large, small):
            each.parts.close()
    return lines
