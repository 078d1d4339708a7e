"""Bring a database into being: schema, definitions, campaigns, for the demo the sample agency."""

import secrets
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from api import VERSION
from api.auth import credentials
from api.auth.credentials import PutSecret, find_secrets
from api.auth.passwords import hash_secret_blocking
from api.auth.secret_encryption import Vault, keep_sealed
from api.clock import RunningClock
from api.composition import AWARDS, load_awards_of, load_calendar, opening_database, read_file
from api.database_roles import grant_roles, prepare_roles, require_two_roles
from api.program_name import program
from api.settings import Settings, require_folder
from notifications.outbox import Outbox
from notifications.translation import translate
from workflow.checking import check_definition
from workflow.commands import USE_CASES
from workflow.commands.execute import Transaction, execute
from workflow.commands.setup import SetUp
from workflow.committer import Committer
from workflow.context import Context, Rulebooks
from workflow.database import Database
from workflow.deadlines import WorkingCalendar
from workflow.definition import (
    Campaign,
    LoadedDefinition,
    Organization,
    load_campaign,
    load_definition,
    load_organization,
)
from workflow.errors import InvalidInputError
from workflow.lookups.agency import Agency
from workflow.messages import lazy
from workflow.queries.agency_differences import agency_differences
from workflow.rules import vocabulary
from workflow.store import definitions, migrating, people, upgrading
from workflow.store.engines import open_engines, opened_engines

SAMPLE = "organization/sample.yaml"


def definition_files(folder: Path) -> list[Path]:
    """Return the files of processes in ``folder``: all at its top but that of awards."""
    return [path for path in sorted(folder.glob("*.yaml")) if path.name != AWARDS]


def load_definitions(folder: Path) -> tuple[LoadedDefinition, ...]:
    """Return every definition in ``folder``. Raises InvalidInputError with every problem."""
    loaded: list[LoadedDefinition] = []
    problems: list[object] = []
    for path in definition_files(folder):
        try:
            loaded.append(load_definition(*read_file(path), vocabulary()))
        except InvalidInputError as exc:
            problems += exc.problems
    if problems:
        raise InvalidInputError(*problems)
    return tuple(loaded)


def initialise(settings: Settings, *, organization: Path | None, clock: RunningClock) -> list[str]:
    """Migrate, publish definitions and campaigns, bring in an organization; safe to run again.

    Returns what there is to say. Raises InvalidInputError, also for PINs in an organization's file
    where the base URL lies outside this machine.
    """
    require_two_roles(settings)
    agency = _organization(settings, organization) if organization else None
    calendar = load_calendar(settings)
    command = SetUp(
        definitions=_sound(load_definitions(settings.definitions), calendar),
        campaigns=_campaigns(settings, is_sample=organization == settings.definition_file(SAMPLE)),
        organization=agency,
        software=VERSION,
    )
    require_folder(settings)
    database = _migrated_database(settings, calendar, clock)
    said: list[object] = []
    try:
        if agency is not None:
            said += database.report_blocking(partial(agency_differences, organization=agency))
        database.write_blocking(command)
        if agency is not None:
            _set_pins(database, agency)
        if not database.report_blocking(definitions.all_campaigns):
            said.append(
                lazy(
                    "There is no campaign yet. Once the server runs, launch the first one "
                    "on the page Campaigns."
                )
            )
    finally:
        database.close()
    if settings.is_sqlite:
        (settings.data_dir / "thidua.db").chmod(0o600)
    return [translate(each) for each in said]


def _organization(settings: Settings, file: Path) -> Organization:
    agency = load_organization(*read_file(file))
    if any(each.pin for each in agency.people) and not settings.is_loopback:
        raise InvalidInputError(
            translate(
                "The sample agency has a sample PIN, so it is for this machine only "
                "(127.0.0.1). Bring in real people with: {command} people import.",
                command=program(),
            )
        )
    return agency


def _sound(
    loaded: tuple[LoadedDefinition, ...], calendar: WorkingCalendar
) -> tuple[LoadedDefinition, ...]:
    """Return ``loaded`` if every guarantee is proven and every scenario passes.

    Raises InvalidInputError.
    """
    problems = [problem for each in loaded for problem in check_definition(each, calendar).problems]
    if problems:
        raise InvalidInputError(*problems)
    return loaded


def _migrated_database(
    settings: Settings, calendar: WorkingCalendar, clock: RunningClock
) -> Database:
    """Return the database at the newest revision, whose writes mail nobody."""
    prepare_roles(settings)
    with opened_engines(settings.owner_url) as owner:
        upgrading.upgrade(owner.write)
    grant_roles(settings)
    engines = open_engines(settings.url)
    outbox = Outbox(
        deployment="setup",
        domain="localhost",
        agency=Agency(),
        clock=clock.now,
        calendar=lambda: calendar,
    )
    use_cases = {
        **USE_CASES,
        **credentials.use_cases(outbox, Vault(by_kid=settings.keys)),
    }
    context = _context(settings, calendar, clock)
    committer = Committer(
        engines.write, partial(execute, context, lambda _connection, _events: None, use_cases)
    )
    committer.start()
    return Database(engines, committer)


def _context(settings: Settings, calendar: WorkingCalendar, clock: RunningClock) -> Context:
    """Return what the use cases of setting up run with; no document is numbered there."""
    awards = load_awards_of(settings)
    return Context(
        calendar=calendar,
        clock=clock.now,
        entropy=secrets.token_bytes,
        symbol="",
        awards=awards,
        rulebooks=Rulebooks(awards),
    )


def _campaigns(settings: Settings, *, is_sample: bool) -> tuple[Campaign, ...]:
    """Return the agency's own campaigns; the shipped one of 2022 belongs to the sample alone."""
    own = settings.definitions / "campaigns"
    folder = settings.definition_file("campaigns") if is_sample else own
    if not is_sample and settings.has_shipped_definitions:
        return ()
    return tuple(load_campaign(*read_file(path)) for path in sorted(folder.glob("*.yaml")))


def _set_pins(database: Database, agency: Organization) -> None:
    """Set the file's PINs for whoever has none; one that somebody was given since stays."""
    known = {each.email: each.id for each in database.report_blocking(people.all_people)}
    hashes: dict[str, str] = {}
    for each in agency.people:
        person = known[each.email]
        kept = database.report_blocking(partial(find_secrets, person=person))
        if each.pin is not None and (kept is None or kept.pin_hash is None):
            hashed = hashes.setdefault(each.pin, hash_secret_blocking(each.pin))
            database.write_blocking(
                PutSecret(person=person, name="pin_hash", value=hashed, tells=False)
            )


def keep_vault(settings: Settings, keys: Mapping[str, bytes]) -> int:
    """Bring the vault of a database up to ``keys``; return how many values none of them opens.

    Does nothing on a database that is not there yet, or of another version.
    """
    if settings.database_file is not None and not settings.database_file.is_file():
        return 0
    vault = Vault(by_kid=keys)
    with opened_engines(settings.url) as engines, opening_database():
        with engines.read.connect() as connection:
            is_current = migrating.current_revision(connection) == migrating.newest_revision()
            if not is_current or not vault.needs_keeping(connection):
                return 0
        with engines.write.begin() as connection:
            context = _context(settings, load_calendar(settings), RunningClock())
            return keep_sealed(vault, Transaction(context=context, connection=connection))
