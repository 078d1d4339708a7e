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
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict

_LINES_PER_MINUTE = 10
_MOST_KEYS = 1000
_SECRETS = re.compile(
    r"(?<=://)[^/\s@]+(?=@)|(?<=/a/)[apu]1\.[\w.-]+|[\w.+-]+(?=@[\w-]+\.)|(?<=Bearer )\S+"
)
"""The log-in of a URL, a link's token, whose address it is, a bearer token."""


def configure_logs(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Write every line from ``level`` on to ``stream`` (standard error)."""
    first: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*first, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _say_who,
            structlog.processors.format_exc_info,
            _mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(Throttle())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Else two lines for each tick, six for each move of an item, and in the demo each of SMTP.
    for chatty in ("apscheduler", "mail.log", "transitions"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*first, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    if level < logging.CRITICAL:
        logging.captureWarnings(True)
        sys.excepthook = _last_words
        threading.excepthook = lambda words: _last_words(
            words.exc_type, words.exc_value, words.exc_traceback
        )


class Throttle(logging.Filter):
    """Lets what repeats itself through a few times a minute, then says how many went unsaid."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write ``record``; the first of a minute says how many were left out."""
        if record.levelno < logging.WARNING:
            return True
        said = record.msg.get("event", "") if isinstance(record.msg, dict) else record.msg
        key, now = (record.name, record.levelno, str(said)[:200]), time.monotonic()
        if len(self._seen) >= _MOST_KEYS:
            self._seen.clear()
        began_at, count = self._seen.get(key, (now, 0))
        if now - began_at >= 60:  # noqa: PLR2004 - a minute
            if count > _LINES_PER_MINUTE:
                record.left_out = count - _LINES_PER_MINUTE
            began_at, count = now, 0
        self._seen[key] = (began_at, count + 1)
        return count < _LINES_PER_MINUTE


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
