"""One decision without a database: permission, guards, rulebook, events; and the rulebook alone."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.product import fill, open_product
from tests.bench.results import Line, median
from workflow.rules import Request, Surroundings, plan_decision
from workflow.store import items

_REPEATS = 20_000


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(_REPEATS):
        work()
    return (time.perf_counter() - began) / _REPEATS * 1e6


def measure(rounds: int) -> list[Line]:
    """Return microseconds of one pure decision, and of the rulebook alone."""
    with tempfile.TemporaryDirectory(prefix="thidua-bench") as folder:
        product = open_product(Path(folder))
        code = asyncio.run(fill(product, 1))[0]
        context = product.parts.context
        with product.parts.engines.read.connect() as connection:
            item = items.find_item(connection, code)
            assert item is not None
            book = context.rulebooks.of(connection, item.definition_hash)
            around = Surroundings(
                directory=context.directory(connection, context.clock()),
                calendar=context.calendar,
                now=context.clock(),
            )
        request = Request(transition="approve_department", actor=product.head, version=2)
        decided, moved = [], []
        for _ in range(rounds):
            decided.append(_timed(lambda: plan_decision(book, item, None, request, around)))
            moved.append(
                _timed(
                    lambda: book.target("submitted", "approve_department", "department_approved")
                )
            )
        product.parts.close()
    return [median("P7 one pure decision, µs", decided), median("P7 rulebook alone, µs", moved)]
