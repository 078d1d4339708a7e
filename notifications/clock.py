"""The clock: APScheduler as a metronome.

Owns the static jobs of a serving process. No business data lies in a job store: what is due is
computed from the database at each tick, so a missed tick loses nothing and a doubled one repeats
nothing.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

TICK_SECONDS = 60


def start_clock(tick: Callable[[], Awaitable[object]], zone: ZoneInfo) -> "AsyncIOScheduler":
    """Start ticking on the running loop, at once and then each minute; the caller shuts it down."""
    # 21 ms, which the first answer does not wait for.
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # noqa: PLC0415 - see above

    scheduler = AsyncIOScheduler(
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
