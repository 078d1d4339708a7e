"""Parse the command line and hand over; errors go to standard error as clear sentences.

Exit status: 0 done, 1 not, 2 wrong usage (3 for ``history verify``, where 2 has a meaning).
"""

import argparse
import gc
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from api import VERSION
from api.cli.parser_messages import usage_error
from api.program_name import program
from api.setting_values import (
    MOST_VERSIONS,
    MOST_WORKERS,
    WrongValueError,
    parse_address_argument,
    parse_day,
    parse_days,
    parse_file_argument,
    parse_instant,
    parse_port,
    parse_whole,
)
from notifications.translation import speak, translate

_MODULE = "api.cli."
_WRONG_USAGE = 2
_RUNNING = ("demo", "serve", "worker", "tick", "bench")


class _Parser(argparse.ArgumentParser):
    """A parser that knows which status means wrong usage."""

    def error(self, message: str) -> NoReturn:
        status = 3 if "history verify" in self.prog else _WRONG_USAGE
        self.exit(status, usage_error(self.prog, message) + "\n")


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
        return _WRONG_USAGE
    parser = _parser(given)
    options, unknown = parser.parse_known_args(given)
    if unknown:
        print(
            usage_error(parser.prog, f"unrecognized arguments: {' '.join(unknown)}"),
            file=sys.stderr,
        )
        return int(getattr(options, "failed", _WRONG_USAGE))
    if options.run is None:
        _parser().print_help(sys.stderr)
        return _WRONG_USAGE
    return _run(options)


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
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - after parsing: usage errors answer at once

    from workflow.errors import InvalidInputError, ThiduaError, UsageError  # noqa: PLC0415 - likewise

    module, _, function = options.run.partition(":")
    status = getattr(options, "failed", 1)
    try:
        return int(_loaded(module, function)(options) or 0)
    except InvalidInputError as exc:
        print(translate(exc), file=sys.stderr)
        status = getattr(options, "failed", _WRONG_USAGE) if isinstance(exc, UsageError) else status
    except ThiduaError as exc:
        print(translate(exc), file=sys.stderr)
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter must not try to write the rest at its end.
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
    except KeyboardInterrupt:
        print(translate("Stopped."), file=sys.stderr)
        return 130
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


def _loaded(module: str, function: str) -> Callable[[argparse.Namespace], int | None]:
    """Return a verb's function. Nothing that loading makes is garbage, so the collector neither walks it now nor later."""
    gc.disable()
    try:
        return getattr(importlib.import_module(_MODULE + module), function)  # type: ignore[no-any-return]  # a verb, by the tests
    finally:
        gc.freeze()
        gc.enable()


def _parser(given: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return the parser. Only the verbs beside the one asked for are built: a server's first answer waits for no others."""
    parser = _Parser(
        prog=program(),
        description=translate("Emulation and commendation dossiers: from the draft to the board."),
    )
    parser.add_argument("--version", action="version", version=f"thidua {VERSION}")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help=translate("data folder (= THIDUA_DATA_DIR)")
    )
    parser.set_defaults(run=None)
    verbs = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    if given and given[0] in _RUNNING:
        _add_running(verbs)
    else:
        for add in (_add_running, _add_database, _add_people, _add_office, _add_history):
            add(verbs)
    return parser


