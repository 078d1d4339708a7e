"""Whether floor B writes the very rows that one of our decisions writes."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from tests.bench.product import Product
from workflow.store import schema

Rows = dict[tuple[str, tuple[Any, ...]], dict[str, Any]]


def kept(connection: Connection) -> Rows:
    """Return every row of every table, by table and primary key."""
    return {
        (table.name, tuple(row[each.name] for each in table.primary_key)): dict(row)
        for table in schema.metadata.sorted_tables
        for row in connection.execute(select(table)).mappings()
    }


def written(product: Product, act: Callable[[], object]) -> Counter[str]:
    """Return what an act does to rows: which columns of which tables, and how often."""
    with product.parts.engines.read.connect() as connection:
        before = kept(connection)
    act()
    with product.parts.engines.read.connect() as connection:
        after = kept(connection)
    found: Counter[str] = Counter()
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if new is None or old is None:
            columns = [name for name, each in (new or old or {}).items() if each is not None]
        else:
            columns = [name for name, each in new.items() if each != old[name]]
        verb = "drops" if new is None else "adds" if old is None else "changes"
        found[f"{verb} {key[0]}: {', '.join(columns)}"] += 1
    return found
