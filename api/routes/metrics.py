"""``/metrics``: figures for a monitor, in Prometheus's text format (version 0.0.4), to this machine or with a token."""

from collections.abc import Iterator
from ipaddress import ip_address

from fastapi import APIRouter, Request
from sqlalchemy import Column, Connection, func, select
from starlette.responses import Response

from api import VERSION
from api.asking import Parts, known_caller
from api.composition import Application
from api.problems import UnauthenticatedError
from api.routes.health import health_checks
from notifications.troubles import LAST_TICK, oldest_waiting
from workflow.store import definitions, tables
from workflow.store.instants import read

router = APIRouter()
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


@router.get("/metrics")
async def show_metrics(request: Request, parts: Parts) -> Response:
    """Return the figures of now. Raises UnauthenticatedError for whoever is neither on this machine nor known."""
    if not _is_local(request) and await known_caller(request) is None:
        raise UnauthenticatedError
    lines = await parts.database.report(lambda connection: list(_lines(parts, connection)))
    return Response("\n".join([*lines, ""]), media_type="text/plain; version=0.0.4; charset=utf-8")


def _is_local(request: Request) -> bool:
    """Return whether the request comes from this machine itself, and not through a proxy on it."""
    try:
        is_here = ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
    return is_here and not any(name in request.headers for name in _FORWARDED)


def _lines(parts: Application, connection: Connection) -> Iterator[str]:
    yield from _family("thidua_info", "The running version.", [(f'version="{VERSION}"', 1)])
    checks = health_checks(parts, connection)
    yield from _family("thidua_check_ok", "Whether a health check passes.", [(f'check="{name}"', int(each["ok"])) for name, each in checks.items()])
    items, outbox = tables.items.c, tables.outbox.c
    yield from _family("thidua_items", "Items by state.", _by_state(connection, items.state))
    yield from _family("thidua_mails", "Messages by state.", _by_state(connection, outbox.state))
    yield from _family(
        "thidua_history_entries", "Entries of the history.", [("", int(connection.execute(select(func.max(tables.history.c.id))).scalar() or 0))]
    )
    now = parts.clock.now()
    waiting, ticked = oldest_waiting(connection), read(definitions.setting(connection, LAST_TICK))
    late = max((now - waiting).total_seconds(), 0) if waiting else 0
    yield from _family("thidua_mail_waiting_seconds", "How long the oldest unsent message has been due.", [("", round(late))])
    if ticked is not None:
        yield from _family("thidua_clock_silent_seconds", "Since the clock last ticked.", [("", round((now - ticked).total_seconds()))])


def _by_state(connection: Connection, column: Column[str]) -> list[tuple[str, int]]:
    found = connection.execute(select(column, func.count()).group_by(column).order_by(column))
    return [(f'state="{state}"', count) for state, count in found]


def _family(name: str, about: str, samples: list[tuple[str, int]]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        yield f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"
