"""Lists over many items: server time of every list page with 250,000 items and 1,000,000 history entries.

python -m tests.bench.lists [--items 250000] [--rounds 40] [--kinds SQLite,PostgreSQL] [--open 4]

A hundred items go through the product itself; the others are their copies under other codes, so that the figures are those of real rows.
"""

import argparse
import asyncio
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import Connection, Table, func, insert, literal, select, text

from api.app import create_app
from api.auth.callers import session_cookie
from api.auth.sessions import OpenSession, fingerprint, new_secret
from api.cursors import write_cursor
from api.logs import configure_logs
from api.server.run import beside, free_port
from tests.bench.busy import cost
from tests.bench.connections import new_url
from tests.bench.product import CAMPAIGN, Product, fill, open_product
from workflow.command import Cause
from workflow.commands.decide import Decide
from workflow.commands.opinions import Comment
from workflow.model import Method, PersonId, Via
from workflow.store import people, schema

SEEDS, ENTRIES = 100, 4
_PATH = (
    ("approve_department", "head.htqt@so.example", Method.TOKEN),
    ("review_office", "officer@so.example", Method.TOKEN),
    ("sign_director", "director@so.example", Method.PIN),
)
_PAGE = 50
_COPIES_A_COMMIT = 50
_FIND = text("INSERT INTO item_search SELECT id, thidua_words(search) FROM items WHERE id > :last")
_FIND_WORDS = text(
    "INSERT INTO search_words SELECT word, thidua_grams(word) FROM (SELECT DISTINCT unnest(words) "
    "AS word FROM item_search WHERE item_id > :last) AS said ON CONFLICT DO NOTHING"
)


async def seed(product: Product, on_their_way: int = SEEDS) -> None:
    """Take so many items to different states and end the others, each with about four entries."""
    database = product.parts.database
    known = {each.email: each.id for each in await database.read(people.all_people)}
    ended = (("reject", _PATH[0][1], Method.TOKEN),)
    for place, code in enumerate(await fill(product, SEEDS)):
        taken = _PATH[: place % (len(_PATH) + 1)] if place < on_their_way else ended
        steps = len(taken)
        for version, (transition, who, method) in enumerate(taken, 2):
            await database.write(
                Decide(
                    code=code,
                    transition=transition,
                    comment="Chưa đủ điều kiện" if taken is ended else "",
                    cause=Cause(
                        actor=known[who],
                        via=Via.API,
                        method=method,
                        command_id=f"b:{secrets.token_hex(8)}",
                        digest="d",
                    ),
                    version=version,
                )
            )
        for number in range(ENTRIES - 2 - steps):
            words = f"Ý kiến thứ {number}"
            await database.write(
                Comment(
                    code=code,
                    words=words,
                    cause=Cause(
                        actor=known["officer@so.example"],
                        via=Via.API,
                        method=Method.TOKEN,
                        command_id=secrets.token_hex(8),
                    ),
                )
            )


def copy(connection: Connection, numbers: range, ends: tuple[int, int]) -> None:
    """Copy the seeds once a number, each time under codes of their own.

    ``ends``: the last item and the last entry that are seeds; others may have come since.
    """
    for number in numbers:
        mark = literal(f"{number:04}")
        item_step, entry_step = last_ids(connection)
        moved = {
            "items": {
                "id": schema.items.c.id + item_step,
                "code": schema.items.c.code + mark,
                "search": schema.items.c.search + mark,
            },
            "contents": {"item_id": schema.contents.c.item_id + item_step},
            "holders": {"item_id": schema.holders.c.item_id + item_step},
            "history": {
                "id": schema.history.c.id + entry_step,
                "subject": schema.history.c.subject + mark,
                "item_id": schema.history.c.item_id + item_step,
                "command_id": schema.history.c.command_id + mark,
            },
            "history_texts": {"subject": schema.history_texts.c.subject + mark},
        }
        for name, changes in moved.items():
            table = schema.metadata.tables[name]
            connection.execute(_copying(table, changes, *ends))
        if number % _COPIES_A_COMMIT == 0:
            connection.commit()
    connection.commit()


