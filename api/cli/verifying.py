"""The command that verifies the history, in the database or in an export, with its time-stamps."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from api.auth.access_seals import verify_access
from api.cli.context import calendar_words, opened
from api.composition import Application
from api.settings import load_settings
from notifications.translation import translate
from workflow.errors import InvalidInputError
from workflow.history.timestamps import TimestampAuthority
from workflow.history.verify_history import (
    OK,
    TAMPERED,
    Checkpoint,
    TamperedError,
    read_checkpoints,
)
from workflow.links import Keys
from workflow.messages import lazy
from workflow.queries.audit import Verdict, verify_database, verify_export
from workflow.queries.stamped import (
    Stamp,
    Stamped,
    stamps_in_database,
    stamps_in_export,
    verify_stamps,
)


def verify_history(options: argparse.Namespace) -> int:
    """Verify the database's history, or an export's, also against checkpoints from outside."""
    outside = [each for path in options.checkpoint for each in _checkpoints_in(path)]
    against: Path | None = options.against
    for folder in filter(None, (options.export, against)):
        if not folder.is_dir():
            raise InvalidInputError(
                translate(
                    "{folder} is no export. Name the folder that history export made.",
                    folder=folder,
                )
            )
    if options.export is not None and against is not None:
        raise InvalidInputError(
            translate("Give either an export to verify, or one to compare the database with.")
        )
    if options.export is not None:
        verdict = verify_export(options.export, outside)
        stamps: Sequence[Stamp] = [*stamps_in_export(options.export)]
    else:
        with opened(options) as parts:
            keys = parts.sealer.verifier_keys
            verdict = parts.database.report_blocking(
                lambda connection: verify_database(connection, keys, outside, against, parts.files)
            )
            if verdict.status == OK:
                verdict = parts.database.report_blocking(partial(_access, parts)) or verdict
            stamps = parts.database.report_blocking(stamps_in_database)
            calendar = calendar_words(parts)
        if calendar:
            print(calendar, file=sys.stderr)
    return _told(verdict, stamps)


def _access(parts: Application, connection: Connection) -> Verdict | None:
    """Return what is wrong with the sessions, tokens and calendars that are open, or None."""
    try:
        verify_access(connection, parts.keys, parts.clock.now())
    except TamperedError as exc:
        return Verdict(status=TAMPERED, sentence=lazy("Changed: {exc}", exc=exc))
    return None


def is_access_own(connection: Connection, keys: Keys, now: datetime) -> bool:
    """Return whether the program opened all that is open; say which it did not."""
    try:
        verify_access(connection, keys, now)
    except TamperedError as exc:
        print(translate("Changed: {exc}", exc=exc), file=sys.stderr)
        return False
    return True


def _told(verdict: Verdict, stamps: Sequence[Stamp]) -> int:
    """Print what was found, of the time-stamps too; return the status of it all."""
    certificate = load_settings().timestamp_certificate
    if verdict.status == OK and stamps and certificate is not None:
        try:
            said = verify_stamps(stamps, TimestampAuthority.from_pem(certificate.read_bytes()))
        except TamperedError as exc:
            verdict = Verdict(status=TAMPERED, sentence=lazy("Changed: {exc}", exc=exc))
        else:
            print(translate(verdict.sentence))
            if said is not None:
                print(_stamped_in_words(said))
            return verdict.status
    print(translate(verdict.sentence))
    if stamps and certificate is None:
        print(
            translate(
                "{count} time-stamp was not checked: THIDUA_TIMESTAMP_CERTIFICATE is not set.",
                "{count} time-stamps were not checked: THIDUA_TIMESTAMP_CERTIFICATE is not set.",
                count=len(stamps),
            )
        )
    return verdict.status


def _stamped_in_words(said: Stamped) -> str:
    return translate(
        "{count} time-stamp is the authority's: the first {size} entries were there at {at}.",
        "{count} time-stamps are the authority's; by the newest, the first {size} entries were "
        "there at {at}.",
        count=said.count,
        size=said.size,
        at=said.at.astimezone(load_settings().zone).strftime("%d/%m/%Y %H:%M:%S"),
    )


def _checkpoints_in(path: Path) -> list[Checkpoint]:
    try:
        return read_checkpoints(path)
    except (OSError, ValueError) as exc:
        raise InvalidInputError(
            translate(
                "{path} holds no checkpoint ({exc}). Name a file with the text of one, or a mail.",
                path=path,
                exc=exc,
            )
        ) from exc
