"""The composition root: every part is made here, once, and handed on as a plain argument."""

import itertools
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from api import retention
from api.auth import (
    access_log,
    account_undo,
    credentials,
    factor_attempts,
    passkey_records,
    rate_limits,
    secret_encryption,
    sessions,
    setup_codes,
    tokens,
)
from api.auth.account_events import AccountEvents
from api.auth.known_tokens import KnownTokens
from api.auth.secret_encryption import KeepVault, Vault
from api.auth.turns import Turns
from api.clock import RunningClock
from api.kept_packages import KeptPackages
from api.program_name import program
from api.server.long_work import begin_long_work
from api.settings import Settings, require_folder, require_no_path
from api.web import calendar_feeds, form_drafts, saved_views
from api.web.menu_counts import KeptCounts, kept_counts
from notifications import clock_set_back, mail_health, preferences, settlement
from notifications.anchors import Anchors
from notifications.capabilities import Capabilities
from notifications.claims import ClaimMessages, Claims, ReleaseLeases, RenewLease
from notifications.code_issuer import CodeIssuer
from notifications.outbox import Outbox
from notifications.reminders import NoteTick, Reminders
from notifications.request_reminders import RequestReminders
from notifications.settlement import SettleMessages
from notifications.translation import translate
from workflow.awards import Awards, load_awards
from workflow.commands import USE_CASES
from workflow.commands.execute import UseCases, execute
from workflow.committer import Committer
from workflow.context import Context, Rulebooks
from workflow.database import Database
from workflow.deadlines import WorkingCalendar
from workflow.definition import load_corrections
from workflow.errors import InvalidInputError
from workflow.links import Keys
from workflow.lookups.agency import DEPLOYMENT, Agency, load_agency
from workflow.sealer import Sealer
from workflow.store import definitions, migrating
from workflow.store.engines import Engines, open_engines
from workflow.store.files import FileStore

if TYPE_CHECKING:
    from notifications.delivery import Delivery
    from notifications.timestamps import Timestamps

_TURN_SECONDS, _MOST_WAITING = 2.0, 5
"""Of an account that many guess at: the pause before each judgement, and how many may wait."""
AWARDS = "awards.yaml"
"""The file of titles and forms, beside the processes."""
LAUNCH = "launch.yaml"
"""The words of a campaign's plan, among the documents."""
_QUIET = (
    ClaimMessages,
    RenewLease,
    SettleMessages,
    ReleaseLeases,
    NoteTick,
    access_log.NoteAccess,
    sessions.SeeSession,
    tokens.UseToken,
    rate_limits.CountAttempt,
    rate_limits.GiveBackAttempt,
)


class Clock(Protocol):
    """Whatever tells the time."""

    def now(self) -> datetime:
        """Return the instant, aware, in UTC."""
        ...