def _type(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return ``parse`` as argparse wants it: it keeps the words of this one kind of error only."""

    def parsed(text: str) -> Any:  # noqa: ANN401 - whatever is parsed
        try:
            return parse(text)
        except WrongValueError as exc:
            raise argparse.ArgumentTypeError(translate(exc.sentence)) from None

    return parsed


_ADDRESS, _DAY, _DAYS, _INSTANT, _PORT = map(
    _type, (parse_address_argument, parse_day, parse_days, parse_instant, parse_port)
)
_FILE = _type(parse_file_argument)
_WORKERS = _type(lambda text: parse_whole(text, 1, MOST_WORKERS))
_DEFINITION_VERSION = _type(lambda text: parse_whole(text, 1, MOST_VERSIONS))


def _verb(verbs, name: str, run: str, about: str) -> argparse.ArgumentParser:  # type: ignore[no-untyped-def]  # noqa: ANN001 - argparse's private type
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=about, description=about)
    verb.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help=translate("data folder (= THIDUA_DATA_DIR)"),
    )
    verb.set_defaults(run=run)
    return verb


def _group(verbs, name: str, about: str):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - argparse's private type
    return verbs.add_parser(name, help=about, description=about).add_subparsers(
        metavar="COMMAND", parser_class=_Parser, required=True
    )


def _add_running(verbs) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - argparse's private type
    demo = _verb(verbs, "demo", "serve:demo", translate("a trial on this machine"))
    demo.add_argument("--port", type=_PORT, default=8000)
    demo.add_argument(
        "--headless",
        action="store_true",
        help=translate("plays the whole main job, without a person"),
    )
    serve = _verb(verbs, "serve", "serve:serve", translate("the production server"))
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_PORT, default=8000)
    serve.add_argument("--workers", type=_WORKERS, default=1)
    serve.add_argument(
        "--no-clock", action="store_true", help=translate("no reminders and mail from this process")
    )
    _verb(verbs, "worker", "serve:worker", translate("reminders and mail only (PostgreSQL)"))
    tick = _verb(
        verbs,
        "tick",
        "serve:tick_once",
        translate("plans up to an instant and sends what is due"),
    )
    tick.add_argument(
        "--now",
        required=True,
        type=_INSTANT,
        metavar="ISO",
        help=translate("an instant with a time zone, for example 2022-06-10T08:00+07:00"),
    )
    tick.add_argument("--json", action="store_true")
    bench = _verb(
        verbs, "bench", "serve:bench", translate("measures speed (in the source tree only)")
    )
    bench.add_argument("rest", nargs=argparse.REMAINDER)


def _add_database(verbs) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - argparse's private type
    init = _verb(
        verbs, "init", "data:init", translate("creates the database, processes and campaigns")
    )
    init.add_argument("--sample", action="store_true", help=translate("adds the sample agency"))
    init.add_argument(
        "--organization",
        type=Path,
        metavar="FILE",
        help=translate("the real agency: departments, people, recipients (YAML)"),
    )
    upgrade = _verb(verbs, "upgrade", "data:upgrade", translate("upgrades the database"))
    upgrade.add_argument("revision", nargs="?", default="head")
    downgrade = _verb(verbs, "downgrade", "data:downgrade", translate("downgrades the database"))
    downgrade.add_argument("revision", nargs="?", default="-1")
    drawing = _verb(
        verbs, "diagram", "definitions:diagram", translate("draws a process, or the way of an item")
    )
    drawing.add_argument("id", help=translate("id of the process"))
    drawing.add_argument(
        "--format", choices=["dot", "mermaid", "svg", "scxml", "bpmn"], default="svg"
    )
    drawing.add_argument("--item", metavar="CODE")
    imported = _verb(
        verbs,
        "import-scxml",
        "definitions:import_scxml",
        translate("turns a flat SCXML chart into a draft process (YAML)"),
    )
    imported.add_argument("file", type=_FILE)
    change = _verb(
        verbs,
        "plan-change",
        "what_if:plan",
        translate("shows what a new process, calendar or people would change; writes nothing"),
    )
    change.add_argument("file", type=_FILE)
    change.add_argument("--json", action="store_true")
    migrate = _verb(
        verbs,
        "migrate",
        "what_if:migrate",
        translate("judges, and with --apply moves, open items to a published version"),
    )
    migrate.add_argument("id", help=translate("id of the process"))
    migrate.add_argument(
        "--to",
        type=_DEFINITION_VERSION,
        metavar="VERSION",
        help=translate("version (default: the newest; an older one to go back)"),
    )
    migrate.add_argument("--apply", action="store_true")
    migrate.add_argument("--json", action="store_true")
    check = _verb(verbs, "check", "definitions:check", translate("checks process files"))
    check.add_argument(
        "--schema", action="store_true", help=translate("prints the JSON Schema for editors")
    )
    check.add_argument("files", nargs="*", type=Path)
    check.add_argument("--json", action="store_true")
    backup = _verb(verbs, "backup", "backups:backup", translate("backs up, and verifies at once"))
    backup.add_argument("file", type=_FILE)
    restore = _verb(verbs, "restore", "backups:restore", translate("restores from a backup"))
    restore.add_argument("file", type=_FILE)
    restore.add_argument("--verify-only", action="store_true")
    move = _verb(
        verbs,
        "move-database",
        "deployment:move_database",
        translate("moves from SQLite to PostgreSQL, comparing row counts and history"),
    )
    move.add_argument(
        "origin", metavar="FROM", help=translate("for example sqlite:///var/thidua.db")
    )
    move.add_argument(
        "target", metavar="TO", help=translate("for example postgresql://user@host/thidua")
    )
    _verb(
        verbs,
        "rotate-keys",
        "deployment:rotate_keys",
        translate("makes a new key, keeps the old ones"),
    )
    doctor = _verb(
        verbs, "doctor", "data:doctor", translate("checks configuration, data, mail, clock, disk")
    )
    doctor.add_argument(
        "--mail",
        type=_ADDRESS,
        metavar="ADDRESS",
        help=translate("sends a test mail to this address"),
    )


def _add_people(verbs) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - argparse's private type
    people = _group(verbs, "people", translate("people"))
    imported = _verb(
        people, "import", "people:import_file", translate("imports people from xlsx, ods or csv")
    )
    imported.add_argument("file", type=_FILE)
    exported = _verb(people, "export", "people:export", translate("exports people to csv"))
    exported.add_argument("file", type=_FILE, nargs="?")
    link = _verb(
        people,
        "setup-link",
        "people:setup_link",
        translate("print a link to set a password, to hand over in person"),
    )
    link.add_argument("email")
    token = _group(verbs, "token", translate("API tokens"))
    create = _verb(token, "create", "people:create_token", translate("creates a token, shown once"))
    create.add_argument("email", type=_ADDRESS)
    create.add_argument("--days", type=_DAYS, default=30)
    create.add_argument("--json", action="store_true")
    listed = _verb(token, "list", "people:list_tokens", translate("every token: whose, until when"))
    listed.add_argument("--json", action="store_true")
    revoke = _verb(token, "revoke", "people:revoke_token", translate("revokes a token"))
    revoke.add_argument("id")
    factor = _group(verbs, "factor", translate("second factors"))
    enrol = _verb(
        factor,
        "enrol",
        "people:enrol_factor",
        translate("issues a PIN or TOTP, handed over in person"),
    )
    enrol.add_argument("email", type=_ADDRESS)
    kind = enrol.add_mutually_exclusive_group(required=True)
    kind.add_argument("--totp", action="store_true")
    kind.add_argument("--pin", action="store_true")
    kind.add_argument(
        "--passkey",
        action="store_true",
        help=translate("a code to add a passkey oneself, within 24 hours"),
    )
    enrol.add_argument("--json", action="store_true")
    admin = _group(verbs, "admin", translate("administrators"))
    first = _verb(
        admin,
        "create",
        "people:create_admin",
        translate("creates the first administrator, prints the link to set the password"),
    )
    first.add_argument("email", type=_ADDRESS)
    first.add_argument(
        "--promote",
        action="store_true",
        help=translate("make somebody of the agency an administrator"),
    )


def _add_office(verbs) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - argparse's private type
    reminders = _verb(
        verbs, "reminders", "lookups:reminders", translate("every reminder sent and to be sent")
    )
    reminders.add_argument("--from", dest="first", type=_DAY, metavar="DAY")
    reminders.add_argument("--to", dest="last", type=_DAY, metavar="DAY")
    reminders.add_argument("--json", action="store_true")
    explain = _verb(
        verbs,
        "explain",
        "lookups:explain",
        translate("who holds an item, what a person can do and why not"),
    )
    explain.add_argument("code")
    explain.add_argument("email", type=_ADDRESS)
    explain.add_argument("--json", action="store_true")


def _add_history(verbs) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - argparse's private type
    history = _group(verbs, "history", translate("the history"))
    verify = _verb(
        history,
        "verify",
        "lookups:verify_history",
        translate("verifies the history in the database or an export"),
    )
    verify.add_argument("export", nargs="?", type=Path)
    verify.set_defaults(failed=3)
    export = _verb(
        history,
        "export",
        "lookups:export_history_files",
        translate("exports the history with its verifier"),
    )
    export.add_argument("folder", type=Path)
    as_of = _verb(history, "as-of", "lookups:as_of", translate("all items, or one, at an instant"))
    as_of.add_argument(
        "instant",
        type=_INSTANT,
        metavar="ISO",
        help=translate("an instant with a time zone, for example 2022-06-10T08:00+07:00"),
    )
    as_of.add_argument("code", nargs="?")
    as_of.add_argument("--json", action="store_true")
    xes = _verb(
        history,
        "xes",
        "lookups:export_xes",
        translate("exports an XES event log (IEEE 1849) for process mining"),
    )
    xes.add_argument("file", type=_FILE)
