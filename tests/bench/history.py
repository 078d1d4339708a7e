"""How long a large history takes: to be sealed, to be proved an entry in, and to be verified.

python -m tests.bench.history [--entries 1000000] [--json]

It makes the history itself, exports it, and holds the goals: sealed in 60 s, a proof in 5 ms, verified
in 5 s on all cores, and in 60 s and 200 MB by the program that leaves the house.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import orjson
from sqlalchemy import Connection

from tests.bench.results import Line
from tests.histories import History
from tests.made_exports import write_export
from workflow.commands.seal_log import BATCH
from workflow.history import merkle
from workflow.queries import fast_verification
from workflow.store import schema, sealed_log
from workflow.store.engines import open_engines

PROOFS = 500


def rows_of(export: Path) -> Iterator[dict[str, object]]:
    """Yield the rows of the history table of an export."""
    with (export / "entries.jsonl").open("rb") as file:
        for number, raw in enumerate(file, 1):
            line = orjson.loads(raw)
            body = orjson.loads(line["body"])
            yield {
                "id": number, "subject": line["subject"], "seq": line["seq"],
                "prev": bytes.fromhex(line["prev"]), "hash": bytes.fromhex(line["hash"]),
                "body": line["body"], "type": body["type"], "actor": body["actor"],
                "at": body["at"], "command_id": body["command_id"],
            }  # fmt: skip


def load(connection: Connection, export: Path) -> None:
    """Put the entries of an export into a database, not sealed."""
    rows = rows_of(export)
    while page := list(islice(rows, 20_000)):
        connection.execute(schema.history.insert(), page)


def measure(folder: Path, entries: int) -> dict[str, float]:
    """Return the figures for a history of so many entries."""
    export = folder / "export"
    write_export(export, History(7), entries)
    engine = open_engines(f"sqlite:///{folder}/log.db").write
    schema.metadata.create_all(engine)
    with engine.begin() as connection:
        load(connection, export)
    started = time.perf_counter()
    sealed = BATCH
    while sealed == BATCH:
        with engine.begin() as connection:
            sealed = sealed_log.seal(connection, BATCH)
    figures = {"sealed, s": time.perf_counter() - started}
    with engine.begin() as connection:
        figures["a proof, ms"] = proof_ms(connection, entries)
    figures.update(verified(export))
    return figures


def proof_ms(connection: Connection, entries: int) -> float:
    """Return how long one proof takes, each from the database alone."""
    chosen = random.Random(1)  # noqa: S311 - the same again
    started = time.perf_counter()
    for _ in range(PROOFS):
        nodes = sealed_log.nodes(connection)
        merkle.inclusion_proof(chosen.randrange(entries), entries, nodes)
    return (time.perf_counter() - started) / PROOFS * 1000


def verified(export: Path) -> dict[str, float]:
    """Return what both verifiers take."""
    started = time.perf_counter()
    fast_verification.verify_folder(export)
    fast = time.perf_counter() - started
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    program = export / "verify_history.py"
    code = (
        "import runpy, sys; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "finally: print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(program), str(export)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    slow = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "verified on all cores, s": fast,
        "verified by the program alone, s": slow,
        "of them on a processor, s": after.ru_utime - before.ru_utime,
        "its memory, MB": int(done.stdout.splitlines()[-1]) / 1024,
    }


def lines(entries: int) -> list[Line]:
    """Return the figures as lines of a run."""
    with tempfile.TemporaryDirectory(prefix="thidua-bench") as folder:
        found = measure(Path(folder), entries)
    return [
        Line(name=f"P9 {name}", value=value, beside={"entries": entries})
        for name, value in found.items()
    ]


def main(arguments: list[str]) -> int:
    """Measure, print, and return 1 where a goal for a million entries is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.history")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    found = lines(options.entries)
    if options.json:
        print(json.dumps({each.name: each.value for each in found}))
    else:
        for each in found:
            print(f"{each.name:37} {each.value:9.2f}  {each.goal}")
    return int(any(each.is_met is False for each in found))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
