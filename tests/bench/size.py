"""Every list query and page, and decisions, with 250,000 open items and 1,000,000 entries.

On the way there the cost of each is measured at smaller sizes too (``size.svg``), as time of
processors: whatever else the machine does.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import quantiles

from sqlalchemy import Connection, func, select

from notifications.tick import tick
from tests.bench.busy import busy, cost
from tests.bench.connections import new_url
from tests.bench.decisions import our_round
from tests.bench.lists import SEEDS, counted, growing
from tests.bench.lists import costs as costs_of_pages
from tests.bench.product import CAMPAIGN, Product, fill, open_product
from tests.bench.results import Line, ratio
from tests.bench.size_chart import cost_line, sizes_to
from workflow.people import scope_of
from workflow.queries.history import EntryFilter, newest_found
from workflow.queries.listing import ItemFilter, count_items, item_ids, waiting_for
from workflow.queries.what_if import Change, plan_change
from workflow.store import people, schema

_PAGE, _DEEP = 50, 1000
_ASKED = 60
_CALLERS, _DECIDED, _OPENED = 8, 60, 10
_LATER = timedelta(days=30)
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
    found["my work"] = lambda connection: waiting_for(product.parts.context, connection, officer.id)
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


def _lists(product: Product) -> dict[str, tuple[float, float]]:
    with product.parts.engines.quick.connect() as connection:
        return {
            name: took(connection, query) for name, query in queries(product, connection).items()
        }


def _waiting(product: Product, count: int) -> list[str]:
    """Return the codes of so many copies that wait as they were handed in, from all over."""
    items = schema.items.c
    waiting = select(items.code).where(
        items.state == "submitted", items.version == 2, items.id > SEEDS
    )
    with product.parts.engines.read.connect() as connection:
        codes = list(connection.execute(waiting.order_by(items.id)).scalars())
    return random.Random(count).sample(codes, count)  # noqa: S311 - which items, no secret


def _cost(product: Product) -> dict[str, float]:
    """Return what each list, page and decision costs with what there is, in ms of processors."""
    with product.parts.engines.quick.connect() as connection:
        lists = {
            name: cost(product, partial(query, connection), _ASKED)
            for name, query in queries(product, connection).items()
        }
    pages = {f"page: {name}": each for name, each in costs_of_pages(product, _OPENED).items()}
    codes = _waiting(product, 2 * _DECIDED)
    asyncio.run(our_round(product, codes[:_DECIDED], 1))
    began = busy(product)
    asyncio.run(our_round(product, codes[_DECIDED:], 1))
    return {**lists, **pages, "decision": (busy(product) - began) * 1000 / _DECIDED}


def _once(kind: str, product: Product) -> list[Line]:
    """Return what is done once a day, or by hand, at that size, in seconds of processors."""
    parts = product.parts
    imported = Change(calendar=parts.context.calendar)

    def timed(name: str, act: Callable[[], object]) -> Line:
        began = busy(product)
        act()
        return Line(name=f"{name}, {kind}, s of processors", value=busy(product) - began)

    def ticked() -> None:
        asyncio.run(tick(parts.database, parts.reminders))

    return [
        timed("tick of a new day", ticked),
        timed("tick of the next minute", ticked),
        timed(
            "plan-change",
            lambda: parts.database.report_blocking(
                lambda connection: plan_change(parts.context, connection, imported)
            ),
        ),
    ]


def _of_lists(kind: str, product: Product) -> list[Line]:
    found = _lists(product)
    searches = {name: each for name, each in found.items() if "words" in name}
    lists = {name: each for name, each in found.items() if name not in searches}
    lines = [
        Line(
            name=f"P11 slowest {what}, {percentile}, {kind}, ms",
            value=max(each[place] for each in of.values()),
            beside={name: round(each[place], 2) for name, each in of.items()},
        )
        for what, of in (("list query", lists), ("search", searches))
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
    """Return the lines of P11 and P12 for one database with so many items, and costs on the way."""
    with ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thidua-bench")))
            for _ in range(2)
        ]
        large, small = (
            open_product(each / "data", stack.enter_context(new_url(kind, each)))
            for each in folders
        )
        costs = []
        for size, _ in zip(sizes_to(items), growing(large, sizes_to(items)), strict=True):
            if not costs:
                large.parts.clock.advance(_LATER)  # so that everything is late
            costs.append(cost_line(kind, size, _cost(large)))
        pages = {name: each for name, each in costs[-1].beside.items() if name.startswith("page: ")}
        lines = [
            *costs,
            *_of_lists(kind, large),
            Line(
                name=f"P11 dearest page, {kind}, ms of processors",
                value=max(pages.values()),
                beside=pages,
            ),
            *_once(kind, large),
        ]
        at_size, empty = asyncio.run(_decided(large, small, rounds, count))
        held = dict(zip(("items", "entries"), counted(large), strict=True))
        lines.append(ratio(f"P12 decisions at size, {kind}", at_size, empty, **held))
        for each in (large, small):
            each.parts.close()
    return lines
