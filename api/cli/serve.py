"""Commands that run the product: serve, worker, tick, bench."""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys

from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from api.app import create_app, working
from api.bootstrap import ROOT
from api.cli.context import opened, settings_of
from api.clock import FixedClock
from api.composition import Application, open_application
from api.instruments import Instruments, share_figures
from api.logs import configure_logs
from api.server.run import (
    bound_socket,
    end_in_time,
    end_with_parent,
    handles_of,
    lock_data_dir,
    server,
    server_config,
    told_to_stop,
)
from api.settings import Settings, open_secrets, production_problems, require_folder
from notifications.mail_health import failed_phases
from notifications.tick import tick
from notifications.translation import translate
from workflow.errors import InvalidInputError, UsageError


def serve(options: argparse.Namespace) -> int:
    """Run the production server."""
    settings = _production(options)
    configure_logs()
    if settings.metrics_port == options.port:
        raise UsageError(
            translate(
                "THIDUA_METRICS_PORT is the port of the web site itself ({port}). Choose "
                "another port.",
                port=options.port,
            )
        )
    if not settings.is_sqlite:
        require_folder(settings)
        share_figures(settings.data_dir, is_server=True)
    if not settings.is_sqlite and options.workers > 1:
        return _serve_several(options, settings)
    if options.workers > 1:
        raise UsageError(
            translate(
                "SQLite runs one process only. Leave out --workers, or use PostgreSQL "
                "(THIDUA_DATABASE_URL)."
            )
        )
    lock = lock_data_dir(settings.lock_folder) if settings.is_sqlite else None
    parts = open_application(settings)
    try:
        app = create_app(parts, has_clock=not options.no_clock, metrics_port=settings.metrics_port)
        server(app).run(_sockets(options, settings))
    finally:
        parts.close()
        if lock is not None:
            lock.close()
    return 0


def _sockets(options: argparse.Namespace, settings: Settings) -> list[socket.socket]:
    """Return what a server listens to: the web's port, and the monitor's on loopback alone."""
    sockets = handles_of(bound_socket(options.host, options.port))
    if settings.metrics_port is not None:
        sockets.append(bound_socket("127.0.0.1", settings.metrics_port, "THIDUA_METRICS_PORT"))
    return sockets


def _serve_several(options: argparse.Namespace, settings: Settings) -> int:
    """Run several workers on one PostgreSQL; each ticks and delivers, and none does it twice."""
    os.environ["THIDUA_WORKER_CLOCK"] = "0" if options.no_clock else "1"
    if options.data is not None:
        os.environ["THIDUA_DATA_DIR"] = str(options.data)
    config = server_config("api.cli.serve:worker_app", workers=options.workers)
    Multiprocess(config, _sockets(options, settings)).run()
    return 0


def worker_app() -> ASGIApp:
    """Return the application of one worker process; uvicorn calls it there.

    A hang-up is the parent's: it rolls its workers, one after the other.
    """
    end_with_parent()
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    configure_logs()
    settings = settings_of(argparse.Namespace(data=None))
    parts = open_application(settings)

    def end() -> None:
        end_in_time()
        parts.close()

    has_clock = os.environ.get("THIDUA_WORKER_CLOCK") != "0"
    return create_app(parts, has_clock=has_clock, metrics_port=settings.metrics_port, on_end=end)


def _production(options: argparse.Namespace) -> Settings:
    settings = settings_of(options)
    problems = production_problems(settings)
    if problems:
        raise UsageError(*problems, *open_secrets(settings))
    if open_files := open_secrets(settings):
        raise InvalidInputError(*open_files)
    return settings


def worker(options: argparse.Namespace) -> int:
    """Run clock and mail only."""
    settings = _production(options)
    if settings.is_sqlite:
        raise InvalidInputError(
            translate(
                "The command worker needs PostgreSQL. With SQLite, clock and mail run in serve."
            )
        )
    configure_logs()
    require_folder(settings)
    share_figures(settings.data_dir, is_server=False)

    async def work() -> None:
        parts = open_application(settings)
        instruments = Instruments()
        parts.database.measure(instruments, instruments.written)
        try:
            async with working(parts):
                await told_to_stop()
        finally:
            end_in_time()
            parts.close()

    asyncio.run(work())
    return 0


def tick_once(options: argparse.Namespace) -> int:
    """Plan everything up to an instant and deliver what is then due."""
    configure_logs(logging.WARNING)
    with opened(options, clock=FixedClock(options.now)) as parts:
        counts = asyncio.run(_tick(parts))
        failed = parts.database.report_blocking(failed_phases)
    for each in failed:
        print(
            translate(
                "The phase “{name}” of this tick failed ({detail}); see the log.",
                name=each.name,
                detail=each.detail,
            ),
            file=sys.stderr,
        )
    print(
        json.dumps(counts)
        if options.json
        else "; ".join(f"{name}: {count}" for name, count in counts.items())
    )
    return 1 if failed else 0


async def _tick(parts: Application) -> dict[str, int]:
    planned, superseded = await tick(parts.database, parts.reminders)
    await parts.sealer.seal_and_check()
    await parts.anchors.let_out(parts.database)
    counts = await parts.delivery.deliver_due() if parts.delivery is not None else None
    if parts.timestamps is not None:
        await parts.timestamps.ask(parts.database)
    return {
        "planned": planned,
        "sent": counts.sent if counts else 0,
        "superseded": superseded + (counts.superseded if counts else 0),
        "failed": counts.failed if counts else 0,
    }


def bench(options: argparse.Namespace) -> int:
    """Run the benchmarks of a source checkout as a child process."""
    if not (ROOT / "tests" / "bench").is_dir():
        raise InvalidInputError(translate("The command bench is in the full source tree only."))
    command = [sys.executable, "-m", "tests.bench", *options.rest]
    return subprocess.call(command, cwd=ROOT)  # noqa: S603 - our own module
