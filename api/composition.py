"""The composition root: every part is made here, once, and handed to those that need it as a plain argument."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import SQLAlchemyError

from api import retention
from api.auth import (
    access_log,
    passkeys,
    passwords,
    rate_limits,
    secret_encryption,
    sessions,
    setup_codes,
)
from api.auth.account_events import AccountEvents
from api.auth.secret_encryption import KeepVault, Vault
from api.auth.turns import Turns
from api.clock import RunningClock
from api.program_name import program
from api.settings import Settings, require_folder, require_no_path
from api.web import calendar_feeds, form_drafts, saved_views
from notifications import clock_set_back, mail_health, preferences, settlement
from notifications.capabilities import Capabilities
from notifications.claims import ClaimMessages, Claims, ReleaseLeases, RenewLease
from notifications.letters.setup_tokens import CodeIssuer
from notifications.outbox import Outbox
from notifications.relay import parse_relay
from notifications.reminders import NoteTick, Reminders
from notifications.settlement import SettleMessages
from notifications.translation import translate
from workflow import commands
from workflow.commands.execute import UseCases, execute
from workflow.commands.setup import Agency
from workflow.committer import Committer
from workflow.context import Context
from workflow.database import Database
from workflow.deadlines import WorkingCalendar
from workflow.definition import load_corrections
from workflow.errors import InvalidInputError
from workflow.links import Keys
from workflow.store import definitions, migrating
from workflow.store.engines import Engines, open_engines
from workflow.store.files import FileStore

if TYPE_CHECKING:
    from notifications.delivery import Delivery

_TURN_SECONDS, _MOST_WAITING = 2.0, 5
"""Of an account that many guess at: the pause before each judgement, and how many may wait for theirs."""
_QUIET = (
    ClaimMessages,
    RenewLease,
    SettleMessages,
    ReleaseLeases,
    NoteTick,
    access_log.NoteAccess,
    sessions.SeeSession,
    rate_limits.CountAttempt,
    rate_limits.GiveBackAttempt,
)


class Clock(Protocol):
    """Whatever tells the time."""

    def now(self) -> datetime:
        """Return the instant, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The parts of one process."""

    settings: Settings
    engines: Engines
    database: Database
    context: Context
    clock: Clock
    keys: Keys
    codes: CodeIssuer
    agency: Agency
    outbox: Outbox
    reminders: Reminders
    files: FileStore
    tokens: sessions.KnownTokens
    limits: rate_limits.RateLimits
    turns: Turns
    delivery: "Delivery | None"
    is_demo: bool = False

    def close(self) -> None:
        """Finish what is queued and let everything go."""
        self.database.close()


def open_application(
    settings: Settings,
    *,
    clock: Clock | None = None,
    is_demo: bool = False,
    further: UseCases = MappingProxyType({}),
) -> Application:
    """Return the application on an initialised database; ``further``: commands beside its own.

    Raises InvalidInputError where it is not, or is of another version.
    """
    require_no_path(settings)
    require_folder(settings)
    engines = open_engines(settings.url)
    try:
        deployment, agency = _identity(engines)
    except BaseException:
        engines.dispose()
        raise
    ticking = clock or RunningClock(settings.clock)
    keys = Keys(deployment=deployment, by_kid=settings.keys)
    outbox = Outbox(
        deployment=deployment,
        domain=settings.sender.envelope.rpartition("@")[2],
        agency=agency,
        clock=ticking.now,
    )
    codes = CodeIssuer(keys=keys, clock=ticking.now)
    events = AccountEvents(outbox=outbox, codes=codes, clock=ticking.now)
    context = Context(
        calendar=load_calendar(settings),
        clock=ticking.now,
        entropy=secrets.token_bytes,
        symbol=agency.symbol,
    )
    vault = Vault(by_kid=settings.keys)
    reminders = Reminders(context=context, outbox=outbox)
    use_cases = {
        **commands.USE_CASES,
        **_use_cases_of_mail(context, keys, codes, reminders),
        **_use_cases_of_access(outbox, codes, vault),
        **further,
    }
    committer = Committer(
        engines.write,
        partial(execute, context, events.publish, use_cases),
        file=engines.file,
        admit=migrating.take_part,
    )
    waker, tokens = _Waker(), sessions.KnownTokens()
    database = Database(engines, committer, written=(tokens.written, waker))
    delivery = _delivery(settings, context, keys, agency, database) if settings.smtp_url else None
    if delivery is not None:
        waker.wake = delivery.wake
    committer.start()
    _seal_what_lies_open(engines, database, vault)
    return Application(
        settings=settings,
        engines=engines,
        database=database,
        context=context,
        clock=ticking,
        keys=keys,
        codes=codes,
        agency=agency,
        outbox=outbox,
        reminders=reminders,
        files=FileStore(settings.data_dir / "files"),
        tokens=tokens,
        limits=rate_limits.RateLimits(database),
        turns=Turns(seconds=_TURN_SECONDS, most=_MOST_WAITING),
        delivery=delivery,
        is_demo=is_demo,
    )


def _use_cases_of_mail(
    context: Context, keys: Keys, codes: CodeIssuer, reminders: Reminders
) -> UseCases:
    """Return how the commands of the clock and of delivery are run."""
    capabilities = Capabilities(context=context, keys=keys, codes=codes)
    return {
        **Claims(context=context, capabilities=capabilities).use_cases(),
        **settlement.USE_CASES,
        **reminders.use_cases(),
        **clock_set_back.USE_CASES,
        **mail_health.USE_CASES,
        **preferences.USE_CASES,
    }


def _use_cases_of_access(outbox: Outbox, codes: CodeIssuer, vault: Vault) -> UseCases:
    """Return how the commands about who gets in are run, and what is kept for one person, or for how long."""
    return {
        **passwords.use_cases(outbox, vault),
        **secret_encryption.use_cases(vault),
        **sessions.USE_CASES,
        **access_log.USE_CASES,
        **rate_limits.USE_CASES,
        **setup_codes.use_cases(outbox, codes),
        **passkeys.use_cases(outbox),
        **retention.USE_CASES,
        **calendar_feeds.USE_CASES,
        **saved_views.USE_CASES,
        **form_drafts.USE_CASES,
    }


def _seal_what_lies_open(engines: Engines, database: Database, vault: Vault) -> None:
    """Seal factors that an earlier program kept open, and follow secret keys that have come or gone."""
    with engines.read.connect() as connection:
        is_needed = vault.needs_keeping(connection)
    if is_needed:
        database.write_blocking(KeepVault())


def _delivery(
    settings: Settings, context: Context, keys: Keys, agency: Agency, database: Database
) -> "Delivery":
    from notifications.delivery import Delivery, Post  # noqa: PLC0415 - mail is loaded only where there is a relay
    from notifications.smtp import SmtpTransport  # noqa: PLC0415 - likewise

    transport = SmtpTransport(
        relay=parse_relay(settings.smtp_url, settings.smtp_ca_file), sender=settings.sender.envelope
    )
    post = Post(
        context=context,
        keys=keys,
        agency=agency,
        base_url=settings.base_url.rstrip("/"),
        sender=replace(settings.sender, name=settings.sender.name or agency.name),
        reply_to=settings.reply_to,
        transport=transport,
        language=settings.locale,
    )
    return Delivery(database, post)


class _Waker:
    """Wakes delivery after a write that may have put mail into the outbox; delivery's own writes do not."""

    def __init__(self) -> None:
        self.wake: Callable[[], None] = lambda: None

    def __call__(self, command: object) -> None:
        if not isinstance(command, _QUIET):
            self.wake()


