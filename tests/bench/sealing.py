"""What sealing costs those who decide: the same product with its sealer at work and without, by turns.

While it is on, entries are sealed and checkpoints signed far oftener than a server does, and all of
them before the time is up: what a server puts off to the next seconds is counted too.
"""

import asyncio
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median as middle

from tests.bench.connections import KINDS, new_url
from tests.bench.product import Product, fill, open_product
from tests.bench.results import Line, ratio
from workflow.store import sealed_log

_CALLERS = 64
_EVERY_SECONDS = 0.25
"""A server's sealer looks every 15 s."""


async def _decided(product: Product, codes: list[str], *, is_sealing: bool) -> float:
    """Let many decide; return decisions a second, until all that they made is sealed."""
    parts, remaining = product.parts, iter(codes)

    async def caller() -> None:
        for code in remaining:
            await parts.database.write(product.decision(code))

    async def seal() -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            await parts.sealer.seal_and_check()

    began = time.perf_counter()
    sealing = asyncio.create_task(seal()) if is_sealing else None
    await asyncio.gather(*(caller() for _ in range(_CALLERS)))
    if sealing is not None:
        sealing.cancel()
        with suppress(asyncio.CancelledError):
            await sealing
        await parts.sealer.seal_and_check()
    return len(codes) / (time.perf_counter() - began)


async def _rounds(product: Product, rounds: int, count: int) -> list[tuple[float, float]]:
    found = []
    for number in range(rounds):
        rates = {}
        for is_sealing in (False, True) if number % 2 else (True, False):
            codes = await fill(product, count)
            await product.parts.sealer.seal_and_check()
            rates[is_sealing] = await _decided(product, codes, is_sealing=is_sealing)
        found.append((rates[False], rates[True]))
    await product.parts.sealer.seal()
    with product.parts.engines.read.connect() as connection:
        assert sealed_log.oldest_unsealed_at(connection) is None
    return found


def measure(rounds: int, count: int) -> list[Line]:
    """Return a line for each database: the rates without and with sealing, and their ratio."""
    lines = []
    for kind in KINDS:
        with (
            tempfile.TemporaryDirectory(prefix="thidua-bench") as folder,
            new_url(kind, Path(folder)) as url,
        ):
            product = open_product(Path(folder) / "data", url)
            measured = asyncio.run(_rounds(product, rounds, count))
            product.parts.close()
        off, on = (list(each) for each in zip(*measured, strict=True))
        name = f"sealing on / off, {_CALLERS} callers, {kind}"
        lines.append(ratio(name, on, off, off=round(middle(off)), on=round(middle(on))))
    return lines
