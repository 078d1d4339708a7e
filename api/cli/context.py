"""How commands reach settings and the application."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from api.clock import FixedClock
from api.composition import Application, open_application
from api.settings import Settings, ensure_demo_keys, load_settings
from notifications.translation import speak, translate
from workflow.command import Cause
from workflow.commands.keep_calendar import is_calendar_recorded
from workflow.context import CALENDAR
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Method, Person, Via
from workflow.store import definitions, people


def settings_of(options: argparse.Namespace) -> Settings:
    """Return a command's settings and speak their language; a demo's folder brings its own keys."""
    settings = load_settings(data_dir=options.data)
    speak(settings.locale)
    if not settings.secret_keys and (settings.data_dir / "keys").exists():
        return load_settings(data_dir=options.data, secret_keys=ensure_demo_keys(settings.data_dir))
    return settings


@contextmanager
def opened(options: argparse.Namespace, clock: FixedClock | None = None) -> Iterator[Application]:
    """Open the application for one command."""
    parts = open_application(settings_of(options), clock=clock)
    try:
        yield parts
    finally:
        parts.close()


def calendar_words(parts: Application) -> str:
    """Return that the history has another calendar than the file, or nothing.

    Before the first start of the server there is none yet.
    """
    kept = parts.database.report_blocking(partial(definitions.setting, name=CALENDAR))
    if kept is None or parts.database.report_blocking(partial(is_calendar_recorded, parts.context)):
        return ""
    return translate(
        "The working calendar (calendars/vn.yaml) is not the one that the history has. The server "
        "records it when it starts: find out who changed the file, then restart the server."
    )


def person_named(parts: Application, email: str) -> Person:
    """Return the person with that address. Raises NotFoundRefusal."""
    found = parts.database.report_blocking(
        lambda connection: people.person_by_email(connection, email)
    )
    if found is None:
        raise NotFoundRefusal(lazy("anybody with the address {email}", email=email))
    return found


def operator_cause(command_id: str, via: Via = Via.CLI) -> Cause:
    """Return the cause of what is done by whoever runs commands on the machine."""
    return Cause(actor=None, via=via, method=Method.NONE, command_id=command_id)