def load_calendar(settings: Settings) -> WorkingCalendar:
    """Return the agency's working calendar. Raises InvalidInputError where the corrections cannot be read."""
    return WorkingCalendar(
        load_corrections(*read_file(settings.definition_file("calendars/vn.yaml"))), settings.zone
    )


def read_file(path: Path) -> tuple[str, str]:
    """Return the text of a file and the name to show. Raises InvalidInputError where it cannot be read."""
    try:
        return path.read_text("utf-8"), str(path)
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidInputError(
            translate(
                "Cannot read the file {path}: {exc}. Check the path and that it is UTF-8.",
                path=path,
                exc=exc,
            )
        ) from exc


def _identity(engines: Engines) -> tuple[str, Agency]:
    """Return the deployment's id and agency of a database that is up to date."""
    try:
        with engines.read.connect() as connection:
            revision = migrating.current_revision(connection)
            if revision is None:
                raise InvalidInputError(
                    translate(
                        "The database has not been set up. Run: {command} init (or "
                        "{command} init --sample).",
                        command=program(),
                    )
                )
            migrating.refuse_unknown(connection)
            if migrating.is_being_migrated(connection):
                raise InvalidInputError(
                    translate(
                        "The database is being upgraded or downgraded. Wait until that is "
                        "done, then run this again."
                    )
                )
            if revision != migrating.newest_revision():
                raise InvalidInputError(
                    translate(
                        "The database is at version {revision}, the program needs "
                        "{newest_revision}. Back it up, then run: {command} upgrade.",
                        command=program(),
                        revision=revision,
                        newest_revision=migrating.newest_revision(),
                    )
                )
            deployment = definitions.setting(connection, commands.DEPLOYMENT)
            if deployment is None:
                raise InvalidInputError(
                    translate(
                        "The database has no definitions and campaigns yet. Run: {command} init.",
                        command=program(),
                    )
                )
            return deployment, commands.load_agency(connection)
    except SQLAlchemyError as exc:
        raise InvalidInputError(
            translate(
                "Cannot open the database ({name}). Check THIDUA_DATABASE_URL and the "
                "folder's permissions.",
                name=type(exc).__name__,
            )
        ) from exc
