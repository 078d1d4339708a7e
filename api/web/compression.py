"""Packing for the way to the reader: where it is asked for, and where it tells nobody.

A page mixes what is secret with what somebody typed, so its packed length tells about it to whoever
can have a reader's browser ask for it again and again with words of their own (BREACH). They can do
so from another site alone, and a browser says where a request began (Sec-Fetch-Site, W3C Fetch
Metadata §2.4). What began elsewhere, or does not say, goes as it is.
"""

import gzip
import re
from collections.abc import Mapping
from typing import Final

from fastapi import Request
from starlette.responses import Response

_OWN: Final = frozenset({"same-origin", "none"})
"""Where a request began: on a page of ours, or with the reader alone (typed, kept, opened anew)."""
_LEAST = 1000
"""Bytes below which packing saves nothing."""
_LEVEL = 5
_WEIGHT = re.compile(r"q\s*=\s*(?:1(?:\.0{0,3})?|0\.(?=\d{0,2}[1-9])\d{1,3})")
"""A weight above nothing."""


def takes_gzip(headers: Mapping[str, str]) -> bool:
    """Return whether a request takes gzip: named, or by ``*``, and not weighed with nothing.

    By RFC 9110 §12.5.3; a weight that is none refuses, so that nobody gets what they cannot read.
    """
    weights: dict[str, object] = {}
    for each in headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = each.partition(";")
        weights[coding.strip()] = _WEIGHT.fullmatch(weight.strip()) if weight.strip() else True
    return bool(weights.get("gzip", weights.get("x-gzip", weights.get("*"))))


def packed(request: Request, page: Response) -> Response:
    """Return ``page``, packed where the browser takes it and the request began with us."""
    page.headers["Vary"] = "Accept-Encoding, Sec-Fetch-Site"
    is_ours = request.headers.get("sec-fetch-site") in _OWN
    if is_ours and takes_gzip(request.headers) and len(page.body) > _LEAST:
        page.body = gzip.compress(page.body, _LEVEL, mtime=0)
        page.headers["Content-Encoding"] = "gzip"
        page.headers["Content-Length"] = str(len(page.body))
    return page
