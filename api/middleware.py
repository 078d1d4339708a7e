"""What every request passes: host, size, origin; what every answer carries: headers, a log line.

One plain ASGI layer. It must never log a path (a link's token may be in it), a query, a body or a
mail address.
"""

import itertools
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from ipaddress import ip_address

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.locale import language_for
from api.network import counted_as
from api.problems import MEDIA_TYPE, is_for_programs, refused
from api.server.bounds import Bounds, bounds_of_this_process
from api.server.connections import Connections
from api.server.long_work import LongWork
from api.settings import Settings
from notifications.translation import speaking, translate

COOKIE_LIMIT = 8192
BODY_LIMIT = 25 * 1024 * 1024
"""Bytes of a body with files; the framework's layers take a tenth of a decision's time."""
FORM_LIMIT = 2 * 1024 * 1024
OPEN_FORM_LIMIT = 256 * 1024
_TAKES_FILES = re.compile(
    r"/api/|/items/new$|/items/[^/]+/(?:files|edit)$|/people/import$|/campaigns/new$"
)
"""Where files come, or JSON; all of these know who asks before they read."""
_OPEN_FORMS = ("/sign-in", "/forgot", "/setup/", "/a/", "/language", "/check", "/demo/")
"""Forms that anybody may send, so their size is all that bounds what they cost."""
_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
PAGE_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What a page may load and do (CSP level 3): only what is the site's own."""

_LONGEST_PART = 1000
_ESCAPED = 3
"""Characters that an octet takes in a query."""
_CLIENT_GONE = 499
"""In the log only; nobody is there to be answered (the number is nginx's)."""
_RETRY = (b"retry-after", b"2")
ON_METRICS_PORT = "thidua.on_metrics_port"
"""In the scope of a request to the metrics port; nothing that a client sends can set it."""
_METRICS_PATH = "/metrics"
_API = "/api/v1"
_LOOPBACK_NAMES = {"127.0.0.1", "localhost"}
_METRICS_HOST = "127.0.0.1"

Answered = Callable[[str, str | None, int, float], None]
"""Told of every answer: method, route template, status, seconds."""

log = structlog.get_logger(__name__)


class OutermostMiddleware:
    """The outermost layer of the web application."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        bounds: Bounds | None = None,
        *,
        answered: Answered = lambda *_: None,
        metrics_port: int | None = None,
    ) -> None:
        self._app = app
        self._answered = answered
        self._metrics_server = (_METRICS_HOST, metrics_port)
        self._proxies = settings.proxies
        self._asking: Counter[str] = Counter()
        self.connections = Connections(settings.proxies, bounds or bounds_of_this_process())
        self._long_work = LongWork(self.connections.bounds.long_work_per_client)
        self._hosts = settings.hosts
        self._origin = settings.base_url.rstrip("/")
        self._language = settings.locale
        self._headers = _security_headers(settings)
        # Counted: to ask the system for randomness lets another thread have the interpreter, and
        # beside a busy committer it took 120 µs to come back.
        self._request_ids = map(f"{secrets.token_hex(4)}{{:08x}}".format, itertools.count())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an acceptable request on; refuse the others without reading them."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        with speaking(language_for(scope["path"], headers, self._language)):
            peer = scope["client"][0] if scope.get("client") else ""
            if scope.get("server") == self._metrics_server:
                await self._answer_monitor(scope, receive, send, headers)
            elif self._proxies.is_trusted(peer):
                await self._answer_through_proxy(scope, receive, send, headers)
            else:
                await self._answer(scope, receive, send, headers)

    async def _answer_monitor(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str]
    ) -> None:
        """Answer at the metrics port: the figures alone, by no name that a page could have."""
        if headers.get("host", "").rsplit(":", 1)[0] not in _LOOPBACK_NAMES:
            await self._refuse(
                scope, send, 400, translate("The host name in the request is not served here.")
            )
        elif scope["path"] != _METRICS_PATH or scope["method"] != "GET":
            await self._refuse(
                scope,
                send,
                404,
                translate("This port shows the figures for a monitor only, at /metrics."),
            )
        else:
            scope[ON_METRICS_PORT] = True
            await self._serve(scope, receive, send)

    async def _refuse(
        self, scope: Scope, send: Send, status: int, sentence: str, *more: tuple[bytes, bytes]
    ) -> None:
        self._answered(scope["method"], None, status, 0)
        await _send_refusal(scope, send, status, sentence, [*self._headers, *more])

    async def _answer_through_proxy(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str]
    ) -> None:
        """Believe a trusted proxy who asks; each client has a share of what is answered."""
        forwarded = b",".join(
            value for name, value in scope["headers"] if name == b"x-forwarded-for"
        ).decode("latin-1")
        client = self._proxies.client_of(scope["client"][0], forwarded)
        scope["client"] = (client, 0)
        scheme = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
        if scheme in {"http", "https"}:
            scope["scheme"] = scheme
        counted = counted_as(client)
        if self._asking[counted] >= self.connections.bounds.connections_per_client:
            await self._refuse(
                scope,
                send,
                503,
                translate(
                    "The server is busy with too many requests from your machine. Please "
                    "try again in a few seconds."
                ),
                _RETRY,
            )
            return
        self._asking[counted] += 1
        try:
            await self._answer(scope, receive, send, headers)
        finally:
            self._asking[counted] -= 1
            if not self._asking[counted]:
                del self._asking[counted]

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str]
    ) -> None:
        limit = _limit_at(scope["path"])
        refusal = self._refusal(scope, headers, limit)
        if b"\x00" in scope["path"].encode("utf-8", "replace") or b"%00" in scope["query_string"]:
            refusal = (400, translate("The address has invalid characters."))
        elif _has_long_part(scope):
            refusal = (
                400,
                translate("A part of the address is too long. Please shorten it and try again."),
            )
        if refusal is not None:
            await self._refuse(scope, send, *refusal)
            return
        await self._serve(
            scope, receive if "content-length" in headers else _counted(receive, limit), send
        )

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = next(self._request_ids)
        client = counted_as(scope["client"][0] if scope.get("client") else "")
        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            self._long_work.asked_by(client) as asked,
        ):

            async def receive_resting() -> Message:
                asked.rest()
                return await receive()

            async def send_after_work(message: Message) -> None:
                asked.end()
                await send(message)

            await self._serve_known(scope, receive_resting, send_after_work, request_id)

    async def _serve_known(
        self, scope: Scope, receive: Receive, send: Send, request_id: str
    ) -> None:
        started = time.perf_counter()
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(each for each in self._headers if each[0] not in present),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            # Who breaks off in the middle of a body is no fault of ours to fill the log with.
            status = _CLIENT_GONE
        finally:
            route = template_of(scope)
            seconds = time.perf_counter() - started
            self._answered(scope["method"], route, status, seconds)
            log.info(
                "request",
                method=scope["method"],
                route=route or "-",
                status=status,
                client=scope["client"][0] if scope.get("client") else "",
                milliseconds=round(seconds * 1000, 1),
            )

    def _refusal(
        self, scope: Scope, headers: Mapping[str, str], limit: int
    ) -> tuple[int, str] | None:
        method: str = scope["method"]
        host = headers.get("host", "").rsplit(":", 1)[0].strip("[]")
        is_own = (
            host in self._hosts
            or headers.get("host", "").startswith("[::1]")
            or _asks_health_here(scope)
        )
        if not is_own:
            return 400, translate("The host name in the request is not served here.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > limit:
            return 413, translate("What was sent is too large. Make it smaller, then send again.")
        if len(headers.get("cookie", "")) > COOKIE_LIMIT:
            return 431, translate("The cookie is too large.")
        if method in _UNSAFE and not self._is_same_origin(headers):
            return 403, translate(
                "The request came from another site, so it was not accepted. Open the "
                "page again, then send."
            )
        return None

    def _is_same_origin(self, headers: Mapping[str, str]) -> bool:
        """Return whether an unsafe request is our pages' or a program's, without such headers."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        if origin is None or origin == self._origin:
            return True
        return origin.split("://", 1)[-1] == headers.get("host")


