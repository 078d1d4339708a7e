"""Packing of pages for the way to the reader: where it is asked for, and where it tells nobody.

A page mixes what is secret with what somebody typed, so its packed length tells about it to whoever
can have a reader's browser ask for it again and again with words of their own (BREACH). They can do
so from another site alone, and a browser says where a request began (Sec-Fetch-Site, W3C Fetch
Metadata §2.4). What began elsewhere, or does not say, goes as it is.
"""

import gzip
from typing import Final

from fastapi import Request
from starlette.responses import Response

_OWN: Final = frozenset({"same-origin", "none"})
"""Where a request began: on a page of ours, or with the reader alone (typed, kept, opened anew)."""
_LEAST = 1000
"""Bytes below which packing saves nothing."""
_LEVEL = 5


def packed(request: Request, page: Response) -> Response:
    """Return ``page``, packed where the browser takes it and the request began with us."""
    page.headers["Vary"] = "Accept-Encoding, Sec-Fetch-Site"
    is_ours = request.headers.get("sec-fetch-site") in _OWN
    takes_it = "gzip" in request.headers.get("accept-encoding", "")
    if is_ours and takes_it and len(page.body) > _LEAST:
        page.body = gzip.compress(page.body, _LEVEL, mtime=0)
        page.headers["Content-Encoding"] = "gzip"
        page.headers["Content-Length"] = str(len(page.body))
    return page
