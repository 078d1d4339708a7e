"""The tick: what the clock does each minute, phase by phase.

Owns the list of phases and that each fails alone: what broke one is written down and shown to the
Office, and whatever else is due goes on. Any number of processes may tick; each phase writes only
what is not there yet, so a tick that died halfway is made up for by the next.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

import structlog

from notifications.clock_set_back import FollowClock
from notifications.reminders import Due, NoteTick, Reminders, pieces
from notifications.request_reminders import RemindOfRequests, RequestReminders
from workflow.commands.refresh_holders import refreshes
from workflow.commands.timers import due_timers
from workflow.database import Database

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Ticking:
    """One tick under way, and what came of it."""

    database: Database
    reminders: Reminders
    planned: int = 0
    superseded: int = 0
    reminded_at: datetime | None = None
    failed: dict[str, str] = field(default_factory=dict)
    """The phases that failed, with the name of the error."""


async def follow_clock(ticking: Ticking) -> None:
    """Free what only a clock that ran ahead held back."""
    await ticking.database.write(FollowClock())


async def refresh_holders(ticking: Ticking) -> None:
    """Make the holders of open items follow the day."""
    context = ticking.reminders.context
    # Each piece is durable by itself; that all follow is said with the last. If the process dies
    # between two, the next tick finds what is left.
    for piece in await ticking.database.report(lambda connection: refreshes(context, connection)):
        await ticking.database.write(piece)


async def fire_timers(ticking: Ticking) -> None:
    """Let every timer fire that is due; one that fails stops no other."""
    context = ticking.reminders.context
    broken: Exception | None = None
    for timer in await ticking.database.report(lambda connection: due_timers(context, connection)):
        try:
            # Durable one by one; a timer that has fired is in the item's history and not due again.
            await ticking.database.write(timer)
        except Exception as exc:
            log.exception("a timer failed", item=timer.code, days=timer.days)
            broken = exc
    if broken is not None:
        raise broken


async def plan_reminders(ticking: Ticking) -> None:
    """Write down every reminder that is due, with its digests."""
    due: Due = await ticking.database.report(ticking.reminders.due)
    # Each piece is durable by itself, ledger and digests together, and never parts what goes to one
    # person. If the process dies between two, the next tick finds the rest due and none of these.
    for piece in pieces(due):
        planned, superseded = await ticking.database.write(piece)
        ticking.planned += planned
        ticking.superseded += superseded
    ticking.reminded_at = due.at


async def remind_of_requests(ticking: Ticking) -> None:
    """Tell the Office which data subjects' requests are due."""
    reminders = ticking.reminders
    requests = RequestReminders(context=reminders.context, outbox=reminders.outbox)
    if due := await ticking.database.report(requests.due):
        await ticking.database.write(RemindOfRequests(due=due))


async def write_weekly(ticking: Ticking) -> None:
    """Write the Office's digest of the week, when it is time."""
    if weekly := await ticking.database.report(ticking.reminders.weekly_due):
        await ticking.database.write(weekly)


PHASES: MappingProxyType[str, Callable[[Ticking], Awaitable[None]]] = MappingProxyType(
    {
        "clock": follow_clock,
        "holders": refresh_holders,
        "timers": fire_timers,
        "reminders": plan_reminders,
        "weekly": write_weekly,
        "requests": remind_of_requests,
    }
)
"""What a tick does, in this order."""


async def tick(database: Database, reminders: Reminders) -> tuple[int, int]:
    """Do each phase, raising nothing of theirs; return the reminders that are new and overtaken."""
    ticking = Ticking(database=database, reminders=reminders)
    for name, phase in PHASES.items():
        try:
            await phase(ticking)
        except Exception as exc:
            log.exception("a phase of the tick failed", phase=name)
            ticking.failed[name] = type(exc).__name__
    # Also where every phase failed: the clock is not silent, and the page says what is wrong. If
    # the process dies before this is durable, the next tick looks for rungs from where the one
    # before ended; what this one wrote stands in the ledger and is not written twice.
    note = NoteTick(
        at=reminders.context.clock(), reminded_at=ticking.reminded_at, failed=ticking.failed
    )
    try:
        await database.write(note)
    except Exception:
        log.exception("a tick could not be noted")
    return ticking.planned, ticking.superseded
