"""Commands about the database and the files it comes from: init, upgrade, downgrade, doctor."""

import argparse
import asyncio
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiosmtplib
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from api.auth.secret_encryption import Vault
from api.auth.setup_codes import without_first_factor
from api.cli.context import calendar_words, settings_of
from api.clock import RunningClock
from api.composition import Application, open_application
from api.database_roles import (
    grant_roles,
    missing_guards_in_words,
    require_two_roles,
    role_in_words,
    roles_sql,
)
from api.initialise import SAMPLE, initialise, keep_vault, load_definitions
from api.program_name import program
from api.server.run import lock_data_dir
from api.settings import Settings, open_secrets, production_problems, require_folder
from api.v1.health import health_checks
from notifications.mail_context import LetterText
from notifications.messages import Ending
from notifications.proposals_in_words import relaxed_words
from notifications.relay import parse_relay
from notifications.rendering import Envelope, render
from notifications.smtp import Letter, SmtpTransport
from notifications.translation import translate
from workflow.addresses import Mailbox, parse_mailbox
from workflow.definition import OutgoingRules
from workflow.errors import InvalidInputError, ThiduaError, UsageError
from workflow.lookups.proposals import proposal_rules
from workflow.lookups.stuck_items import unnoted_items
from workflow.messages import lazy
from workflow.store import migrating, people, upgrading
from workflow.store.engines import Engines, library_version, open_engines, opened_engines
from workflow.store.old_rows import would_go

_LEAST_FREE_BYTES = 500 * 1024 * 1024
_ONE_BACK = "-1"


def init(options: argparse.Namespace) -> int:
    """Create the database and bring in what it starts from."""
    settings = settings_of(options)
    if options.roles_sql:
        print("\n".join(roles_sql(settings)))
        return 0
    organization = settings.definition_file(SAMPLE) if options.sample else options.organization
    require_folder(settings)
    with nullcontext() if _is_current(settings) else _alone(settings):
        for sentence in initialise(
            settings, organization=organization, clock=RunningClock(settings.clock)
        ):
            print(sentence)
    print(
        translate(
            "Data initialised at {place}.",
            place=settings.data_dir if settings.is_sqlite else "PostgreSQL",
        )
    )
    return 0


def upgrade(options: argparse.Namespace) -> int:
    """Run the migrations up to a revision."""
    settings = settings_of(options)
    keys = settings.keys
    status = _migrate(settings, options.revision, is_upgrade=True)
    keep_vault(settings, keys)
    return status


def downgrade(options: argparse.Namespace) -> int:
    """Take the schema back; what would empty the database is done only where it is said."""
    return _migrate(settings_of(options), options.revision or _ONE_BACK, is_upgrade=False)


def _migrate(settings: Settings, revision: str, *, is_upgrade: bool) -> int:
    require_two_roles(settings)
    require_folder(settings)
    engines = open_engines(settings.owner_url)
    try:
        with _alone(settings):
            if not is_upgrade and revision == _ONE_BACK:
                _require_a_version_below(engines)
            (upgrading.upgrade if is_upgrade else upgrading.downgrade)(engines.write, revision)
        grant_roles(settings)
        with engines.read.connect() as connection:
            print(
                translate(
                    "The database is at the revision {revision}.",
                    revision=migrating.current_revision(connection) or translate("empty"),
                )
            )
    except CommandError:
        raise UsageError(
            lazy(
                "There is no database version “{revision}” to go to. Leave the "
                "argument out, or choose one that exists.",
                revision=revision,
            )
        ) from None
    finally:
        engines.dispose()
    return 0


