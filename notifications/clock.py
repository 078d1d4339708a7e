"""The clock: APScheduler as a metronome.

Owns the static jobs of a serving process. No business data lies in a job store: what is due is computed from the
database at each tick, so a missed tick loses nothing and a doubled one repeats nothing.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

TICK_SECONDS = 60


def start_clock(tick: Callable[[], Awaitable[object]], zone: ZoneInfo) -> "AsyncIOScheduler":
    """Start ticking on the running loop, the first time at once, and return the scheduler, to be shut down by the caller."""
    from apscheduler.executors.asyncio import AsyncIOExecutor  # noqa: PLC0415 - after the first answer, not before
    from apscheduler.jobstores.memory import MemoryJobStore  # noqa: PLC0415 - likewise
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # noqa: PLC0415 - likewise

    scheduler = AsyncIOScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": AsyncIOExecutor()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=zone,
    )
    scheduler.add_job(
        tick,
        "interval",
        seconds=TICK_SECONDS,
        id="tick",
        replace_existing=True,
        next_run_time=datetime.now(zone),
    )
    scheduler.start()
    return scheduler
