"""Bring a database into being: schema, definitions, campaigns, and for the demo the sample agency."""

import secrets
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from api import VERSION
from api.auth.passwords import PutSecret, find_secrets, hash_secret_blocking
from api.auth.passwords import use_cases as credential_use_cases
from api.auth.secret_encryption import Vault
from api.clock import RunningClock
from api.composition import load_calendar, read_file
from api.program_name import program
from api.settings import Settings, require_folder
from notifications.outbox import Outbox
from notifications.translation import translate
from workflow import commands
from workflow.checking import check_definition
from workflow.commands.execute import execute
from workflow.commands.setup import Agency, SetUp, agency_differences
from workflow.committer import Committer
from workflow.context import Context
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
from workflow.messages import lazy
from workflow.rules import vocabulary
from workflow.store import definitions, migrating, people
from workflow.store.engines import open_engines

SAMPLE = "organization/sample.yaml"


def load_definitions(folder: Path) -> tuple[LoadedDefinition, ...]:
    """Return every definition in ``folder``. Raises InvalidInputError with all problems of all files."""
    loaded: list[LoadedDefinition] = []
    problems: list[object] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            loaded.append(load_definition(*read_file(path), vocabulary()))
        except InvalidInputError as exc:
            problems += exc.problems
    if problems:
        raise InvalidInputError(*problems)
    return tuple(loaded)


def _sound(
    loaded: tuple[LoadedDefinition, ...], calendar: WorkingCalendar
) -> tuple[LoadedDefinition, ...]:
    """Return ``loaded`` if every guarantee is proven and every scenario passes. Raises InvalidInputError."""
    problems = [problem for each in loaded for problem in check_definition(each, calendar).problems]
    if problems:
        raise InvalidInputError(*problems)
    return loaded


def initialise(settings: Settings, *, organization: Path | None, clock: RunningClock) -> list[str]:
    """Migrate, publish definitions and campaigns, and bring in an organization; return what there is to say. Safe to run again.

    Raises InvalidInputError; PINs of an organization file are refused with a base URL outside this machine.
    """
    agency = load_organization(*read_file(organization)) if organization else None
    if agency is not None and any(each.pin for each in agency.people) and not settings.is_loopback:
        raise InvalidInputError(
            translate(
                "The sample agency has a sample PIN, so it is for this machine only "
                "(127.0.0.1). Bring in real people with: {command} people import.",
                command=program(),
            )
        )
    campaigns = _campaigns(settings, is_sample=organization == settings.definition_file(SAMPLE))
    calendar = load_calendar(settings)
    command = SetUp(
        definitions=_sound(load_definitions(settings.definitions), calendar),
        campaigns=campaigns,
        organization=agency,
        software=VERSION,
    )
    require_folder(settings)
    engines = open_engines(settings.url)
    migrating.upgrade(engines.write)
    outbox = Outbox(deployment="setup", domain="localhost", agency=Agency(), clock=clock.now)
    context = Context(
        calendar=calendar,
        clock=clock.now,
        entropy=secrets.token_bytes,
        symbol="",
    )
    committer = Committer(
        engines.write,
        partial(
            execute,
            context,
            lambda _connection, _events: None,
            {
                **commands.USE_CASES,
                **credential_use_cases(outbox, Vault(by_kid=settings.keys)),
            },
        ),
    )
    committer.start()
    database = Database(engines, committer)
    try:
        said = (
            database.report_blocking(partial(agency_differences, organization=agency))
            if agency is not None
            else []
        )
        database.write_blocking(command)
        if agency is not None:
            _set_pins(database, agency)
        if not database.report_blocking(definitions.all_campaigns):
            said = [
                *said,
                lazy(
                    "There is no campaign yet. Once the server runs, launch the first one "
                    "on the page Campaigns."
                ),
            ]
    finally:
        database.close()
    if settings.is_sqlite:
        (settings.data_dir / "thidua.db").chmod(0o600)
    return [translate(each) for each in said]


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
            database.write_blocking(PutSecret(person=person, name="pin_hash", value=hashed))


def keep_vault(settings: Settings, keys: Mapping[str, bytes]) -> int:
    """Bring the vault of a database up to ``keys``; return how many values none of them opens.

    Does nothing on a database that is not there yet, or of another version.
    """
    if settings.is_sqlite and not Path(make_url(settings.url).database or "").is_file():
        return 0
    vault = Vault(by_kid=keys)
    engines = open_engines(settings.url)
    try:
        with engines.read.connect() as connection:
            if migrating.current_revision(
                connection
            ) != migrating.newest_revision() or not vault.needs_keeping(connection):
                return 0
        with engines.write.begin() as connection:
            return vault.keep(connection)
    except SQLAlchemyError as exc:
        raise InvalidInputError(
            translate(
                "Cannot open the database ({name}). Check THIDUA_DATABASE_URL and the "
                "folder's permissions.",
                name=type(exc).__name__,
            )
        ) from exc
    finally:
        engines.dispose()
