"""The web application: routes, pages, errors and the life of the process.

Every route is there before the first request; nothing is added while it serves.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import orjson
import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from api import VERSION, problems
from api.auth.callers import required_caller
from api.composition import Application
from api.instruments import Instruments
from api.json_response import OrjsonResponse
from api.middleware import OutermostMiddleware
from api.retention import prune_when_due
from api.v1 import (
    attachments,
    campaigns,
    checkpoints,
    deadlines,
    definitions,
    delegations,
    documents,
    dossiers,
    extensions,
    findings,
    gathering,
    health,
    history,
    inspections,
    item_actions,
    items,
    me,
    merits,
    metrics,
    past_agency,
    past_awards,
    people,
    privacy,
    proceedings,
    proposals,
    register,
    rounds,
    sendings,
)
from api.web.errors import page_for_error
from api.web.routes import add_pages
from notifications.claims import ReleaseLeases
from notifications.clock import start_clock
from notifications.tick import tick
from workflow.commands.keep_calendar import KeepCalendar, is_calendar_recorded
from workflow.committer import StorageError
from workflow.errors import AlteredError, BusyError, ThiduaError, UnavailableError
from workflow.sealer import CheckpointReason

if TYPE_CHECKING:
    from api.web.pages.demo import ReceivedMails

_Handler = Callable[[Request, Exception], Awaitable[Response]]


_Result = TypeVar("_Result")
log = structlog.get_logger()

_API = (
    items,
    attachments,
    item_actions,
    deadlines,
    documents,
    me,
    definitions,
    campaigns,
    people,
    history,
    past_agency,
    past_awards,
    checkpoints,
    delegations,
    extensions,
    findings,
    inspections,
    proceedings,
    gathering,
    merits,
    proposals,
    register,
    dossiers,
    rounds,
    sendings,
    privacy,
)
_STOP_SECONDS = 6
_SEAL_SECONDS = 15
_FIRST_ANSWERS_SECONDS = 0.2
"""Clock and mail load their libraries on the event loop; who waits for a first page comes first."""


def create_app(
    parts: Application,
    *,
    has_clock: bool = True,
    mailbox: "ReceivedMails | None" = None,
    metrics_port: int | None = None,
    on_end: Callable[[], None] | None = None,
) -> ASGIApp:
    """Return the application around ``parts``.

    ``has_clock``: this process ticks and delivers. ``metrics_port``: a port of this machine's
    loopback that is also served, where the figures need no token. ``on_end`` runs last of all.
    """
    app = FastAPI(
        title="thidua",
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(parts, has_clock=has_clock, on_end=on_end),
    )
    app.state.application = parts
    app.state.mailbox = mailbox
    instruments = app.state.instruments = Instruments()
    parts.database.measure(instruments, instruments.written)
    _add_routes(app, parts)
    app.add_exception_handler(ThiduaError, _for_pages(problems.on_thidua_error))
    app.add_exception_handler(RequestValidationError, _for_pages(problems.on_malformed))
    app.add_exception_handler(HTTPException, _for_pages(problems.on_http_error))
    app.add_exception_handler(Exception, _for_pages(problems.on_failure))
    return OutermostMiddleware(
        app, parts.settings, answered=instruments.answered, metrics_port=metrics_port
    )


def _add_routes(app: FastAPI, parts: Application) -> None:
    app.router.routes.append(items.DECISION)
    app.include_router(health.router)
    for module in _API:
        app.include_router(module.router, prefix="/api/v1")
    app.include_router(metrics.router)
    add_pages(app, parts)
    app.add_api_route(
        "/api/v1/openapi.json",
        _show_openapi,
        include_in_schema=False,
        dependencies=[Depends(required_caller)],
    )


async def _show_openapi(request: Request) -> Response:
    from api.v1.openapi import openapi_document  # noqa: PLC0415 - 60 ms: a model of every answer

    app: FastAPI = request.app
    if (
        app.openapi_schema is None
    ):  # nothing in it changes while the product runs, and it takes long
        app.openapi_schema = openapi_document(app.routes, app.state.application.settings)
    return OrjsonResponse(app.openapi_schema)


def _for_pages(answer: _Handler) -> _Handler:
    """Return a handler that answers programs with problem details and people with a page."""

    async def handler(request: Request, error: Exception) -> Response:
        response = await answer(request, error)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            request.app.state.instruments.failed(error)
        if isinstance(error, AlteredError):
            log.critical("altered", what=error.what, path=request.scope["route"].path)
        if problems.is_for_programs(request.url.path):
            return response
        page = await page_for_error(
            request, error, response.status_code, orjson.loads(response.body)["detail"]
        )
        if "retry-after" in response.headers:
            page.headers["Retry-After"] = response.headers["retry-after"]
        return page

    return handler


def _lifespan(
    parts: Application, *, has_clock: bool, on_end: Callable[[], None] | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # What is loaded by now stays: the collector need not walk it again, 50 ms at a time,
        # while somebody waits.
        gc.freeze()
        log.info(
            "started",
            version=VERSION,
            database=parts.engines.journal,
            has_clock=has_clock,
            has_mail=parts.delivery is not None,
        )
        await _once(_keep_calendar(parts), "the working calendar could not be recorded")
        async with working(parts) if has_clock else nullcontext():
            yield
        log.info("stopped")
        if on_end is not None:
            await asyncio.to_thread(on_end)

    return lifespan


@asynccontextmanager
async def working(parts: Application) -> AsyncIterator[None]:
    """Tick and deliver while the block runs; the first answer does not wait for either.

    At its end the letter under way is finished and the batch settled, unless the relay keeps it for
    too long.
    """
    stopping = asyncio.Event()
    work = asyncio.create_task(_work(parts, stopping))
    try:
        yield
    finally:
        stopping.set()
        if parts.delivery is not None:
            parts.delivery.stop()
        await asyncio.wait({work}, timeout=_STOP_SECONDS)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def _work(parts: Application, stopping: asyncio.Event) -> None:
    """Tick and deliver until told to stop; what fails at the start keeps nothing from starting."""
    await asyncio.sleep(_FIRST_ANSWERS_SECONDS)
    if parts.settings.is_sqlite:
        # One process serves a SQLite file, so whoever held a lease is gone.
        await _once(
            parts.database.write(ReleaseLeases()),
            "the leases of the process before could not be released",
        )

    async def on_tick() -> None:
        await _once(tick(parts.database, parts.reminders), "the clock's tick failed")
        await _once(_keep_calendar(parts), "the working calendar could not be recorded")
        pruning = prune_when_due(
            parts.database,
            parts.files,
            now=parts.context.clock(),
            days_kept=parts.settings.retention,
        )
        await _once(pruning, "what is no longer needed could not be pruned")
        sweeping = asyncio.to_thread(parts.packages.sweep)
        await _once(sweeping, "packages that nobody fetches any more could not be removed")

    sealing = asyncio.create_task(_seal(parts, stopping))
    stamping = asyncio.create_task(_stamp(parts, stopping))
    scheduler = start_clock(on_tick, parts.settings.zone)
    try:
        await (parts.delivery.run() if parts.delivery is not None else stopping.wait())
    finally:
        scheduler.shutdown(wait=False)
        for work in (sealing, stamping):
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
        await _once(
            parts.sealer.checkpoint(CheckpointReason.SHUTDOWN),
            "no checkpoint could be made at the end",
        )


async def _keep_calendar(parts: Application) -> None:
    """Record the calendar by which this process works, where it is another than the last one."""
    if not await parts.database.report(partial(is_calendar_recorded, parts.context)):
        await parts.database.write(KeepCalendar())


async def _seal(parts: Application, stopping: asyncio.Event) -> None:
    """Seal every few seconds until told to stop, and let new checkpoints leave the house."""
    while not stopping.is_set():
        await _once(parts.sealer.seal_and_check(), "the history could not be sealed")
        await _once(parts.anchors.let_out(parts.database), "a checkpoint could not leave the house")
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), timeout=_SEAL_SECONDS)


async def _stamp(parts: Application, stopping: asyncio.Event) -> None:
    """Have checkpoints time-stamped, where that is set: beside the sealing, which never waits."""
    while parts.timestamps is not None and not stopping.is_set():
        await _once(parts.timestamps.ask(parts.database), "no time-stamp could be had")
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), timeout=_SEAL_SECONDS)


async def _once(work: Awaitable[_Result], failure: str) -> None:
    """Do what comes again by itself: a failure is logged and stops nothing beside it."""
    try:
        await work
    except (BusyError, StorageError, UnavailableError) as exc:
        log.warning(failure, reason=type(exc).__name__)
    except Exception:
        log.exception(failure)
