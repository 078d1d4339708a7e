"""Static files: kept by browsers for a day, and packed for those that take gzip.

These are the same for everybody; when a page may be packed is said by ``packing``.
"""

import gzip
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.web.compression import takes_gzip
from api.web.style_sheet import SHEETS, style_sheet

_SECONDS = 86_400
_PACKED = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Assets(StaticFiles):
    """The files of one folder, and the style sheets, which are put together from parts."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or a style sheet."""
        if path in SHEETS and scope["method"] in {"GET", "HEAD"}:
            return _style_sheet(path, scope)
        return await super().get_response(path, scope)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return a file, packed where that is wanted; or that the browser's is still good."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
        kind = _PACKED.get(Path(full_path).suffix)
        if kind is None:
            return response
        response.headers["Vary"] = "Accept-Encoding"
        if not isinstance(response, FileResponse) or not takes_gzip(Headers(scope=scope)):
            return response
        body = _packed(str(full_path), stat_result.st_mtime_ns)
        kept = {name: response.headers[name] for name in ("Cache-Control", "Vary", "Last-Modified")}
        # One mark for both forms is a weak one (RFC 9110 §8.8.1).
        headers = {
            **kept,
            "Content-Encoding": "gzip",
            "ETag": f"W/{response.headers['ETag'].removeprefix('W/')}",
        }
        return Response(
            b"" if scope["method"] == "HEAD" else body, media_type=kind, headers=headers
        )


def _style_sheet(name: str, scope: Scope) -> Response:
    body = style_sheet(name)
    headers = {
        "Cache-Control": f"public, max-age={_SECONDS}",
        "Vary": "Accept-Encoding",
        "ETag": f'W/"{sha256(body).hexdigest()[:32]}"',
    }
    if headers["ETag"] in Headers(scope=scope).get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if takes_gzip(Headers(scope=scope)):
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, mtime=0)
    return Response(
        b"" if scope["method"] == "HEAD" else body, media_type=_PACKED[".css"], headers=headers
    )


@lru_cache(maxsize=64)
def _packed(path: str, changed: int) -> bytes:  # noqa: ARG001 - a file that changed is packed anew
    return gzip.compress(Path(path).read_bytes(), mtime=0)