def _require_a_version_below(engines: Engines) -> None:
    with engines.read.connect() as connection:
        if migrating.current_revision(connection) == migrating.first_revision():
            raise UsageError(
                lazy(
                    "The database is at its first version: one step back would delete everything "
                    "in it. If you want that, back it up and run: {command} downgrade base.",
                    command=program(),
                )
            )


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the folder of a SQLite database, as its server would; PostgreSQL has its own lock."""
    with lock_data_dir(settings.lock_folder) if settings.is_sqlite else nullcontext():
        yield


def _is_current(settings: Settings) -> bool:
    """Return whether the database needs no migration, so that it may be used beside its server."""
    if settings.is_sqlite and not settings.lock_folder.is_dir():
        return False
    try:
        with opened_engines(settings.url) as engines, engines.read.connect() as connection:
            return migrating.current_revision(connection) == migrating.newest_revision()
    except SQLAlchemyError:
        return False  # whoever goes on to use it says why


def doctor(options: argparse.Namespace) -> int:
    """Check configuration, database, clock, mail, disk and versions; print one line for each."""
    settings = settings_of(options)
    lines = [
        (problem, False) for problem in [*production_problems(settings), *open_secrets(settings)]
    ] or [(translate("Configuration: good"), True)]
    lines += (
        _disk(settings)
        + _definitions(settings)
        + _database(settings)
        + _mail(settings, options.mail)
    )
    for sentence, is_well in dict.fromkeys(lines):
        print(f"{'✓' if is_well else '✗'} {sentence}", file=sys.stdout if is_well else sys.stderr)
    return 0 if all(is_well for _, is_well in lines) else 1


def _disk(settings: Settings) -> list[tuple[str, bool]]:
    folder = settings.data_dir if settings.data_dir.exists() else Path()
    free = shutil.disk_usage(folder).free
    return [
        (
            translate("Disk: {free:,} MB free", free=free // 1024 // 1024).replace(",", "."),
            free >= _LEAST_FREE_BYTES,
        )
    ]


def _definitions(settings: Settings) -> list[tuple[str, bool]]:
    try:
        return [
            (
                translate(
                    "Processes: {count} file, no fault",
                    "Processes: {count} files, no fault",
                    count=len(load_definitions(settings.definitions)),
                ),
                True,
            )
        ]
    except InvalidInputError as exc:
        return [(translate(problem), False) for problem in exc.problems]


def _database(settings: Settings) -> list[tuple[str, bool]]:
    lines = (
        [(translate("Libraries: {library_version}", library_version=library_version()), True)]
        if settings.is_sqlite
        else []
    )
    try:
        parts = open_application(settings)
    except ThiduaError as exc:
        return [*lines, (translate(exc), False)]
    try:
        checks = parts.database.report_blocking(lambda connection: health_checks(parts, connection))
        addresses = _addresses(parts)
        old = parts.database.report_blocking(
            lambda connection: would_go(connection, parts.clock.now(), settings.retention)
        )
        relaxed = relaxed_words(parts.database.report_blocking(proposal_rules))
        factors = parts.database.report_blocking(partial(_factors, parts))
        stuck = parts.database.report_blocking(partial(_stuck_items, parts))
        unguarded = parts.database.report_blocking(
            lambda connection: list(missing_guards_in_words(connection))
        )
        calendar = calendar_words(parts)
        if not settings.is_sqlite:
            lines.append(parts.database.report_blocking(role_in_words))
    finally:
        parts.close()
    if relaxed:
        lines.append((relaxed, True))
    lines.append((_outgoing(parts.agency.outgoing), True))
    if calendar:
        lines.append((calendar, False))
    lines.append((_old_rows(old), True))
    return [
        *lines,
        *((each, False) for each in unguarded),
        *factors,
        *stuck,
        *addresses,
        *(
            (f"{name}: {found['detail']}" if found["detail"] else name, bool(found["ok"]))
            for name, found in checks.items()
            if name != "disk"  # said above, by a stricter measure
        ),
    ]


def _outgoing(rules: OutgoingRules) -> str:
    """Return who numbers what leaves, and that nobody asks for the signed document."""
    said = (
        translate("Outgoing documents: numbered here, in the register")
        if rules.is_kept_here
        else translate(
            "Outgoing documents: the agency's own system numbers them, numbers are typed"
        )
    )
    if rules.asks_signed_copy:
        return said
    return translate(
        "{said}. Sending does not ask for the signed document: an agency at work sets "
        "signed_copy: required in its file (Decree 30/2020/NĐ-CP, Article 14)",
        said=said,
    )


def _factors(parts: Application, connection: Connection) -> list[tuple[str, bool]]:
    """Return what is wrong with people's second factors."""
    unopened = Vault(by_kid=parts.settings.keys).unopened(connection)
    directory = parts.context.directory(connection, parts.clock.now())
    locked_out = without_first_factor(connection, directory)
    lines = []
    if unopened:
        lines.append(
            translate(
                "PINs and TOTP secrets: {count} does not open under THIDUA_SECRET_KEYS. "
                "Put the earlier key back, or enrol a new one: {command} factor enrol.",
                "PINs and TOTP secrets: {count} do not open under THIDUA_SECRET_KEYS. Put "
                "the earlier key back, or enrol new ones: {command} factor enrol.",
                count=unopened,
                command=program(),
            )
        )
    if locked_out:
        lines.append(
            translate(
                "Cannot sign in, for they need a second factor and have none: {people}. "
                "Issue one: {command} factor enrol.",
                people=", ".join(each.email for each in locked_out),
                command=program(),
            )
        )
    return [(each, False) for each in lines]


