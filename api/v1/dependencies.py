"""What routes take from a request beside its body: its key, its version, its cause.

Owns the headers ``Idempotency-Key`` and ``If-Match``. It judges nobody's rights.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
from fastapi import Request

from api.auth.callers import application
from api.auth.sessions import Caller
from api.problems import PreconditionError
from workflow.command import Cause
from workflow.errors import InvalidRefusal, StaleRefusal, reason
from workflow.model import Via
from workflow.values import counter

_KEY_LIMIT = 200
_SHORT_KEY = 64


def cause_of(request: Request, asker: Caller, said: object) -> Cause:
    """Return the cause of what a program asks for; ``said``: the body's members, as JSON."""
    return Cause(
        actor=asker.person.id,
        via=Via.API,
        method=asker.method,
        command_id=command_id(request),
        digest=_digest(request, said),
    )


@contextmanager
def if_matched() -> Iterator[None]:
    """Refuse by If-Match what is refused as stale. Raises PreconditionError."""
    try:
        yield
    except StaleRefusal as refusal:
        raise PreconditionError(refusal) from refusal


def command_id(request: Request) -> str:
    """Return the caller's Idempotency-Key, or one made here. Raises InvalidRefusal."""
    header = request.headers.get("idempotency-key")
    if header is None:
        return next(application(request).command_ids)
    given = _decoded(header)
    if not 0 < len(given) <= _KEY_LIMIT or not given.isprintable():
        raise InvalidRefusal(
            reason(
                "idempotency-key",
                "An Idempotency-Key has 1 to {limit} printable characters.",
                limit=_KEY_LIMIT,
            )
        )
    # Parts of a command, and mails about it, are told apart by what is added to its id: a long key
    # would not fit beside that.
    is_short = given.isascii() and len(given) <= _SHORT_KEY
    return f"key:{given}" if is_short else f"keyed:{hashlib.sha256(given.encode()).hexdigest()}"


def _decoded(header: str) -> str:
    """Return a header's text: UTF-8, else one letter a byte (RFC 9110 §5.5)."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _digest(request: Request, body: object) -> str:
    """Return what identifies a request's body for replays: method, path and the body's members."""
    parts = [request.method, request.scope["path"], body]
    try:
        written = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits; the field checks will refuse it by name
        written = json.dumps(parts, sort_keys=True).encode()
    return hashlib.sha256(written).hexdigest()


def expected_version(request: Request) -> int | None:
    """Return the version in If-Match, None without the header, -1 for one that no version has."""
    given = request.headers.get("if-match")
    if given is None:
        return None
    plain = given.strip().strip('"')
    version = counter(plain) if given.strip() == f'"{plain}"' else None
    return -1 if version is None else version
