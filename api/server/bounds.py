"""What a connection, a request and a client may cost before anybody knows who asks.

Owns the figures and the one judgement of a request's head, whichever parser has read it. It must
never look at what a request wants, only at its shape: RFC 9112 §6.3 leaves the end of a message to
be guessed where Content-Length and Transfer-Encoding stand together, and whoever guesses otherwise
in front of us is desynchronised.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

if sys.platform != "win32":
    import resource

MIB = 1024 * 1024
_SPARE_FILES = 384
"""Descriptors kept for the database, files, and what the kernel hands over before we count it."""
_WANTED_FILES = 8192

BAD_REQUEST, TIMED_OUT, TOO_LARGE, URI_TOO_LONG, HEAD_TOO_LARGE = 400, 408, 413, 414, 431


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Every figure of one process; bytes and seconds."""

    connections: int = 2048
    connections_per_client: int = 256
    long_work_per_client: int = 2
    head_bytes: int = 16 * 1024
    headers: int = 100
    target_bytes: int = 8 * 1024
    head_seconds: float = 10
    idle_seconds: int = 5
    body_bytes: int = 26 * MIB
    """More than the middleware takes, which says so in the reader's language."""
    body_grace_seconds: float = 15
    body_bytes_per_second: int = 4 * 1024
    body_seconds: float = 600
    answer_grace_seconds: float = 20
    answer_bytes_per_second: int = 8 * 1024
    lingering_bytes: int = MIB
    lingering_seconds: float = 2
    pipelined: int = 16
    stop_seconds: int = 10


def bounds_of_this_process() -> Bounds:
    """Return the bounds that the file descriptors allow; raise their soft limit first."""
    files = _file_limit()
    connections = max(min(Bounds().connections, files - _SPARE_FILES), 64)
    return Bounds(connections=connections, connections_per_client=max(connections // 8, 32))


def _file_limit() -> int:
    if sys.platform == "win32":
        return _WANTED_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _WANTED_FILES if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def refused_head(
    headers: Sequence[tuple[bytes, bytes]], version: str, target: bytes, bounds: Bounds
) -> int | None:
    """Return the status that a head is refused with; names of ``headers`` in lower case."""
    if version not in {"1.0", "1.1"}:
        return BAD_REQUEST
    if len(target) > bounds.target_bytes:
        return URI_TOO_LONG
    if (
        len(headers) > bounds.headers
        or sum(len(name) + len(value) for name, value in headers) > bounds.head_bytes
    ):
        return HEAD_TOO_LARGE
    return BAD_REQUEST if _is_ambiguous(headers, version) else None


def _is_ambiguous(headers: Sequence[tuple[bytes, bytes]], version: str) -> bool:
    """Return whether somebody before us could see another end of this message, or another host."""
    # A proxy may take an underscore for a hyphen; no honest program sends one in these names.
    framing = [
        (name.replace(b"_", b"-"), value)
        for name, value in headers
        if name.replace(b"_", b"-") in {b"content-length", b"transfer-encoding", b"host"}
    ]
    lengths = [value for name, value in framing if name == b"content-length"]
    encodings = [value.strip().lower() for name, value in framing if name == b"transfer-encoding"]
    hosts = sum(name == b"host" for name, _ in framing)
    if (
        hosts > 1
        or (hosts == 0 and version == "1.1")
        or len(lengths) > 1
        or (lengths and encodings)
    ):
        return True
    if lengths and not lengths[0].isdigit():
        return True
    # HTTP/1.0 has no chunks (RFC 9112 §6.1); any coding but chunked is one we do not undo.
    return bool(encodings) and (version == "1.0" or encodings != [b"chunked"])
