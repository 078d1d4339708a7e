"""The demo: sample agency, seed campaign, real web, real mail on this machine, a clock to move.

Owns its folder: what a program of before the first release left there is set aside, never deleted.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from api.cli.demo.mailbox import DemoMailbox
from api.clock import RunningClock
from api.composition import Application, open_application
from api.initialise import SAMPLE, initialise
from api.server.run import lock_data_dir
from api.settings import Settings, ensure_demo_keys, load_settings
from notifications.mail_health import LAST_TICK
from notifications.translation import speak, translate
from workflow.store import definitions, history, migrating
from workflow.store.engines import opened_engines
from workflow.store.instants import read

STARTS_AT = datetime.fromisoformat("2022-05-04T08:00:00+07:00")
FOLDER = Path("var/demo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running demo's parts."""

    parts: Application
    clock: RunningClock
    mailbox: DemoMailbox


@contextmanager
def open_demo(data_dir: Path | None, port: int) -> Iterator[Demo]:
    """Set the demo up where it is not, and open it; its clock goes on from the last instant."""
    folder = data_dir or FOLDER
    settings = load_settings(data_dir=folder)
    with ExitStack() as held:
        for each in {folder.absolute(), settings.lock_folder.absolute()}:
            held.enter_context(lock_data_dir(each))
        if _is_from_before(settings):
            held.close()  # Windows renames no folder with an open file in it
            _set_aside(folder)
            held.enter_context(lock_data_dir(folder.absolute()))
        yield from _opened(folder, port)


def _is_from_before(settings: Settings) -> bool:
    """Return whether the folder holds a database of before; one elsewhere is not looked at."""
    if settings.database_url:
        return False
    with opened_engines(settings.url) as engines, engines.read.connect() as connection:
        return migrating.is_from_before_release(migrating.current_revision(connection))


def _set_aside(folder: Path) -> None:
    """Give a folder another name, so that the demo begins with an empty one."""
    names = (folder.with_name(f"{folder.name}-before-{number}") for number in count(1))
    aside = next(each for each in names if not each.exists())
    folder.rename(aside)
    print(
        translate(
            "The demo's data is from before the first release and stays in {aside}; the demo "
            "begins anew.",
            aside=aside,
        )
    )


def _opened(folder: Path, port: int) -> Iterator[Demo]:
    mailbox = DemoMailbox(folder / "mail")
    mailbox.start()
    try:
        settings = _settings(folder, port, mailbox)
        initialise(
            settings, organization=settings.definition_file(SAMPLE), clock=RunningClock(STARTS_AT)
        )
        clock = RunningClock(max(STARTS_AT, _last_recorded(settings) or STARTS_AT))
        parts = open_application(settings, clock=clock, is_demo=True)
        try:
            yield Demo(parts=parts, clock=clock, mailbox=mailbox)
        finally:
            parts.close()
    finally:
        mailbox.stop()


def _settings(folder: Path, port: int, mailbox: DemoMailbox) -> Settings:
    given = load_settings(data_dir=folder)
    speak(given.locale)
    return load_settings(
        data_dir=folder,
        base_url=f"http://127.0.0.1:{port}",
        secret_keys=given.secret_keys or ensure_demo_keys(folder),
        smtp_url=given.smtp_url or mailbox.url,
        mail_from=given.mail_from or "thidua@so.example",
    )


def _last_recorded(settings: Settings) -> datetime | None:
    with opened_engines(settings.url) as engines, engines.read.connect() as connection:
        entry = history.latest_instant(connection)
        ticked = read(definitions.setting(connection, LAST_TICK) or None)
    return max(filter(None, (entry, ticked)), default=None)