def _command_ids() -> Iterator[str]:
    """Return ids that no other process gives: its own random start, and a count."""
    return map(f"auto:{secrets.token_hex(16)}:{{}}".format, itertools.count(1))


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
    sealer: Sealer
    anchors: Anchors
    timestamps: "Timestamps | None"
    files: FileStore
    packages: KeptPackages
    tokens: KnownTokens
    limits: rate_limits.RateLimits
    turns: Turns
    delivery: "Delivery | None"
    counts: KeptCounts = field(default_factory=kept_counts)
    command_ids: Iterator[str] = field(default_factory=_command_ids)
    """Ids for commands that come without one."""
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
    deployment, agency = _identity(engines)
    parts = _services(settings, clock or RunningClock(settings.clock), deployment, agency)
    use_cases = {**USE_CASES, **parts.use_cases(), **further}
    run = partial(execute, parts.context, parts.account_events().publish, use_cases)
    committer = Committer(engines.write, run, file=engines.file, admit=migrating.take_part)
    waker, known_tokens = _Waker(), KnownTokens()
    told = (known_tokens.written, waker)
    database = Database(engines, committer, written=told, before_long=begin_long_work)
    delivery, timestamps = _outgoing(settings, parts, agency, database)
    waker.wake = delivery.wake if delivery else waker.wake
    committer.start()
    _seal_what_lies_open(engines, database, parts.vault, parts.keys)
    return Application(
        settings=settings,
        engines=engines,
        database=database,
        context=parts.context,
        clock=parts.clock,
        keys=parts.keys,
        codes=parts.codes,
        agency=agency,
        outbox=parts.outbox,
        reminders=parts.reminders,
        sealer=Sealer(database, parts.keys, parts.clock.now),
        anchors=parts.anchors,
        timestamps=timestamps,
        files=FileStore(settings.data_dir / "files"),
        packages=KeptPackages(settings.data_dir / "packages"),
        tokens=known_tokens,
        limits=rate_limits.RateLimits(database),
        turns=Turns(seconds=_TURN_SECONDS, most=_MOST_WAITING),
        delivery=delivery,
        is_demo=is_demo,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Services:
    """What the use cases are given, before there is a database to write to."""

    clock: Clock
    keys: Keys
    outbox: Outbox
    codes: CodeIssuer
    context: Context
    vault: Vault
    reminders: Reminders
    anchors: Anchors

    def account_events(self) -> AccountEvents:
        """Return who hears of every event: the accounts first, then the outbox."""
        return AccountEvents(outbox=self.outbox, codes=self.codes, clock=self.clock.now)

    def use_cases(self) -> UseCases:
        """Return how the commands of mail, of access and of what is kept for a person are run."""
        capabilities = Capabilities(context=self.context, keys=self.keys, codes=self.codes)
        return {
            **Claims(
                context=self.context, capabilities=capabilities, outbox=self.outbox
            ).use_cases(),
            **settlement.USE_CASES,
            **self.reminders.use_cases(),
            **RequestReminders(context=self.context, outbox=self.outbox).use_cases(),
            **self.anchors.use_cases(),
            **clock_set_back.USE_CASES,
            **mail_health.USE_CASES,
            **preferences.USE_CASES,
            **credentials.use_cases(self.outbox, self.vault),
            **factor_attempts.use_cases(self.outbox, self.vault),
            **secret_encryption.use_cases(self.vault),
            **sessions.use_cases(self.keys),
            **tokens.use_cases(self.keys),
            **access_log.USE_CASES,
            **rate_limits.USE_CASES,
            **setup_codes.use_cases(self.outbox, self.codes, self.vault),
            **account_undo.use_cases(self.codes),
            **passkey_records.use_cases(self.outbox),
            **retention.USE_CASES,
            **calendar_feeds.use_cases(self.keys),
            **saved_views.USE_CASES,
            **form_drafts.USE_CASES,
        }


def _services(settings: Settings, clock: Clock, deployment: str, agency: Agency) -> _Services:
    keys = Keys(deployment=deployment, by_kid=settings.keys)
    awards = load_awards_of(settings)
    context = Context(
        calendar=load_calendar(settings),
        clock=clock.now,
        entropy=secrets.token_bytes,
        symbol=agency.symbol,
        outgoing=agency.outgoing,
        awards=awards,
        rulebooks=Rulebooks(awards),
        told_by=(preferences.PREFERRED.of([preferences.DIGEST_HOURS]),),
    )
    outbox = Outbox(
        deployment=deployment,
        domain=settings.sender.envelope.rpartition("@")[2],
        agency=agency,
        clock=clock.now,
        calendar=lambda: context.calendar,
    )
    return _Services(
        clock=clock,
        keys=keys,
        outbox=outbox,
        codes=CodeIssuer(keys=keys, clock=clock.now),
        context=context,
        vault=Vault(by_kid=settings.keys),
        reminders=Reminders(context=context, outbox=outbox),
        anchors=Anchors(
            context=context,
            outbox=outbox,
            addresses=tuple(filter(None, settings.anchor_addresses.split(","))),
            file=settings.anchor_file,
        ),
    )


def _outgoing(
    settings: Settings, parts: _Services, agency: Agency, database: Database
) -> "tuple[Delivery | None, Timestamps | None]":
    if not settings.smtp_url and not settings.timestamp_url:
        return None, None
    from api.external_services import open_outgoing  # noqa: PLC0415 - 60 ms, if anything goes out

    return open_outgoing(settings, parts.context, parts.keys, agency, database)


def _seal_what_lies_open(engines: Engines, database: Database, vault: Vault, keys: Keys) -> None:
    """Seal factors that an earlier program kept open; follow secret keys that came or went."""
    with engines.read.connect() as connection:
        is_needed = vault.needs_keeping(connection)
        are_feeds_old = bool(keys.by_kid and calendar_feeds.seals_wanting(keys, connection))
    if is_needed:
        database.write_blocking(KeepVault())
    if are_feeds_old:
        database.write_blocking(calendar_feeds.SealFeeds())


class _Waker:
    """Wakes delivery after a write that may have made mail; delivery's own writes do not."""

    def __init__(self) -> None:
        self.wake: Callable[[], None] = lambda: None

    def __call__(self, command: object) -> None:
        if not isinstance(command, _QUIET):
            self.wake()


def load_awards_of(settings: Settings) -> Awards:
    """Return the titles and forms that there are. Raises InvalidInputError with every problem."""
    return load_awards(*read_file(settings.definition_file(AWARDS)))


def load_calendar(settings: Settings) -> WorkingCalendar:
    """Return the agency's working calendar. Raises InvalidInputError for unreadable corrections."""
    return WorkingCalendar(
        load_corrections(*read_file(settings.definition_file("calendars/vn.yaml"))), settings.zone
    )


def read_file(path: Path) -> tuple[str, str]:
    """Return the text of a file and the name to show. Raises InvalidInputError."""
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


@contextmanager
def opening_database() -> Iterator[None]:
    """Open a database; that it cannot be opened is told without a part of its URL."""
    try:
        yield
    except SQLAlchemyError as exc:
        raise InvalidInputError(
            translate(
                "Cannot open the database ({name}). Check THIDUA_DATABASE_URL and the "
                "folder's permissions.",
                name=type(exc).__name__,
            )
        ) from exc


def _identity(engines: Engines) -> tuple[str, Agency]:
    """Return the deployment's id and agency; let go of a database that is not up to date."""
    try:
        with opening_database(), engines.read.connect() as connection:
            return _deployment(connection), load_agency(connection)
    except BaseException:
        engines.dispose()
        raise


def _deployment(connection: Connection) -> str:
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
    deployment = definitions.setting(connection, DEPLOYMENT)
    if deployment is None:
        raise InvalidInputError(
            translate(
                "The database has no definitions and campaigns yet. Run: {command} init.",
                command=program(),
            )
        )
    return deployment