def last_ids(connection: Connection) -> tuple[int, int]:
    """Return the highest ids of items and of entries."""
    item, entry = (
        int(connection.execute(select(func.max(table.c.id))).scalar_one())
        for table in (schema.items, schema.history)
    )
    return item, entry


def _copying(table: Table, changes: dict[str, Any], last_item: int, last_entry: int) -> Any:
    columns = [changes.get(each.name, each) for each in table.columns]
    chosen = select(*columns)
    match table.name:
        case "items":
            chosen = chosen.where(table.c.id <= last_item)
        case "history":
            chosen = chosen.where(table.c.id <= last_entry, table.c.item_id.is_not(None))
            chosen = chosen.order_by(table.c.id)  # each entry follows the one before it
        case "history_texts":
            chosen = chosen.where(
                table.c.subject.in_(
                    select(schema.history.c.subject).where(
                        schema.history.c.id <= last_entry, schema.history.c.item_id.is_not(None)
                    )
                )
            )
        case _:
            chosen = chosen.where(table.c.item_id <= last_item)
    return insert(table).from_select([each.name for each in table.columns], chosen)


def growing(product: Product, sizes: Sequence[int], on_their_way: int = SEEDS) -> Iterator[None]:
    """Fill a product with items, and stop at each of ``sizes``."""
    asyncio.run(seed(product, on_their_way))
    with product.parts.engines.write.connect() as connection:
        ends, made = last_ids(connection), 1
        is_postgres = connection.dialect.name == "postgresql"
        for size in sizes:
            numbers = range(made, size // SEEDS)
            made = max(made, size // SEEDS)
            if is_postgres:
                copy_on_postgres(connection, numbers, ends)
            else:
                copy(connection, numbers, ends)
            yield


def copy_on_postgres(connection: Connection, numbers: range, ends: tuple[int, int]) -> None:
    """Copy the seeds likewise, and what they are found by at once: one by one it takes minutes.

    Ids follow what was copied, and the figures of the tables are made, as they are in time.
    """
    last, _ = last_ids(connection)
    connection.execute(text("ALTER TABLE items DISABLE TRIGGER items_search_added"))
    copy(connection, numbers, ends)
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(_FIND, {"last": last})
    connection.execute(_FIND_WORDS, {"last": last})
    connection.execute(text("ALTER TABLE items ENABLE ALWAYS TRIGGER items_search_added"))
    for name in ("items", "history"):
        following = f"setval(pg_get_serial_sequence('{name}', 'id'), max(id))"
        connection.execute(text(f"SELECT {following} FROM {name}"))
    connection.execute(text("ANALYZE"))
    connection.commit()


def counted(product: Product) -> list[int]:
    """Return how many items and entries there are."""
    with product.parts.engines.read.connect() as connection:
        return [
            int(
                connection.execute(
                    select(func.count()).select_from(schema.metadata.tables[name])
                ).scalar_one()
            )
            for name in ("items", "history")
        ]


def pages(product: Product) -> Iterator[tuple[str, str, str]]:
    """Yield what each page is called, its address and who opens it."""
    with product.parts.engines.read.connect() as connection:
        ids = select(schema.items.c.id).order_by(schema.items.c.id.desc())
        deep = connection.execute(ids.offset(999 * _PAGE).limit(1)).scalar()
        entry = connection.execute(select(func.max(schema.history.c.id))).scalar_one()
        code = connection.execute(
            select(schema.items.c.code).order_by(schema.items.c.id.desc()).limit(1)
        ).scalar_one()
        department = connection.execute(select(schema.items.c.department).limit(1)).scalar_one()
    officer, auditor, staff = "officer@so.example", "auditor@so.example", "staff.htqt@so.example"
    yield "list, first page", "/items", officer
    if deep is not None:
        yield "list, page 1,000", f"/items?cursor={write_cursor(deep)}", officer
    for query in (
        "state=submitted",
        "state=director_signed",
        "type=nomination",
        f"campaign={CAMPAIGN}",
        f"department={department}",
        "only=late",
        "only=mine",
        "only=waiting",
    ):
        yield f"list, {query}", f"/items?{query}", staff if query == "only=mine" else officer
    yield "list of one's department", "/items", staff
    yield "search, a hit", "/items?q=de+nghi", officer
    yield "search, one hit", f"/items?q={code}", officer
    yield "search, no hit", "/items?q=khong+co+dau", officer
    yield "my work", "/", officer
    yield "board by state", "/items/board", officer
    yield "item", f"/items/{code}?in=", officer
    yield "history, first page", "/history", auditor
    yield "history, in the middle", f"/history?cursor={write_cursor(entry // 2)}", auditor
    yield "campaigns", "/campaigns", officer
    yield "a campaign", f"/campaigns/{CAMPAIGN}", officer
    yield "attention", "/office", officer
    yield "deadlines", "/deadlines", officer
    yield "planning backwards", "/deadlines/backplan?type=nomination&on=2022-06-15", officer
    yield "figures of departments", "/deadlines/quality?type=nomination", officer
    yield "board of reports", "/deadlines/board", officer
    yield "people", "/people", officer


@contextmanager
def opening(product: Product) -> Iterator[Iterator[tuple[str, Callable[[], None]]]]:
    """Yield each page by name, with what opens it over HTTP as whoever it is for."""
    port = free_port(None)
    known = {
        each.email: each.id for each in product.parts.database.report_blocking(people.all_people)
    }
    with beside(create_app(product.parts, has_clock=False), port) as loop:
        cookies = {email: _session(product, person, loop) for email, person in known.items()}
        name = session_cookie(product.parts.settings)
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:

            def open_page(address: str, who: str) -> None:
                answer = client.get(address, cookies={name: cookies[who]})
                assert answer.status_code == 200, (address, answer.status_code)

            yield ((page, partial(open_page, at, who)) for page, at, who in pages(product))


def measure(product: Product, rounds: int) -> dict[str, tuple[float, float]]:
    """Return median and 95th percentile of each page, in ms as a client on this machine sees them."""
    found = {}
    with opening(product) as every:
        for name, open_page in every:
            took = []
            for _ in range(rounds + 3):
                started = time.perf_counter()
                open_page()
                took.append((time.perf_counter() - started) * 1000)
            kept = sorted(took[3:])
            found[name] = statistics.median(kept), kept[int(len(kept) * 0.95) - 1]
    return found


def costs(product: Product, times: int) -> dict[str, float]:
    """Return what each page costs, in ms of processors, the client's own share with it."""
    with opening(product) as every:
        return {name: cost(product, open_page, times) for name, open_page in every}


def _session(product: Product, person: PersonId, loop: asyncio.AbstractEventLoop) -> str:
    secret = new_secret()
    asyncio.run_coroutine_threadsafe(
        product.parts.database.write(
            OpenSession(person=person, id_hash=fingerprint(secret), factor=Method.PIN)
        ),
        loop,
    ).result(30)
    return secret


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lists")
    parser.add_argument("--items", type=int, default=250_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--open", type=int, default=4)
    parser.add_argument("--kinds", default="SQLite,PostgreSQL")
    options = parser.parse_args()
    configure_logs(50)
    for kind in options.kinds.split(","):
        with tempfile.TemporaryDirectory() as folder, new_url(kind, Path(folder)) as url:
            product = open_product(Path(folder) / "data", url)
            for _ in growing(product, [options.items], options.open):
                items, entries = counted(product)
            print(f"{kind}: {items:,} items, {entries:,} history entries", flush=True)
            for name, (middle, late) in measure(product, options.rounds).items():
                print(f"  {name:<34} {middle:8.1f} ms   p95 {late:8.1f} ms", flush=True)
            product.parts.close()


if __name__ == "__main__":
    main()
