"""In which language an answer speaks: its reader's choice, their program's, else the agency's.

Owns the cookie ``language``. It names a language and nobody; it grants nothing.
"""

from collections.abc import Mapping
from datetime import timedelta

from starlette.requests import cookie_parser
from starlette.responses import Response

from api.cookies import keep_cookie
from api.settings import Settings
from notifications.translation import LANGUAGES

_COOKIE = "language"
_LIVES = timedelta(days=365)


def chosen(cookies: Mapping[str, str]) -> str | None:
    """Return the language that the reader of this browser chose, or None."""
    code = cookies.get(_COOKIE)
    return code if code in LANGUAGES else None


def language_for(path: str, headers: Mapping[str, str], default: str) -> str:
    """Return the language of the answer to a request; ``headers`` by their lower-case names.

    A program asks by Accept-Language (RFC 9110 §12.5.4). Pages do not: the browsers of an office
    are seldom set to the language that its people read, so ``default`` holds until somebody
    chooses.
    """
    cookie = headers.get("cookie", "")
    if _COOKIE in cookie and (code := chosen(cookie_parser(cookie))):
        return code
    return (
        _preferred_language(headers.get("accept-language", "")) or default
        if path.startswith("/api/")
        else default
    )


def remember_language(response: Response, settings: Settings, code: str) -> None:
    """Keep the reader's language in their browser for a year."""
    keep_cookie(response, settings, _COOKIE, code, _LIVES)


def _preferred_language(header: str) -> str | None:
    """Return the language of ours that an Accept-Language header prefers, or None."""
    preferred: dict[str, float] = {}
    for each in header.split(",")[:20]:
        tag, _, weight = each.partition(";q=")
        code = tag.strip().partition("-")[0].lower()
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if code in LANGUAGES and quality > 0:
            preferred[code] = max(quality, preferred.get(code, 0))
    return max(preferred, key=preferred.__getitem__, default=None)
