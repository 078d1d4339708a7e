"""A dossier of 200 nominees in twelve documents, package included, in a process of its own.

python -m tests.bench.dossier [--reports 200] [--rounds 5]

A round of the council passes a list of 200 and six collectives; all leave under one number. Made
from rows: the letter with its list, a report of merit of each, minutes, tally sheet and package;
beside them the decision with its list and the agency's report. ``--reports`` measures the package
of so many nominations of one instead.
"""

import argparse
import hashlib
import io
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from api.clock import RunningClock
from api.composition import Application, open_application
from api.dossier_package import write_whole
from api.logs import configure_logs
from api.official_documents import drawn, writing_for
from api.settings import Settings
from workflow.queries.documents import ItemDocument, Made, item_document
from workflow.queries.round_documents import RoundDocument, round_document
from workflow.store import people

_MB = 1_000_000
_AT = datetime.fromisoformat("2022-05-04T08:05:00+07:00")
_OFFICER = "officer@so.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is made: a dossier, and where there is one the round and the agency's report."""

    settings: Settings
    dossier: int
    round: int = 0
    report: str = ""


def _document(make: Callable[..., Made], connection: Connection) -> Made:
    return make(connection=connection)


def _made(parts: Application, rows: Rows, folder: Path) -> list[str]:
    """Make all of a dossier; return the sums of the files, the package's first."""
    path = folder / "package.zip"
    with path.open("wb") as target:
        write_whole(parts, rows.dossier, target, lambda _written, _parts: None)
    with path.open("rb") as packed:
        sums = [hashlib.file_digest(packed, "sha256").hexdigest()]
    if rows.round:
        officer = parts.database.report_blocking(
            lambda connection: people.person_by_email(connection, _OFFICER)
        )
        writing = writing_for(parts, officer)
        for kind, make in (
            (RoundDocument.DECISION, partial(round_document, number=rows.round)),
            (ItemDocument.REPORT, partial(item_document, code=rows.report)),
        ):
            made = parts.database.report_blocking(
                partial(_document, partial(make, writing, kind=kind))
            )
            content = drawn(parts.settings, kind.value, made)
            sums.append(hashlib.sha256(content).hexdigest())
    return sums


def _peak() -> float:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(rows: Rows, rounds: int) -> None:
    """Make the dossier cold and so many times warm, and print what that took."""
    configure_logs(stream=io.StringIO())
    sys.excepthook = sys.__excepthook__  # what breaks a bench is for who runs it
    parts = open_application(rows.settings, clock=RunningClock(_AT))
    before = _peak()
    seconds, sums = [], set()
    with tempfile.TemporaryDirectory(prefix="thidua-bench") as folder:
        for _ in range(rounds + 1):
            began = time.perf_counter()
            sums.add(tuple(_made(parts, rows, Path(folder))))
            seconds.append(time.perf_counter() - began)
        size = (Path(folder) / "package.zip").stat().st_size / _MB
    parts.close()
    print(f"first {seconds[0]:.2f} s, warm {statistics.median(seconds[1:]):.2f} s (median of")
    print(f"  {', '.join(f'{each:.2f}' for each in seconds[1:])}); package {size:.1f} MB")
    print(f"processor: {time.process_time() / len(seconds):.2f} s each")
    print(f"resident: {before:.0f} MB before, at most {_peak():.0f} MB")
    print(f"the same bytes each time: {'yes' if len(sums) == 1 else 'no'}")


def main() -> None:
    """Make the rows in one process, the dossier in another."""
    parser = argparse.ArgumentParser(prog="tests.bench.dossier")
    parser.add_argument("--reports", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    # Not at the top: what makes the rows is no part of what is measured.
    from tests.bench.dossier_rows import rows_of

    with rows_of(options.reports) as rows:
        own = multiprocessing.get_context("spawn").Process(
            target=measure, args=(rows, options.rounds)
        )
        own.start()
        own.join()
    sys.exit(own.exitcode)


if __name__ == "__main__":
    main()
