"""Refusals as HTTP.

One table from class to status, for programs and for pages, and problem details (RFC 9457).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.json_response import OrjsonResponse
from notifications.translation import translate
from workflow.canonical import instant
from workflow.committer import StorageError
from workflow.errors import (
    AlteredError,
    BusyError,
    FactorLockedRefusal,
    GuardedError,
    InvalidInputError,
    InvalidRefusal,
    KeyReusedRefusal,
    LinkEndedRefusal,
    LinkRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    OutcomeUnknownError,
    Reason,
    Refusal,
    SecondFactorRefusal,
    SettledRefusal,
    StaleRefusal,
    ThiduaError,
    UnavailableError,
    VersionRequiredRefusal,
    reason,
)
from workflow.messages import Message, lazy
from workflow.shapes import misshapen

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:thidua:problem:"
RETRY_AFTER_SECONDS = "2"
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
"""Where the framework says that a value stood; its name is enough for whoever reads."""


class UnauthenticatedError(ThiduaError):
    """Nobody known asks: a token or a session is missing or has ended."""

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy("You are not signed in or the token has expired. Sign in, then try again.")


class SessionFactorRefusal(SecondFactorRefusal):
    """A session awaits the second factor that its person's power asks for."""

    def __init__(self) -> None:
        super().__init__(
            reason(
                "session-factor",
                "Your position, or that of somebody whom you stand in for, asks for a second "
                "factor at sign-in. Enter it on the sign-in page, then go on.",
            )
        )


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


@dataclass(frozen=True, slots=True)
class ProblemType:
    """How one class of error answers: status, name and title of the problem.

    ``on_page`` where a page's status differs.
    """

    status: int
    name: str
    title: Message
    on_page: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


_LATER = {"Retry-After": RETRY_AFTER_SECONDS}
ANSWERS: Mapping[type[ThiduaError], ProblemType] = {
    UnauthenticatedError: ProblemType(
        401, "unauthenticated", lazy("Not signed in"), headers={"WWW-Authenticate": "Bearer"}
    ),
    TooOftenError: ProblemType(
        429,
        "too-often",
        lazy("Tried too often"),
        headers={"Retry-After": str(TooOftenError.retry_after_seconds)},
    ),
    NotFoundRefusal: ProblemType(404, "not-found", lazy("Not found")),
    NotPermittedRefusal: ProblemType(403, "not-permitted", lazy("Not permitted")),
    SecondFactorRefusal: ProblemType(403, "second-factor-required", lazy("Code needed")),
    FactorLockedRefusal: ProblemType(
        403, "second-factor-required", lazy("Code needed"), on_page=429
    ),
    VersionRequiredRefusal: ProblemType(428, "version-required", lazy("Version needed")),
    PreconditionError: ProblemType(412, "stale", lazy("Changed")),
    StaleRefusal: ProblemType(409, "stale", lazy("Changed")),
    SettledRefusal: ProblemType(409, "settled", lazy("Settled already")),
    LinkRefusal: ProblemType(409, "link-overtaken", lazy("Changed")),
    LinkEndedRefusal: ProblemType(410, "link-ended", lazy("Link ended")),
    KeyReusedRefusal: ProblemType(422, "idempotency-key-reused", lazy("Key already used")),
    InvalidRefusal: ProblemType(422, "invalid", lazy("Not valid")),
    InvalidInputError: ProblemType(422, "invalid", lazy("Not valid")),
    AlteredError: ProblemType(503, "altered", lazy("Changed past the program")),
    GuardedError: ProblemType(503, "storage", lazy("Could not be written")),
    BusyError: ProblemType(503, "busy", lazy("The server is busy"), headers=_LATER),
    StorageError: ProblemType(503, "storage", lazy("Could not be written"), headers=_LATER),
    OutcomeUnknownError: ProblemType(
        503, "outcome-unknown", lazy("Not known whether it was recorded"), headers=_LATER
    ),
    UnavailableError: ProblemType(503, "unavailable", lazy("Database unavailable"), headers=_LATER),
}
"""What each class of error answers.

A class that has no line of its own answers as its nearest ancestor.
"""


def answer_to(error: ThiduaError) -> ProblemType:
    """Return the line of the table that ``error`` answers by.

    Its own class's, else its nearest ancestor's.
    """
    return next(ANSWERS[each] for each in type(error).__mro__ if each in ANSWERS)


def page_status(error: ThiduaError) -> int:
    """Return the HTTP status of the page that shows ``error`` to a person."""
    answer = answer_to(error)
    return answer.on_page or answer.status


def problem(error: ThiduaError) -> Response:
    """Return the problem details of an error."""
    answer = answer_to(error)
    extra: dict[str, object] = (
        {"reasons": reasons_json(error.reasons)} if isinstance(error, Refusal) else {}
    )
    if isinstance(error, InvalidInputError):
        extra = {
            "reasons": [
                {"rule": "malformed", "message": translate(each)} for each in error.problems
            ]
        }
    if isinstance(error, PreconditionError):
        extra = _stale(error.refusal)
    if isinstance(error, StaleRefusal):
        extra |= _stale(error)
    return _response(
        answer.status,
        answer.name,
        translate(answer.title),
        translate(error),
        headers=answer.headers,
        **extra,
    )


def reasons_json(reasons: Iterable[object]) -> list[dict[str, str]]:
    """Return reasons as the interface shows them."""
    return [
        {"rule": each.rule, "message": translate(each)}
        for each in reasons
        if isinstance(each, Reason)
    ]


def _stale(refusal: StaleRefusal) -> dict[str, object]:
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
    **extra: object,
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


def malformed(errors: Iterable[Mapping[str, object]]) -> Response:
    """Return the problem details of a malformed request, one reason for each wrong place."""
    reasons = [
        {"rule": "malformed", "message": translate(each)}
        for each in misshapen(errors, skipped=_PLACES)
    ]
    detail = translate(
        "The request has the wrong form. See each fault in 'reasons', mend them, then send again."
    )
    return _response(422, "malformed", translate("Wrong form"), detail, reasons=reasons)


def is_for_programs(path: str) -> bool:
    """Return whether what is at ``path`` answers programs with problem details, not with a page."""
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
