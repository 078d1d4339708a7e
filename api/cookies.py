"""Cookies as this product keeps them: out of reach of scripts, on its own host."""

from datetime import timedelta

from starlette.responses import Response

from api.settings import Settings


def bound_name(settings: Settings, name: str) -> str:
    """Return the cookie's name: bound to the host where the connection is encrypted."""
    return f"__Host-{name}" if settings.is_https else name


def keep_cookie(
    response: Response, settings: Settings, name: str, value: str, lives: timedelta
) -> None:
    """Have the browser keep ``value`` under ``name`` for as long as ``lives``."""
    response.set_cookie(
        name,
        value,
        max_age=int(lives.total_seconds()),
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
        path="/",
    )


def drop_cookie(response: Response, settings: Settings, name: str) -> None:
    """Have the browser forget ``name``.

    It takes a __Host- cookie, and its end, only with the attribute Secure.
    """
    response.delete_cookie(name, path="/", secure=settings.is_https, httponly=True, samesite="lax")