def _asks_health_here(scope: Scope) -> bool:
    """Return whether this machine asks whether we are well; by which name does not matter."""
    try:
        is_here = ip_address(scope["client"][0] if scope.get("client") else "").is_loopback
    except ValueError:
        return False
    return is_here and scope["path"].startswith("/healthz/")


def _has_long_part(scope: Scope) -> bool:
    """Return whether a name or value in the address is longer than any that we give."""
    longest = max(map(len, scope["path"].split("/")), default=0)
    return (
        longest > _LONGEST_PART
        or max(map(len, scope["query_string"].split(b"&")), default=0) > _LONGEST_PART * _ESCAPED
    )


def template_of(scope: Scope) -> str | None:
    """Return the template of the address; the framework's own leaves out the interface's prefix."""
    template: str | None = getattr(scope.get("route"), "path", None)
    if template is None or template.startswith(_API) or not scope["path"].startswith(_API):
        return template
    return _API + template


def takes_anybodys(path: str) -> bool:
    """Return whether anybody may send a form to ``path``, known or not."""
    return path.startswith(_OPEN_FORMS)


def _limit_at(path: str) -> int:
    """Return how many bytes the body of a request to ``path`` may have."""
    if takes_anybodys(path):
        return OPEN_FORM_LIMIT
    return BODY_LIMIT if _TAKES_FILES.match(path) else FORM_LIMIT


def _counted(receive: Receive, limit: int) -> Receive:
    """Return ``receive`` for a body of unknown length, which stops at the limit."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413)
        return message

    return counted


def _security_headers(settings: Settings) -> list[tuple[bytes, bytes]]:
    headers = {
        "content-security-policy": PAGE_POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "x-robots-tag": "noindex",
        "cache-control": "no-store",
    }
    if settings.is_https:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return [(name.encode(), value.encode()) for name, value in headers.items()]


async def _send_refusal(
    scope: Scope, send: Send, status: int, sentence: str, headers: list[tuple[bytes, bytes]]
) -> None:
    if is_for_programs(scope["path"]):
        kind, body = MEDIA_TYPE.encode(), bytes(refused(status, sentence).body)
    else:
        kind, body = b"text/plain; charset=utf-8", sentence.encode()
    plain = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*plain, *headers]})
    await send({"type": "http.response.body", "body": body})
