"""``/healthz`` and what it looks at: database, clock, mail, history."""

import shutil
from pathlib import Path
from typing import TypedDict

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Parts
from api.composition import Application
from api.json_response import OrjsonResponse
from api.problems import RETRY_AFTER_SECONDS
from api.v1.serializers import moment
from notifications.mail_health import CLOCK_SILENT, LAST_TICK, MAIL_WAITS, oldest_waiting
from notifications.translation import translate
from workflow.committer import StorageError
from workflow.errors import ThiduaError
from workflow.store import definitions, migrating
from workflow.store.engines import library_version
from workflow.store.instants import read

LEAST_FREE_BYTES = 100 * 1024 * 1024
"""With less, the next upload or backup may be the last."""
router = APIRouter(prefix="/healthz")


class Check(TypedDict):
    """One check of health as the interface shows it."""

    ok: bool
    detail: str | None


@router.get("/live")
async def is_live() -> Response:
    """Answer: the process runs."""
    return OrjsonResponse({"status": "ok"})


@router.get("/ready")
async def is_ready(parts: Parts) -> Response:
    """Answer 200 where work can be done, else 503; with every check."""
    try:
        checks = await parts.database.report(lambda connection: health_checks(parts, connection))
    except ThiduaError as exc:
        checks = {"database": {"ok": False, "detail": translate(exc)}}
    if all(each["ok"] for each in checks.values()):
        return OrjsonResponse({"checks": checks})
    headers = {"Retry-After": RETRY_AFTER_SECONDS}
    return OrjsonResponse({"checks": checks}, status_code=503, headers=headers)


def health_checks(parts: Application, connection: Connection) -> dict[str, Check]:
    """Return every check that applies: ``{name: {ok, detail}}``."""
    now = parts.clock.now()
    database = library_version() if parts.engines.is_sqlite else "PostgreSQL"
    checks: dict[str, Check] = {
        "database": {"ok": True, "detail": f"{database}, {parts.engines.journal}"},
        "schema": {
            "ok": migrating.current_revision(connection) == migrating.newest_revision(),
            "detail": migrating.newest_revision(),
        },
    }
    checks["writing"] = {
        "ok": not parts.database.is_failing,
        "detail": translate(StorageError()) if parts.database.is_failing else "",
    }
    # A clock that never ticked runs in no process; one that ticked lately runs somewhere.
    ticked = read(definitions.setting(connection, LAST_TICK))
    checks["clock"] = {
        "ok": ticked is not None and now - ticked <= CLOCK_SILENT,
        "detail": moment(ticked),
    }
    # Another process may send the mail on PostgreSQL: whether one does shows in what waits.
    waiting = oldest_waiting(connection)
    has_mail = parts.delivery is not None or not parts.engines.is_sqlite
    checks["mail"] = {
        "ok": has_mail and (waiting is None or now - waiting <= MAIL_WAITS),
        "detail": moment(waiting),
    }
    sealing = parts.anchors.health(connection)
    checks["sealing"] = {
        "ok": sealing.unsealed_since is None,
        "detail": moment(sealing.unsealed_since),
    }
    # Its detail: when the last checkpoint was made that is known outside the house.
    checks["checkpoint"] = {
        "ok": sealing.uncovered_since is None and not sealing.file_is_behind,
        "detail": moment(sealing.anchored_at),
    }
    if parts.timestamps is not None:
        since = parts.timestamps.missing_since(connection)
        checks["timestamp"] = {"ok": since is None, "detail": moment(since)}
    checks["disk"] = _disk(parts)
    return checks


def _disk(parts: Application, least: int = LEAST_FREE_BYTES) -> Check:
    """Judge the room that is left where the data lies; nothing is written to find out."""
    free = shutil.disk_usage(
        parts.settings.data_dir if parts.settings.data_dir.exists() else Path()
    ).free
    return {"ok": free >= least, "detail": f"{free // 1024 // 1024} MB"}
