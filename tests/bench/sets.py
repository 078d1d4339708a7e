"""Why rounds at 64 callers fall into groups: decisions a commit, and processor time a decision.

Where the same work took as much of the processor but longer, it waited for one.

python -m tests.bench.sets [--rounds 12] [--count 640]
"""

import argparse
import asyncio
import io
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from api.logs import configure_logs
from tests.bench.connections import KINDS, new_url
from tests.bench.decisions import floor_b, our_round, spread
from tests.bench.floors import RawCommitter
from tests.bench.product import Product, fill, open_product

_CALLERS = 64


class Sets:
    """Counts the sets that the product's committer takes."""

    def __init__(self) -> None:
        self.count = 0

    def queued(self, length: int) -> None:
        """What waits is not asked here."""

    def taken(self, size: int) -> None:
        """Count a set."""
        assert size
        self.count += 1


async def rounds(product: Product, kind: str, number: int, count: int) -> None:
    """Print each round: rates, decisions a commit, and the ratio."""
    sets = Sets()
    product.parts.database.measure(sets, lambda _: None)
    for _ in range(number):
        codes = await fill(product, 2 * count)
        with floor_b(product) as floor:
            committer = RawCommitter(floor)
            began = time.process_time()
            raw = await spread(codes[:count], _CALLERS, committer.decide)
            raw_spent = (time.process_time() - began) / count * 1e6
            committer.close()
        sets.count, began = 0, time.process_time()
        ours = await our_round(product, codes[count:], _CALLERS)
        spent = (time.process_time() - began) / count * 1e6
        print(
            f"{kind:<10} B {raw:6,.0f}/s, sets of {count / committer.sets:4.1f}, {raw_spent:4.0f} µs"
            f"   ours {ours:6,.0f}/s, sets of {count / sets.count:4.1f}, {spent:4.0f} µs"
            f"   {ours / raw:.2f}, by processor {raw_spent / spent:.2f}",
            flush=True,
        )


def main() -> None:
    """Measure both databases."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sets")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--count", type=int, default=640)
    parser.add_argument("--kinds", default=",".join(KINDS))
    options = parser.parse_args()
    configure_logs(stream=io.StringIO())
    for kind in options.kinds.split(","):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thidua-bench")))
            url = stack.enter_context(new_url(kind, folder))
            product = open_product(folder / "data", url)
            asyncio.run(rounds(product, kind, options.rounds, options.count))
            product.parts.close()


if __name__ == "__main__":
    main()
