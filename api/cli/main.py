"""Parse the command line and hand over; errors go to standard error as clear sentences.

Exit status: 0 done, 1 not, 2 wrong usage (3 for ``history verify``, where 2 has a meaning).
"""

import argparse
import gc
import importlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from api.cli.arguments import WRONG_USAGE, parser
from api.cli.parser_messages import usage_error
from notifications.translation import speak, translate
from workflow.errors import InvalidInputError, ThiduaError, UsageError

_Verb = Callable[[argparse.Namespace], int | None]
_MODULE = "api.cli."


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    os.umask(0o077)  # whatever a command writes holds names and addresses: its owner alone reads it
    given = sys.argv[1:] if arguments is None else arguments
    given = given or ["demo"]
    _write_utf8()
    speak(os.environ.get("THIDUA_LOCALE", ""))
    if any("\ud800" <= letter <= "\udfff" for each in given for letter in each):
        print(
            translate("An argument is not UTF-8. Type it again, or rename the file."),
            file=sys.stderr,
        )
        return WRONG_USAGE
    known = parser()
    options, unknown = known.parse_known_args(given)
    if unknown:
        problem = f"unrecognized arguments: {' '.join(unknown)}"
        print(usage_error(known.prog, problem), file=sys.stderr)
        return int(getattr(options, "failed", WRONG_USAGE))
    if options.run is None:
        known.print_help(sys.stderr)
        return WRONG_USAGE
    try:
        return _run(options)
    except KeyboardInterrupt:
        print(translate("Stopped."), file=sys.stderr)
        return 130


def _write_utf8() -> None:
    """Write UTF-8 where the terminal's own encoding could not hold Vietnamese."""
    for stream in (sys.stdout, sys.stderr):
        if (
            isinstance(stream, io.TextIOWrapper)
            and stream.encoding.lower().replace("-", "") != "utf8"
        ):
            stream.reconfigure(encoding="utf-8")


def _run(options: argparse.Namespace) -> int:
    """Run a verb; what it raises becomes sentences and a status."""
    with _loading():
        module, _, function = options.run.partition(":")
        verb: _Verb = getattr(importlib.import_module(_MODULE + module), function)
    status = getattr(options, "failed", 1)
    try:
        return int(verb(options) or 0)
    except InvalidInputError as exc:
        print(translate(exc), file=sys.stderr)
        status = getattr(options, "failed", WRONG_USAGE) if isinstance(exc, UsageError) else status
    except ThiduaError as exc:
        print(translate(exc), file=sys.stderr)
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter must not write the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as exc:
        print(_about_file(exc), file=sys.stderr)
    except SQLAlchemyError as exc:
        # Its own text holds statements, values and sometimes a URL: what is inside stays inside.
        why = type(getattr(exc, "orig", None) or exc).__name__
        print(
            translate(
                "The database could not do it ({why}). Check THIDUA_DATABASE_URL, "
                "permissions and disk space.",
                why=why,
            ),
            file=sys.stderr,
        )
    return int(status)


def _about_file(exc: OSError) -> str:
    why = exc.strerror or type(exc).__name__
    if exc.filename is None:
        return translate(
            "The system refused ({why}). Check permissions, disk and network.", why=why
        )
    return translate(
        "{path} cannot be read or written ({why}). Check the path and its permissions.",
        path=exc.filename,
        why=why,
    )


@contextmanager
def _loading() -> Iterator[None]:
    """Load modules. None of that is garbage: the collector walks it neither now nor later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
