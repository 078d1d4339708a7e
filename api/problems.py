"""Refusals as HTTP: one table from class to status, and problem details (RFC 9457)."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.v1.serializers import OrjsonResponse
from notifications.translation import translate
from workflow.canonical import instant
from workflow.committer import StorageError
from workflow.errors import (
    BusyError,
    InvalidInputError,
    InvalidRefusal,
    KeyReusedRefusal,
    LinkRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    OutcomeUnknownError,
    Reason,
    Refusal,
    SecondFactorRefusal,
    StaleRefusal,
    ThiduaError,
    UnavailableError,
    VersionRequiredRefusal,
)
from workflow.messages import Message, lazy
from workflow.shapes import misshapen

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:thidua:problem:"
RETRY_AFTER_SECONDS = "2"
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
"""Where the framework says that a value stood; its name is enough for whoever reads."""

_STATUS: Mapping[type[ThiduaError], tuple[int, str, Message]] = {
    NotFoundRefusal: (404, "not-found", lazy("Not found")),
    SecondFactorRefusal: (403, "second-factor-required", lazy("Code needed")),
    NotPermittedRefusal: (403, "not-permitted", lazy("Not permitted")),
    VersionRequiredRefusal: (428, "version-required", lazy("Version needed")),
    StaleRefusal: (409, "stale", lazy("Changed")),
    LinkRefusal: (410, "link-ended", lazy("Link ended")),
    KeyReusedRefusal: (422, "idempotency-key-reused", lazy("Key already used")),
    InvalidRefusal: (422, "invalid", lazy("Not valid")),
    InvalidInputError: (422, "invalid", lazy("Not valid")),
    BusyError: (503, "busy", lazy("The server is busy")),
    StorageError: (503, "storage", lazy("Could not be written")),
    OutcomeUnknownError: (503, "outcome-unknown", lazy("Not known whether it was recorded")),
    UnavailableError: (503, "unavailable", lazy("Database unavailable")),
}


class UnauthenticatedError(ThiduaError):
    """Nobody known asks: a token or a session is missing or has ended."""

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy("You are not signed in or the token has expired. Sign in, then try again.")


class TooOftenError(ThiduaError):
    """One client has given too many tokens that nobody has."""

    retry_after_seconds = 600

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy("Too many wrong tokens were sent. Wait 10 minutes and check the token.")


class PreconditionError(ThiduaError):
    """An If-Match header names another version than the present one; carries the refusal."""

    def __init__(self, refusal: StaleRefusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal

    @property
    def message(self) -> Message:
        """Return what the refusal says."""
        return self.refusal.message


def status_of(error: ThiduaError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, UnauthenticatedError):
        return 401
    if isinstance(error, TooOftenError):
        return 429
    if isinstance(error, PreconditionError):
        return 412
    return next(
        (status for kind, (status, _, _) in _STATUS.items() if isinstance(error, kind)), 500
    )


def problem(error: ThiduaError) -> Response:
    """Return the problem details of an error."""
    if isinstance(error, UnauthenticatedError):
        return _response(
            401,
            "unauthenticated",
            translate("Not signed in"),
            translate(error),
            headers={"WWW-Authenticate": "Bearer"},
        )
    if isinstance(error, TooOftenError):
        wait = {"Retry-After": str(error.retry_after_seconds)}
        return _response(
            429, "too-often", translate("Tried too often"), translate(error), headers=wait
        )
    if isinstance(error, PreconditionError):
        return _response(
            412, "stale", translate("Changed"), translate(error), **_stale(error.refusal)
        )
    status, name, title = next(entry for kind, entry in _STATUS.items() if isinstance(error, kind))
    extra: dict[str, Any] = (
        {"reasons": reasons_json(error.reasons)} if isinstance(error, Refusal) else {}
    )
    if isinstance(error, InvalidInputError):
        extra = {
            "reasons": [
                {"rule": "malformed", "message": translate(each)} for each in error.problems
            ]
        }
    if isinstance(error, StaleRefusal):
        extra |= _stale(error)
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if status == 503 else None  # noqa: PLR2004 - service unavailable
    return _response(status, name, translate(title), translate(error), headers=headers, **extra)


def reasons_json(reasons: Any) -> list[dict[str, str]]:  # noqa: ANN401 - any sequence of Reason
    """Return reasons as the interface shows them."""
    return [
        {"rule": each.rule, "message": translate(each)}
        for each in reasons
        if isinstance(each, Reason)
    ]


def _stale(refusal: StaleRefusal) -> dict[str, Any]:
    last = refusal.last
    return {
        "reasons": reasons_json(refusal.reasons),
        "current": {"state": refusal.state, "version": refusal.version},
        "given": {"version": refusal.given},
        "last": {"transition": last.transition, "actor": last.actor, "at": instant(last.at)}
        if last
        else None,
    }


def _response(
    status: int,
    name: str,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **extra: Any,  # noqa: ANN401 - members of the problem
) -> Response:
    body = {"type": _TYPE + name, "title": title, "status": status, "detail": detail, **extra}
    return OrjsonResponse(
        body, status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


async def on_thidua_error(_request: Request, error: Exception) -> Response:
    """Answer an error of ours."""
    if not isinstance(error, ThiduaError):
        raise error
    return problem(error)


async def on_malformed(_request: Request, error: Exception) -> Response:
    """Answer a request that does not have the shape that the interface asks for."""
    if not isinstance(error, RequestValidationError):
        raise error
    return malformed(error.errors())


def malformed(errors: Any) -> Response:  # noqa: ANN401 - pydantic's list of errors
    """Return the problem details of a malformed request, one reason for each wrong place, in the reader's language."""
    reasons = [
        {"rule": "malformed", "message": translate(each)}
        for each in misshapen(errors, skipped=_PLACES)
    ]
    detail = translate(
        "The request has the wrong form. See each fault in 'reasons', mend them, then send again."
    )
    return _response(422, "malformed", translate("Wrong form"), detail, reasons=reasons)


def is_for_programs(path: str) -> bool:
    """Return whether what is at ``path`` answers programs, with problem details, instead of people, with a page."""
    return path.startswith(("/api/", "/healthz", "/metrics"))


def refused(status: int, sentence: str) -> Response:
    """Return the problem details of a request that was refused before any route saw it."""
    return _response(status, f"http-{status}", translate("Not possible"), sentence)


async def on_http_error(_request: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses."""
    if not isinstance(error, HTTPException):
        raise error
    titles = {
        404: translate("Not found"),
        405: translate("This method does not serve here"),
        413: translate("Content too large"),
    }
    title = titles.get(error.status_code, translate("Not possible"))
    return _response(
        error.status_code,
        f"http-{error.status_code}",
        title,
        translate("{title}. Check the address and what was sent.", title=title),
        headers=error.headers,
    )


async def on_failure(_request: Request, _error: Exception) -> Response:
    """Answer what nobody foresaw; the details stay in the log."""
    detail = translate(
        "The server had an unexpected error; your request may not have been recorded. "
        "Reload the page to check, then try again."
    )
    return _response(500, "failure", translate("Server error"), detail)
