"""What a process counts and times with prometheus-client: requests, errors, sets of writes, mail.

Owns the names of these figures, and the folder where the processes on one PostgreSQL keep theirs so
that any of them can tell the sum. No label may come from a client as it stands: routes are
templates, methods a closed list, so the number of series is bounded.
"""

import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    values,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from notifications.settlement import SettleMessages

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 4, 8, 16, 32, 64)
_NO_ROUTE = "-"
"""Of what no route answers: files of the pages, unknown addresses, what is refused before."""
_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FOLDER = "metrics"


def share_figures(data_dir: Path, *, is_server: bool) -> None:
    """Keep this process's figures, and its children's, in the data folder, before any is made.

    A server first sweeps those of processes that have ended.
    """
    folder = data_dir.resolve() / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_server:
        for file in folder.glob("*.db"):
            pid = _pid_of(file)
            # A file with our own number is of a process before us: a container gives the same
            # number each time.
            if pid is None or pid == os.getpid() or not _is_running(pid):
                file.unlink(missing_ok=True)
    os.environ[_FOLDER_VARIABLE] = str(folder)
    # The library has looked for the folder once, when it was imported.
    values.ValueClass = values.get_value_class()


class Instruments(Collector):
    """The figures of one process; ``collect`` gives those of all processes that share a folder."""

    def __init__(self) -> None:
        disable_created_metrics()  # each series would have a second one that nobody asks for
        self._folder = os.environ.get(_FOLDER_VARIABLE)
        own = self._own = CollectorRegistry()
        labels = ("method", "route", "status")
        self._seconds = Histogram(
            "thidua_request_seconds",
            "How long answers took, by route template and class of status.",
            labels,
            buckets=_SECONDS,
            registry=own,
        )
        self._errors = Counter(
            "thidua_errors",
            "Failures that were answered with 5xx, by their type.",
            ("type",),
            registry=own,
        )
        self._queue = Gauge(
            "thidua_write_queue",
            "Writes that wait for the committer.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self._sets = Histogram(
            "thidua_write_set_size",
            "How many writes a transaction took together.",
            buckets=_SIZES,
            registry=own,
        )
        self._mails = Counter(
            "thidua_mail_attempts",
            "Attempts to send a message, by their outcome.",
            ("outcome",),
            registry=own,
        )

    def answered(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count an answer; ``route`` is the template of its address, None where none was met."""
        known = method if method in _METHODS else "other"
        self._seconds.labels(known, route or _NO_ROUTE, f"{status // 100}xx").observe(seconds)

    def failed(self, error: Exception) -> None:
        """Count a failure of ours."""
        self._errors.labels(type(error).__name__).inc()

    def queued(self, length: int) -> None:
        """Note how many writes wait."""
        self._queue.set(length)

    def taken(self, size: int) -> None:
        """Count a set of writes that the committer took."""
        self._sets.observe(size)

    def written(self, command: object) -> None:
        """Count how mail ended, where the command that was recorded says so."""
        if isinstance(command, SettleMessages):
            for attempt in command.attempts:
                self._mails.labels(attempt.ending.value).inc()

    def collect(self) -> Iterable[Metric]:
        """Return every family, summed over the processes that share the folder."""
        if self._folder is None:
            yield from self._own.collect()
            yield from ProcessCollector(registry=None).collect()
            return
        pids = _pids_in(Path(self._folder))
        running = [pid for pid in pids if _is_running(pid)]
        for pid in set(pids).difference(running):
            mark_process_dead(pid, self._folder)
        yield from MultiProcessCollector(None, self._folder).collect()
        yield from _of_each_process(running)


def _pids_in(folder: Path) -> list[int]:
    """Return the processes that have figures in ``folder``."""
    return sorted({pid for pid in map(_pid_of, folder.glob("*.db")) if pid is not None})


def _pid_of(file: Path) -> int | None:
    number = file.stem.rpartition("_")[2]
    return int(number) if number.isdecimal() else None


def _is_running(pid: int) -> bool:
    """Return whether a process of ours has this number; another user's has only inherited it."""
    if os.name == "nt":
        return True  # there is no question that does not end the process
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return True


def _of_each_process(pids: Iterable[int]) -> Iterator[Metric]:
    """Return the figures of several processes, each under its ``pid``."""
    families: dict[str, Metric] = {}
    for pid in pids:
        for found in ProcessCollector(pid=partial(int, pid), registry=None).collect():
            family = families.setdefault(
                found.name, Metric(found.name, found.documentation, found.type)
            )
            for sample in found.samples:
                family.add_sample(sample.name, {**sample.labels, "pid": str(pid)}, sample.value)
    yield from families.values()
