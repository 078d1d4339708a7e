"""Commands about people: import, export, tokens, factors, the first administrator."""

import argparse
import json
import secrets
import sys
from datetime import timedelta

import pyotp

from api.auth.credentials import PutSecret
from api.auth.factor_entries import BY_COMMAND_LINE
from api.auth.passwords import SAMPLE_PIN, hash_secret_blocking
from api.auth.scopes import TokenScope
from api.auth.setup_codes import IssueCode
from api.auth.tokens import RevokeToken, all_tokens, new_token
from api.cli.context import opened, operator_cause, person_named
from api.composition import Application
from api.people_sheet import people_csv, people_in_file
from notifications.code_issuer import PRINTED
from notifications.translation import translate
from workflow.addresses import parse_mailbox
from workflow.canonical import instant
from workflow.commands.people import ImportPeople, ImportReport
from workflow.errors import InvalidInputError, UsageError
from workflow.model import Position, Via
from workflow.people.staff_rows import PersonRow
from workflow.store import people
from workflow.store.instants import written

_PIN_DIGITS = 6
_CODE_LETTERS = 10
_CODE_LIVES = timedelta(hours=24)
_TOKEN_COLUMNS = ("id", "email", "created_at", "expires_at", "revoked_at", "seen_at", "scopes")
_UNMISTAKABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that are not read for one another."""


def import_file(options: argparse.Namespace) -> int:
    """Import people from a sheet: all rows or, with every problem named by row, none."""
    rows = people_in_file(options.file)
    with opened(options) as parts:
        command = ImportPeople(
            rows=rows,
            cause=operator_cause(f"import:{secrets.token_hex(16)}", via=Via.IMPORT),
            invites=True,
        )
        report = parts.database.write_blocking(command)
    if not isinstance(report, ImportReport):
        raise TypeError("the command line acts at once")
    print(
        translate(
            "Added {added} people, changed {changed}, left {unchanged} as they were. "
            "New people receive a mail to set their password (24 hours).",
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
        )
    )
    return 0


def export(options: argparse.Namespace) -> int:
    """Write everybody as CSV, in the form that import takes."""
    with opened(options) as parts:
        everyone = parts.database.report_blocking(people.all_people)
    text = people_csv(everyone)
    if options.file is None:
        sys.stdout.write(text)
    else:
        options.file.write_text(text, "utf-8-sig")
    return 0


def create_token(options: argparse.Namespace) -> int:
    """Issue an API token and show it once."""
    with opened(options) as parts:
        person = person_named(parts, options.email)
        scopes = frozenset(TokenScope(each) for each in options.scope)
        expires_at = parts.clock.now() + timedelta(days=options.days)
        secret, command = new_token(person.id, expires_at, scopes=scopes, by=BY_COMMAND_LINE)
        parts.database.write_blocking(command)
    answer: dict[str, object] = {
        "id": command.id,
        "token": secret,
        "expires_at": instant(expires_at),
        **({"scopes": sorted(scopes)} if scopes else {}),
    }
    print(
        json.dumps(answer)
        if options.json
        else translate(
            "Token {identity}, shown this once: {secret}\n"
            "Expires {expires_at}. Good for: {scopes}.",
            identity=command.id,
            secret=secret,
            expires_at=answer["expires_at"],
            scopes=", ".join(sorted(scopes)) or translate("all that its person may do"),
        )
    )
    return 0


def revoke_token(options: argparse.Namespace) -> int:
    """Revoke an API token."""
    with opened(options) as parts:
        parts.database.write_blocking(RevokeToken(id=options.id, by=BY_COMMAND_LINE))
    print(translate("Revoked."))
    return 0


def enrol_factor(options: argparse.Namespace) -> int:
    """Make a PIN, a TOTP secret or the code for a passkey, to hand over in person."""
    with opened(options) as parts:
        person = person_named(parts, options.email)
        if options.passkey:
            name, secret = (
                "code",
                "".join(secrets.choice(_UNMISTAKABLE) for _ in range(_CODE_LETTERS)),
            )
            until = written(parts.clock.now() + _CODE_LIVES)
            parts.database.write_blocking(
                PutSecret(person=person.id, name="enrol_until", value=until or "")
            )
            parts.database.write_blocking(
                PutSecret(person=person.id, name="enrol_hash", value=hash_secret_blocking(secret))
            )
        elif options.totp:
            name, secret = "secret", pyotp.random_base32()
            parts.database.write_blocking(
                PutSecret(person=person.id, name="totp_secret", value=secret)
            )
        else:
            name, secret = "pin", _new_pin()
            parts.database.write_blocking(
                PutSecret(person=person.id, name="pin_hash", value=hash_secret_blocking(secret))
            )
    print(
        json.dumps({name: secret})
        if options.json
        else translate(
            "{name}: {secret}\nHand it over in person; it is not shown again.",
            name=name,
            secret=secret,
        )
    )
    return 0


def _new_pin() -> str:
    """Return a PIN by chance; the sample's would be refused."""
    pin = "".join(secrets.choice("0123456789") for _ in range(_PIN_DIGITS))
    return _new_pin() if pin == SAMPLE_PIN else pin


def create_admin(options: argparse.Namespace) -> int:
    """Create the first administrator and print a one-time link to set a password."""
    if parse_mailbox(options.email) is None:
        raise UsageError(translate("The mail address “{email}” is not valid.", email=options.email))
    address = options.email.strip().lower()
    with opened(options) as parts:
        known = parts.database.report_blocking(
            lambda connection: people.person_by_email(connection, address)
        )
        is_admin = known is not None and known.position is Position.ADMIN and known.is_active
        if known is not None and not is_admin and not options.promote:
            raise InvalidInputError(
                translate(
                    "{email} is somebody of the agency already ({name}) and was not "
                    "changed. Use another address, or add --promote to make this "
                    "person an administrator.",
                    email=address,
                    name=known.name,
                )
            )
        if not is_admin:
            name, department = (
                (known.name, known.department) if known is not None else ("Quản trị viên", None)
            )
            row = PersonRow(
                row=1,
                email=address,
                name=name,
                position=Position.ADMIN.value,
                department=department,
            )
            parts.database.write_blocking(
                ImportPeople(
                    rows=(row,),
                    cause=operator_cause(f"admin:{secrets.token_hex(16)}"),
                    invites=False,
                )
            )
        _print_setup_link(parts, address)
    return 0


def setup_link(options: argparse.Namespace) -> int:
    """Print a one-time link to set a password, to hand over; what was mailed before ends."""
    with opened(options) as parts:
        _print_setup_link(parts, options.email)
    return 0


def _print_setup_link(parts: Application, email: str) -> None:
    person = person_named(parts, email)
    code = parts.database.write_blocking(
        IssueCode(person=person.id, purpose=PRINTED, seed=f"admin:{secrets.token_hex(16)}")
    )
    print(
        translate(
            "Open this link within 30 minutes to set the password, and a second factor where "
            "signing in asks for one:\n{base_url}/setup/{code}",
            base_url=parts.settings.base_url.rstrip("/"),
            code=code,
        )
    )


def list_tokens(options: argparse.Namespace) -> int:
    """Show whose API tokens there are and until when; never a token itself."""
    with opened(options) as parts:
        found = parts.database.report_blocking(all_tokens)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for each in found:
        print("  ".join(str(each[name] or "-") for name in _TOKEN_COLUMNS))
    return 0