def _stuck_items(parts: Application, connection: Connection) -> list[tuple[str, bool]]:
    """Return which items wait for nobody and are not on the Office's page."""
    codes = ", ".join(each.item.code for each in unnoted_items(parts.context, connection))
    said = translate(
        "Items that wait for nobody, missing on the page To mend: {codes}", codes=codes
    )
    return [(said, False)] if codes else []


def _old_rows(old: dict[str, int]) -> str:
    """Return what the next daily pruning would take away."""
    rows = ", ".join(f"{name} {count}" for name, count in old.items() if count)
    return (
        translate("Data past its retention will be pruned: {rows}", rows=rows)
        if rows
        else translate("Data past its retention: none")
    )


def _mail(settings: Settings, address: str | None) -> list[tuple[str, bool]]:
    if not settings.smtp_url:
        return [
            (
                translate(
                    "Mail: THIDUA_SMTP_URL is missing, so no mail can be sent. Set the mail server."
                ),
                False,
            )
        ]
    try:
        transport = SmtpTransport(
            relay=parse_relay(settings.smtp_url, settings.smtp_ca_file),
            sender=settings.sender.envelope,
        )
        to = parse_mailbox(address) if address is not None else None
        if address is not None and to is None:
            return [(translate("The mail address “{email}” is not valid.", email=address), False)]
        return [asyncio.run(_try_mail(transport, settings.sender, to))]
    except InvalidInputError as exc:
        return [(translate(exc), False)]
    except (aiosmtplib.SMTPException, OSError) as exc:
        return [
            (
                translate(
                    "Mail: cannot connect to the mail server ({name}). Check THIDUA_SMTP_URL.",
                    name=type(exc).__name__,
                ),
                False,
            )
        ]


async def _try_mail(
    transport: SmtpTransport, sender: Mailbox, to: Mailbox | None
) -> tuple[str, bool]:
    async with transport.session() as session:
        if to is None:
            return translate("Mail: the mail server answers well"), True
        now = datetime.now(UTC)
        letter = LetterText(
            agency="thidua",
            subject=translate("Test mail"),
            heading=translate("A test mail of the command doctor: the mail server works."),
        )
        content = render(
            letter,
            Envelope(
                sender=sender,
                recipient=to,
                message_id=f"<doctor.{now.timestamp():.0f}@thidua>",
                at=now,
            ),
        )
        ending, detail = await session.send(Letter(recipient=to.envelope, content=content))
        return translate(
            "Mail: the test mail ended with {detail}", detail=detail
        ), ending is Ending.SENT


def _addresses(parts: Application) -> list[tuple[str, bool]]:
    """Return a line for each address that no mail can be sent to, or only by few servers."""
    everybody = parts.database.report_blocking(people.all_people)
    kept = dict.fromkeys(
        [
            *(each.email for each in everybody if each.is_active),
            *(each.email for each in parts.agency.outside),
        ]
    )
    lines = []
    for address in kept:
        found = parse_mailbox(address)
        if found is None:
            lines.append(
                (
                    translate(
                        "No mail can be sent to the address “{address}”. Correct it to one "
                        "like name@agency.vn.",
                        address=address,
                    ),
                    False,
                )
            )
        elif found.needs_smtputf8:
            sentence = translate(
                "The address “{address}” has letters beyond ASCII before the @: mail "
                "arrives only if every server on the way has SMTPUTF8. Ask the "
                "recipient for an address without diacritics.",
                address=address,
            )
            lines.append((sentence, False))
    return lines
