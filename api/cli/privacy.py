"""Commands about personal data: what is held, erasures, holds, requests, what is past its period.

Whoever runs them on the machine acts at once: each is an entry that says ``cli``.
"""

import argparse
import json
import secrets
import sys

from sqlalchemy import Connection

from api.cli.context import opened, operator_cause, person_named
from api.composition import Application
from api.personal_data import SECTIONS, AskedErasure, erasing
from notifications.requests_in_words import (
    KEPT,
    KINDS,
    STATES,
    cut_words,
    left_words,
    outside_words,
)
from notifications.translation import translate
from workflow.command import Cause
from workflow.commands.apply_retention import ApplyRetention
from workflow.commands.holds import LiftHold, PlaceHold
from workflow.commands.privacy_requests import AnswerRequest, RecordRequest
from workflow.model import RequestKind, RequestState
from workflow.queries import people, privacy
from workflow.rules.erasing import Wanted


def show_held(options: argparse.Namespace) -> int:
    """Write everything that is held on a person as JSON."""
    with opened(options) as parts:
        person = person_named(parts, options.email)
        held = parts.database.report_blocking(
            lambda connection: privacy.held_on(parts.context, connection, person)
        )
    text = json.dumps({name: held[name] for name in SECTIONS}, ensure_ascii=False, indent=2)
    for name, label in SECTIONS.items():
        if privacy.is_cut(held[name]):
            print(cut_words(label), file=sys.stderr)
    if options.file is None:
        sys.stdout.write(f"{text}\n")
    else:
        options.file.write_text(f"{text}\n", "utf-8")
    return 0


def erase(options: argparse.Namespace) -> int:
    """Erase what is named, for good."""
    with opened(options) as parts:
        subject = _subject(parts, options.of)
        wanted = Wanted(
            entries=tuple(options.entry), parts=tuple(options.field), files=tuple(options.file)
        )
        asked = AskedErasure(
            subject=subject, wanted=wanted, why=options.why, request=options.request
        )
        parts.database.write_blocking(erasing(asked, _cause("erase")))
        rules = parts.database.report_blocking(privacy.privacy_rules)
    print(translate("Erased: {name}.", name=options.of), outside_words(rules), sep="\n")
    return 0


def hold(options: argparse.Namespace) -> int:
    """Keep what is kept about something."""
    with opened(options) as parts:
        command = PlaceHold(
            about=_subject(parts, options.of), why=options.why, cause=_cause("hold")
        )
        number = parts.database.write_blocking(command)
    print(translate("Hold {name}", name=number))
    return 0


def lift(options: argparse.Namespace) -> int:
    """End a hold."""
    with opened(options) as parts:
        command = LiftHold(hold=options.number, why=options.why, cause=_cause("lift"))
        parts.database.write_blocking(command)
    print(translate("The hold is lifted."))
    return 0


def _every_request(connection: Connection) -> list[privacy.PrivacyRequest]:
    found: list[privacy.PrivacyRequest] = []
    while page := privacy.newest_requests(connection, found[-1].id if found else None):
        found += page
    return found


def list_requests(options: argparse.Namespace) -> int:
    """Print the register of requests, newest first."""
    with opened(options) as parts:
        found, known = parts.database.report_blocking(
            lambda connection: (
                _every_request(connection),
                people.people_by_id(connection),
            )
        )
    rows = [
        {
            "id": each.id,
            "kind": each.kind.value,
            "who": known[each.person].email if each.person is not None else each.name,
            "received_on": each.received_on,
            "due_on": each.due_on,
            "state": each.state.value,
        }
        for each in found
    ]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row, each in zip(rows, found, strict=True):
        kind, standing = translate(KINDS[each.kind]), translate(STATES[each.state])
        print(f"{each.id}\t{each.received_on}\t{each.due_on}\t{row['who']}\t{kind}\t{standing}")
    return 0


def record(options: argparse.Namespace) -> int:
    """Write down what somebody from outside asks."""
    with opened(options) as parts:
        command = RecordRequest(
            kind=RequestKind(options.kind),
            words=options.words,
            is_for_another=True,
            name=options.name,
            contact=options.contact,
            cause=_cause("request"),
        )
        number = parts.database.write_blocking(command)
    print(translate("Request {name}", name=number))
    return 0


def answer(options: argparse.Namespace) -> int:
    """Answer a request."""
    with opened(options) as parts:
        command = AnswerRequest(
            request=options.number,
            state=RequestState(options.state),
            answer=options.words,
            puts_off=options.put_off,
            cause=_cause("answer"),
        )
        parts.database.write_blocking(command)
    print(translate("The answer is recorded. Who works here gets a mail."))
    return 0


def retention(options: argparse.Namespace) -> int:
    """Show what is past its period; with ``--apply`` erase it for good."""
    with opened(options) as parts:
        today = parts.context.calendar.local_day(parts.clock.now())
        plan = parts.database.report_blocking(
            lambda connection: privacy.retention_plan(parts.context, connection, today)
        )
        for each in (*plan.removed, *plan.held):
            kept = translate("kept by hold {number}", number=each.hold) if each.hold else ""
            print(f"{each.subject}\t{each.name}\t{translate(KEPT[each.kind])}\t{kept}".rstrip())
        if plan.left:
            print(left_words(plan.left))
        if not plan.removed:
            print(translate("Nothing is past its period today."))
        elif options.apply:
            command = ApplyRetention(
                day=today.isoformat(),
                subjects=tuple(each.subject for each in plan.removed),
                why=options.why,
                cause=_cause("retention"),
            )
            parts.database.write_blocking(command)
            print(translate("What was past its period is erased."))
    return 0


def _subject(parts: Application, name: str) -> str:
    return parts.database.report_blocking(
        lambda connection: privacy.subject_named(connection, name)
    )


def _cause(what: str) -> Cause:
    return operator_cause(f"{what}:{secrets.token_hex(16)}")
