"""``thidua bench``: floors, peers and ours in interleaved rounds, as ratios, with the exact rows asserted after each.

python -m tests.bench [--rounds 5] [--count 640] [--only decisions,http] [--json] [--against] [--keep]

Peers run where ``--peers`` has once installed them, into an environment of their own. ``--against``
compares with the committed ratios and returns 1 where one is worse by more than 15 %; ``--keep``
commits to this run's: ratios.json, and table and chart of the README.
"""

import argparse
import io
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from api.logs import configure_logs
from tests.bench import (
    decisions,
    history,
    http,
    mail,
    memory,
    pages,
    peer_runs,
    pure,
    report,
    sealing,
    size,
    starting,
)
from tests.bench.connections import KINDS
from tests.bench.results import Line
from workflow.store.engines import sqlite_driver

PARTS: dict[str, Callable[[argparse.Namespace], list[Line]]] = {
    "pure": lambda of: pure.measure(of.rounds),
    "decisions": lambda of: [
        line for kind in KINDS for line in decisions.measure(kind, of.rounds, of.count)
    ],
    "http": lambda of: http.measure(of.rounds, of.count),
    "pages": lambda of: pages.measure(of.rounds),
    "mail": lambda of: mail.measure(of.rounds),
    "starting": lambda of: starting.measure(of.rounds),
    "sealing": lambda of: sealing.measure(of.rounds, 2 * of.count),
    "memory": lambda of: memory.measure(of.decisions),
    "history": lambda of: history.lines(of.entries),
    "size": lambda of: [
        line for kind in KINDS for line in size.measure(kind, of.items, of.rounds, of.count)
    ],
}
"""P7; P1 to P4 and P14; P5; P6; P8; P10; what sealing costs; P13; P9; P11 and P12."""


def machine() -> str:
    """Return what measures."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite_driver().sqlite_version}"
    )


def main() -> int:
    """Measure what is asked for, print it, and compare or keep it."""
    parser = argparse.ArgumentParser(prog="thidua bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=640)
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--items", type=int, default=250_000)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--decisions", type=int, default=100_000)
    for name in ("peers", "json", "against", "keep"):
        parser.add_argument(f"--{name}", action="store_true")
    options = parser.parse_args()
    if options.peers:
        peer_runs.install()
    lines: list[Line] = []
    for name in options.only.split(","):
        configure_logs(stream=io.StringIO())
        sys.excepthook = sys.__excepthook__  # what breaks a bench is for who runs it
        began = time.monotonic()
        found = PARTS[name](options)
        lines += found
        if not options.json:
            print(*map(report.line_of, found), sep="\n")
            print(f"  ({name}: {time.monotonic() - began:.0f} s)", flush=True)
    today = datetime.now(UTC).date().isoformat()
    if options.json:
        print(report.as_json(lines, machine(), today))
    if options.keep:
        report.keep(lines, machine(), today)
    worse = report.worse_than_kept(lines) if options.against else []
    print(*worse, sep="\n", end="\n" if worse else "")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
