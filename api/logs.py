"""Log lines: one JSON object a line, whoever wrote it: ours, the server's, warnings, last words.

Owns how lines are made. It must never let a secret, a link or a full address through, and what
repeats itself in an outage is counted instead of written.
"""

import logging
import os
import re
import sys
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict

_LINES_PER_MINUTE = 10
_MINUTE = 60
_MOST_KEYS = 1000
_SECRETS = re.compile(
    r"(?<=://)[^/\s@]+(?=@)|(?<=/a/)[apu]1\.[\w.-]+|[\w.+-]+(?=@[\w-]+\.)|(?<=Bearer )\S+"
)
"""The log-in of a URL, a link's token, whose address it is, a bearer token."""


def configure_logs(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Write every line from ``level`` on to ``stream`` (standard error)."""
    written_to = stream or sys.stderr
    throttle = Throttle()
    first: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = [
        _say_who,
        structlog.processors.format_exc_info,
        _mask,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    handler = logging.StreamHandler(written_to)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *first,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(["left_out"]),
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    handler.addFilter(throttle)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Else two lines for each tick, six for each move of an item, and in the demo each of SMTP.
    for chatty in ("apscheduler", "mail.log", "transitions"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*first, throttle.process, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Our own lines need nothing of logging: by its records one takes 27 µs instead of 12.
        logger_factory=lambda *_: _Lines(written_to),
        cache_logger_on_first_use=False,
    )
    if level < logging.CRITICAL:
        logging.captureWarnings(True)
        sys.excepthook = _last_words
        threading.excepthook = lambda words: _last_words(
            words.exc_type, words.exc_value, words.exc_traceback
        )


class _Lines:
    """Where our own lines go; one that cannot be written keeps nobody from their answer."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        """Write a line, in one piece."""
        with suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")
            self._stream.flush()

    debug = info = warning = error = critical = msg


class Throttle(logging.Filter):
    """Lets what repeats itself through a few times a minute, then says how many went unsaid."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write ``record``; the first of a minute says how many were left out."""
        if record.levelno < logging.WARNING:
            return True
        left_out = self._left_out(record.name, record.levelname, str(record.msg))
        if left_out:
            record.left_out = left_out
        return left_out is not None

    def process(self, _logger: object, name: str, line: EventDict) -> EventDict:
        """Do the same for a line of our own. Raises DropEvent."""
        if name in {"debug", "info"}:
            return line
        left_out = self._left_out("", name, str(line.get("event")))
        if left_out is None:
            raise structlog.DropEvent
        return {**line, "left_out": left_out} if left_out else line

    def _left_out(self, name: str, level: str, said: str) -> int | None:
        """Return how many went unsaid in the minute before; None: this one does too."""
        key, now = (name, level, said[:200]), time.monotonic()
        if len(self._seen) >= _MOST_KEYS:
            self._seen.clear()
        began_at, count = self._seen.get(key, (now, 0))
        left_out = 0
        if now - began_at >= _MINUTE:
            left_out, began_at, count = max(0, count - _LINES_PER_MINUTE), now, 0
        self._seen[key] = (began_at, count + 1)
        return left_out if count < _LINES_PER_MINUTE else None


def _say_who(_logger: object, _name: str, line: EventDict) -> EventDict:
    line["pid"] = os.getpid()
    return line


def _mask(_logger: object, _name: str, line: EventDict) -> EventDict:
    for name, value in line.items():
        if isinstance(value, str) and ("@" in value or "/a/" in value or "Bearer" in value):
            line[name] = _SECRETS.sub("…", value)
    return line


def _last_words(
    kind: type[BaseException], failure: BaseException | None, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("thidua").critical(
        "uncaught", exc_info=(kind, failure, trace) if failure is not None else None
    )
