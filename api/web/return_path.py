"""The way back to the page asked for, after signing in.

Owns what counts as a page of ours. It must never yield an address that a browser could read as
another host.
"""

from urllib.parse import parse_qsl, quote, unquote, urlsplit

from fastapi import Request

FIRST_PAGE = "/"
_LONGEST = 2000
_LAYERS = 3
"""How often a proxy or a browser might undo percent-encoding before somebody reads the path."""
_NO_PAGES = ("/sign-in", "/sign-out", "/demo/sign-in", "/demo/advance", "/static/", "/api/")


def local_path(given: str) -> str:
    r"""Return ``given`` where it is the path (and query) of a page of ours, else the first page.

    Refused: another host in any spelling (``//host``, ``/\host``, encoded once or more), what
    browsers strip before they read an address (control characters), and pages that only lead
    elsewhere.
    """
    if not given or len(given) > _LONGEST:
        return FIRST_PAGE
    plain = given
    for _ in range(_LAYERS):
        if not _is_local(plain):
            return FIRST_PAGE
        plain = unquote(plain)
    path = plain.partition("?")[0]
    if not _is_local(plain) or f"{path}/".startswith(_NO_PAGES):
        return FIRST_PAGE
    return quote(given, safe="/:?#[]@!$&'()*+,;=%-._~")


def _is_local(address: str) -> bool:
    path = address.partition("?")[0]
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        return False
    return all(each.isprintable() for each in address)


def asked_for(request: Request) -> str:
    """Return the page that an unknown caller asked for; for a form, the page it stood on."""
    if request.method not in {"GET", "HEAD"}:
        return local_path(where_it_stood(request))
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return local_path((raw + (b"?" + query if query else b"")).decode("latin-1"))


def sign_in_address(request: Request) -> str:
    """Return the address of the sign-in page that leads back to what was asked for."""
    return _leading("/sign-in", asked_for(request))


def code_address(wanted: str) -> str:
    """Return the address of the page that asks for a second factor, then leads to ``wanted``."""
    return _leading("/sign-in/code", wanted)


def _leading(address: str, wanted: str) -> str:
    return address if wanted == FIRST_PAGE else f"{address}?next={quote(wanted, safe='/')}"


def led_from_sign_in(request: Request) -> str:
    """Return where the sign-in page that a form stood on was to lead, else the first page."""
    stood = urlsplit(where_it_stood(request))
    return local_path(dict(parse_qsl(stood.query)).get("next", ""))


def where_it_stood(request: Request) -> str:
    """Return the address of the page that the form stood on if it is ours, else the first page."""
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # brackets that hold no address
        return FIRST_PAGE
    if came_from.netloc != request.headers.get("host") or not _is_local(came_from.path):
        return FIRST_PAGE
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
