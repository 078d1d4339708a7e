"""Refusals as HTTP: one table from class to status, and problem details (RFC 9457)."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.v1.serializers import OrjsonResponse
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
from workflow.shapes import misshapen
from workflow.speech import Phrase, phrase, say

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:thidua:problem:"
RETRY_AFTER_SECONDS = "2"
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
"""Where the framework says that a value stood; its name is enough for whoever reads."""

_STATUS: Mapping[type[ThiduaError], tuple[int, str, Phrase]] = {
    NotFoundRefusal: (404, "not-found", phrase("Không tìm thấy")),
    SecondFactorRefusal: (403, "second-factor-required", phrase("Cần mã xác thực")),
    NotPermittedRefusal: (403, "not-permitted", phrase("Không được phép")),
    VersionRequiredRefusal: (428, "version-required", phrase("Cần phiên bản")),
    StaleRefusal: (409, "stale", phrase("Đã thay đổi")),
    LinkRefusal: (410, "link-ended", phrase("Liên kết đã kết thúc")),
    KeyReusedRefusal: (422, "idempotency-key-reused", phrase("Khóa đã dùng")),
    InvalidRefusal: (422, "invalid", phrase("Chưa hợp lệ")),
    InvalidInputError: (422, "invalid", phrase("Chưa hợp lệ")),
    BusyError: (503, "busy", phrase("Máy chủ đang bận")),
    StorageError: (503, "storage", phrase("Không ghi được dữ liệu")),
    OutcomeUnknownError: (503, "outcome-unknown", phrase("Chưa rõ đã ghi nhận chưa")),
    UnavailableError: (503, "unavailable", phrase("Cơ sở dữ liệu tạm ngừng")),
}


class UnauthenticatedError(ThiduaError):
    """Nobody known asks: a token or a session is missing or has ended."""

    def __str__(self) -> str:
        return say("Bạn chưa đăng nhập hoặc mã truy cập đã hết hạn. Hãy đăng nhập rồi thử lại.")


class TooOftenError(ThiduaError):
    """One client has given too many tokens that nobody has."""

    retry_after_seconds = 600

    def __str__(self) -> str:
        return say("Đã gửi quá nhiều mã truy cập không đúng. Hãy đợi 10 phút và kiểm tra mã.")


class PreconditionError(ThiduaError):
    """An If-Match header names another version than the present one; carries the refusal."""

    def __init__(self, refusal: StaleRefusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def status_of(error: ThiduaError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, UnauthenticatedError):
        return 401
    if isinstance(error, TooOftenError):
        return 429
    if isinstance(error, PreconditionError):
        return 412
    return next((status for kind, (status, _, _) in _STATUS.items() if isinstance(error, kind)), 500)


def problem(error: ThiduaError) -> Response:
    """Return the problem details of an error."""
    if isinstance(error, UnauthenticatedError):
        return _response(401, "unauthenticated", say("Chưa đăng nhập"), str(error), headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, TooOftenError):
        wait = {"Retry-After": str(error.retry_after_seconds)}
        return _response(429, "too-often", say("Thử quá nhiều lần"), str(error), headers=wait)
    if isinstance(error, PreconditionError):
        return _response(412, "stale", say("Đã thay đổi"), str(error), **_stale(error.refusal))
    status, name, title = next(entry for kind, entry in _STATUS.items() if isinstance(error, kind))
    extra: dict[str, Any] = {"reasons": reasons_json(error.reasons)} if isinstance(error, Refusal) else {}
    if isinstance(error, InvalidInputError):
        extra = {"reasons": [{"rule": "malformed", "message": str(each)} for each in error.problems]}
    if isinstance(error, StaleRefusal):
        extra |= _stale(error)
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if status == 503 else None  # noqa: PLR2004 - service unavailable
    return _response(status, name, str(title), str(error), headers=headers, **extra)


def reasons_json(reasons: Any) -> list[dict[str, str]]:  # noqa: ANN401 - any sequence of Reason
    """Return reasons as the interface shows them."""
    return [{"rule": each.rule, "message": each.message} for each in reasons if isinstance(each, Reason)]


def _stale(refusal: StaleRefusal) -> dict[str, Any]:
    last = refusal.last
    return {
        "reasons": reasons_json(refusal.reasons),
        "current": {"state": refusal.state, "version": refusal.version},
        "given": {"version": refusal.given},
        "last": {"transition": last.transition, "actor": last.actor, "at": instant(last.at)} if last else None,
    }


def _response(status: int, name: str, title: str, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any) -> Response:  # noqa: ANN401 - members of the problem
    body = {"type": _TYPE + name, "title": title, "status": status, "detail": detail, **extra}
    return OrjsonResponse(body, status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


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
    reasons = [{"rule": "malformed", "message": str(each)} for each in misshapen(errors, skipped=_PLACES)]
    detail = say("Yêu cầu không đúng dạng. Xem từng chỗ sai trong 'reasons', sửa rồi gửi lại.")
    return _response(422, "malformed", say("Không đúng dạng"), detail, reasons=reasons)


def is_for_programs(path: str) -> bool:
    """Return whether what is at ``path`` answers programs, with problem details, instead of people, with a page."""
    return path.startswith(("/api/", "/healthz", "/metrics"))


def refused(status: int, sentence: str) -> Response:
    """Return the problem details of a request that was refused before any route saw it."""
    return _response(status, f"http-{status}", say("Không thực hiện được"), sentence)


async def on_http_error(_request: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses."""
    if not isinstance(error, HTTPException):
        raise error
    titles = {404: say("Không tìm thấy"), 405: say("Phương thức không dùng được ở đây"), 413: say("Nội dung quá lớn")}
    title = titles.get(error.status_code, say("Không thực hiện được"))
    return _response(
        error.status_code,
        f"http-{error.status_code}",
        title,
        say("{title}. Hãy kiểm tra địa chỉ và nội dung gửi.", title=title),
        headers=error.headers,
    )


async def on_failure(_request: Request, _error: Exception) -> Response:
    """Answer what nobody foresaw; the details stay in the log."""
    detail = say("Máy chủ gặp lỗi ngoài dự kiến; yêu cầu của bạn có thể chưa được ghi nhận. Hãy tải lại trang để kiểm tra rồi thử lại.")
    return _response(500, "failure", say("Lỗi máy chủ"), detail)
