"""Bring a database into being: schema, definitions, campaigns, and for the demo the sample agency."""

import secrets
from pathlib import Path

from api import VERSION
from api.clock import RunningClock
from api.composition import load_calendar, read_file
from api.credentials import PutSecret, hash_secret_blocking
from api.credentials import runners as credential_runners
from api.program import program
from api.settings import Settings, require_folder
from notifications.outbox import Outbox
from workflow import service
from workflow.checking import check_definition
from workflow.committer import Committer
from workflow.database import Database
from workflow.deadlines import WorkingCalendar
from workflow.definition import LoadedDefinition, Organization, load_campaign, load_definition, load_organization
from workflow.errors import InvalidInputError
from workflow.rules import vocabulary
from workflow.service import Agency, Context, SetUp
from workflow.speech import say
from workflow.store import migrating, people
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


def _sound(loaded: tuple[LoadedDefinition, ...], calendar: WorkingCalendar) -> tuple[LoadedDefinition, ...]:
    """Return ``loaded`` if every guarantee is proven and every scenario passes. Raises InvalidInputError."""
    problems = [problem for each in loaded for problem in check_definition(each, calendar).problems]
    if problems:
        raise InvalidInputError(*problems)
    return loaded


def initialise(settings: Settings, *, organization: Path | None, clock: RunningClock) -> None:
    """Migrate, publish definitions and campaigns, and bring in an organization. Safe to run again.

    Raises InvalidInputError; PINs of an organization file are refused with a base URL outside this machine.
    """
    agency = load_organization(*read_file(organization)) if organization else None
    if agency is not None and any(each.pin for each in agency.people) and not settings.is_loopback:
        raise InvalidInputError(
            say(
                "Cơ quan mẫu có mã PIN mẫu nên chỉ dùng trên máy này (127.0.0.1). Hãy nhập nhân sự thật bằng: {command} people import.",
                command=program(),
            )
        )
    campaigns = tuple(load_campaign(*read_file(path)) for path in sorted(settings.definition_file("campaigns").glob("*.yaml")))
    calendar = load_calendar(settings)
    command = SetUp(definitions=_sound(load_definitions(settings.definitions), calendar), campaigns=campaigns, organization=agency, software=VERSION)
    require_folder(settings)
    engines = open_engines(settings.url)
    migrating.upgrade(engines.write)
    outbox = Outbox(deployment="setup", domain="localhost", agency=Agency(), clock=clock.now)
    context = Context(calendar=calendar, clock=clock.now, entropy=secrets.token_bytes, publish=lambda _connection, _events: None, symbol="")
    committer = Committer(engines.write, {**service.runners(context), **credential_runners(context, outbox)})
    committer.start()
    database = Database(engines, committer)
    try:
        database.write_blocking(command)
        if agency is not None:
            _set_pins(database, agency)
    finally:
        database.close()
    if settings.is_sqlite:
        (settings.data_dir / "thidua.db").chmod(0o600)


def _set_pins(database: Database, agency: Organization) -> None:
    known = {each.email: each.id for each in database.report_blocking(people.all_people)}
    hashes: dict[str, str] = {}
    for each in agency.people:
        if each.pin is not None:
            hashed = hashes.setdefault(each.pin, hash_secret_blocking(each.pin))
            database.write_blocking(PutSecret(person=known[each.email], name="pin_hash", value=hashed))
