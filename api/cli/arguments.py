"""The verbs of the command line and what each takes.

Owns names, arguments and help; each verb names the function that runs it, which is loaded when it
is used. It must never do anything itself.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from api import VERSION
from api.auth.scopes import TokenScope
from api.cli.parser_messages import usage_error
from api.cli.privacy_arguments import PrivacyArguments, add_privacy_verbs
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
from notifications.translation import translate

WRONG_USAGE = 2
_Value = TypeVar("_Value")


class _Parser(argparse.ArgumentParser):
    """A parser that knows which status means wrong usage."""

    def error(self, message: str) -> NoReturn:
        status = 3 if "history verify" in self.prog else WRONG_USAGE
        self.exit(status, usage_error(self.prog, message) + "\n")


if TYPE_CHECKING:
    _Verbs = argparse._SubParsersAction[_Parser]  # noqa: SLF001 - it has no public name


def parser() -> argparse.ArgumentParser:
    """Return the parser of every verb; ``run`` of what it parses names the module and function."""
    whole = _Parser(
        prog=program(),
        description=translate("Emulation and commendation dossiers: from the draft to the board."),
    )
    whole.add_argument("--version", action="version", version=f"thidua {VERSION}")
    whole.add_argument(
        "--data", type=Path, metavar="DIR", help=translate("data folder (= THIDUA_DATA_DIR)")
    )
    whole.set_defaults(run=None)
    verbs = whole.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    for add in (
        _add_running,
        _add_database,
        _add_definitions,
        _add_upkeep,
        _add_people,
        _add_access,
        _add_privacy,
        _add_lookups,
        _add_history,
    ):
        add(verbs)
    return whole


def _type(parse: Callable[[str], _Value]) -> Callable[[str], _Value]:
    """Return ``parse`` as argparse wants it: it keeps the words of this one kind of error only."""

    def parsed(text: str) -> _Value:
        try:
            return parse(text)
        except WrongValueError as exc:
            raise argparse.ArgumentTypeError(translate(exc.sentence)) from None

    return parsed


_ADDRESS = _type(parse_address_argument)
_DAY = _type(parse_day)
_DAYS = _type(parse_days)
_FILE = _type(parse_file_argument)
_INSTANT = _type(parse_instant)
_PORT = _type(parse_port)
_WORKERS = _type(lambda text: parse_whole(text, 1, MOST_WORKERS))
_NUMBER = _type(lambda text: parse_whole(text, 1, 2**31 - 1))
_DEFINITION_VERSION = _type(lambda text: parse_whole(text, 1, MOST_VERSIONS))


def _verb(verbs: "_Verbs", name: str, run: str, about: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=about, description=about)
    verb.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help=translate("data folder (= THIDUA_DATA_DIR)"),
    )
    verb.set_defaults(run=run)
    return verb


def _group(verbs: "_Verbs", name: str, about: str) -> "_Verbs":
    return verbs.add_parser(name, help=about, description=about).add_subparsers(
        metavar="COMMAND", parser_class=_Parser, required=True
    )


def _add_running(verbs: "_Verbs") -> None:
    demo = _verb(verbs, "demo", "demo.run:demo", translate("a trial on this machine"))
    demo.add_argument("--port", type=_PORT, default=8000)
    played = demo.add_mutually_exclusive_group()
    whole = translate("plays the whole main job, without a person")
    played.add_argument("--headless", action="store_true", help=whole)
    later = translate("begins on a later day of the campaign, played up to it: 2022-12-15")
    played.add_argument("--at", type=_DAY, metavar="DAY", help=later)
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


def _add_database(verbs: "_Verbs") -> None:
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
    init.add_argument(
        "--roles-sql",
        action="store_true",
        help=translate("only prints the SQL that creates the roles of a PostgreSQL database"),
    )
    upgrade = _verb(verbs, "upgrade", "data:upgrade", translate("upgrades the database"))
    upgrade.add_argument("revision", nargs="?", default="head")
    downgrade = _verb(verbs, "downgrade", "data:downgrade", translate("downgrades the database"))
    downgrade.add_argument("revision", nargs="?")


def _add_definitions(verbs: "_Verbs") -> None:
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
        "--schema",
        nargs="?",
        const="definition",
        help=translate("prints the JSON Schema for editors"),
    )
    check.add_argument("files", nargs="*", type=Path)
    check.add_argument("--json", action="store_true")


def _add_upkeep(verbs: "_Verbs") -> None:
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


def _add_people(verbs: "_Verbs") -> None:
    people = _group(verbs, "people", translate("people"))
    about = translate("imports people from xlsx, ods or csv")
    _verb(people, "import", "people:import_file", about).add_argument("file", type=_FILE)
    exported = _verb(people, "export", "people:export", translate("exports people to csv"))
    exported.add_argument("file", type=_FILE, nargs="?")
    about = translate("print a link to set a password, to hand over in person")
    _verb(people, "setup-link", "people:setup_link", about).add_argument("email")
    awards = _group(verbs, "awards", translate("awards of earlier years"))
    about = translate("imports awards from xlsx, ods or csv")
    _verb(awards, "import", "awards:import_file", about).add_argument("file", type=_FILE)
    token = _group(verbs, "token", translate("API tokens"))
    create = _verb(token, "create", "people:create_token", translate("creates a token, shown once"))
    create.add_argument("email", type=_ADDRESS)
    create.add_argument("--days", type=_DAYS, default=30)
    create.add_argument(
        "--scope",
        action="append",
        choices=[each.value for each in TokenScope],
        default=[],
        help=translate("what it is good for, several times for several; all without it"),
    )
    create.add_argument("--json", action="store_true")
    listed = _verb(token, "list", "people:list_tokens", translate("every token: whose, until when"))
    listed.add_argument("--json", action="store_true")
    revoke = _verb(token, "revoke", "people:revoke_token", translate("revokes a token"))
    revoke.add_argument("id")


def _add_access(verbs: "_Verbs") -> None:
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


def _add_privacy(verbs: "_Verbs") -> None:
    privacy = _group(verbs, "privacy", translate("personal data"))
    kinds = PrivacyArguments(number=_NUMBER, address=_ADDRESS, file=_FILE)
    add_privacy_verbs(lambda name, run, about: _verb(privacy, name, run, about), kinds)


def _add_lookups(verbs: "_Verbs") -> None:
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


def _add_event_logs(history: "_Verbs") -> None:
    xes = translate("exports an XES event log (IEEE 1849) for process mining")
    ocel = translate("exports an OCEL 2.0 event log (JSON) for process mining")
    for name, words in (("xes", xes), ("ocel", ocel)):
        _verb(history, name, f"lookups:export_{name}", words).add_argument("file", type=_FILE)


def _add_history(verbs: "_Verbs") -> None:
    history = _group(verbs, "history", translate("the history"))
    verify = _verb(
        history,
        "verify",
        "verifying:verify_history",
        translate("verifies the history in the database or an export"),
    )
    verify.add_argument("export", nargs="?", type=Path)
    verify.add_argument(
        "--checkpoint",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help=translate("checkpoints that left the house earlier: saved mails or notes"),
    )
    verify.add_argument(
        "--against",
        type=Path,
        metavar="EXPORT",
        help=translate("an export that left the house earlier: all of it must still be there"),
    )
    verify.set_defaults(failed=3)
    export = _verb(
        history,
        "export",
        "lookups:export_history_files",
        translate("exports the history with its verifier"),
    )
    export.add_argument("folder", type=Path)
    export.add_argument("--now", action="store_true", help=translate("makes a checkpoint first"))
    export.add_argument("--files", action="store_true", help=translate("with attached files"))
    as_of = _verb(history, "as-of", "lookups:as_of", translate("all items, or one, at an instant"))
    as_of.add_argument(
        "instant",
        type=_INSTANT,
        metavar="ISO",
        help=translate("an instant with a time zone, for example 2022-06-10T08:00+07:00"),
    )
    which = as_of.add_mutually_exclusive_group()
    which.add_argument("code", nargs="?")
    which.add_argument("--agency", action="store_true", help=translate("the agency around them"))
    as_of.add_argument("--json", action="store_true")
    _add_event_logs(history)
