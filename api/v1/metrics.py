"""``/metrics``: figures for a monitor, in Prometheus's text format (version 0.0.4).

With a token, or at a port of their own. Owns what is read from the database for it: each figure by
an index and bounded. What processes count is api.instruments'.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from starlette.responses import Response

from api import VERSION
from api.auth.callers import Parts, known_caller
from api.composition import Application
from api.middleware import ON_METRICS_PORT
from api.problems import UnauthenticatedError
from api.v1.health import health_checks
from notifications.mail_health import LAST_TICK, count_dead, count_waiting, oldest_waiting
from workflow.errors import ThiduaError
from workflow.store import definitions, history, schema
from workflow.store.counting import count_by_value
from workflow.store.instants import read

router = APIRouter()
_MOST_COUNTED = 10_000


@router.get("/metrics")
async def show_metrics(request: Request, parts: Parts) -> Response:
    """Return the figures of now.

    Raises UnauthenticatedError for whoever has no token and does not ask at the metrics port.
    """
    if not request.scope.get(ON_METRICS_PORT) and await known_caller(request) is None:
        raise UnauthenticatedError
    try:
        stored = await parts.database.report(lambda connection: list(_stored(parts, connection)))
    except ThiduaError:
        # A monitor is there to hear of this, with all that the process itself knows.
        stored = [
            _gauge("thidua_check_ok", "Whether a health check passes.", {"database": 0}, "check")
        ]
    request.app.state.instruments.queued(parts.database.queue_length)
    figures = _Figures(
        families=(_gauge("thidua_info", "The running version.", {VERSION: 1}, "version"), *stored),
        process=request.app.state.instruments,
    )
    return Response(generate_latest(figures), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures(Collector):
    """All that one answer tells."""

    families: Iterable[Metric]
    process: Collector

    def collect(self) -> Iterable[Metric]:
        yield from self.families
        yield from self.process.collect()


def _stored(parts: Application, connection: Connection) -> Iterator[Metric]:
    checks = health_checks(parts, connection)
    yield _gauge(
        "thidua_check_ok",
        "Whether a health check passes.",
        {name: int(each["ok"]) for name, each in checks.items()},
        "check",
    )
    yield _gauge(
        "thidua_items",
        f"Items by state, counted up to {_MOST_COUNTED}.",
        count_by_value(connection, schema.items.c.state, _MOST_COUNTED),
        "state",
    )
    mails = {
        "waiting": count_waiting(connection, _MOST_COUNTED),
        "dead": count_dead(connection, _MOST_COUNTED),
    }
    yield _gauge(
        "thidua_mails",
        f"Messages that wait or are undeliverable, counted up to {_MOST_COUNTED}.",
        mails,
        "state",
    )
    entries = history.count_entries(connection)
    yield GaugeMetricFamily("thidua_history_entries", "Entries of the history.", entries)
    now = parts.clock.now()
    waiting, ticked = oldest_waiting(connection), read(definitions.setting(connection, LAST_TICK))
    late = max((now - waiting).total_seconds(), 0) if waiting else 0
    yield GaugeMetricFamily(
        "thidua_mail_waiting_seconds",
        "How long the oldest unsent message has been due.",
        round(late),
    )
    if ticked is not None:
        yield GaugeMetricFamily(
            "thidua_clock_silent_seconds",
            "Since the clock last ticked.",
            round((now - ticked).total_seconds()),
        )


def _gauge(name: str, about: str, values: Mapping[str, float], label: str) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family
