"""Commands to look things up: reminders, explain, the history's export."""

import argparse
import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from api.cli.context import opened, person_named
from api.composition import Application
from api.v1.deadlines import reminder_json
from api.v1.past_agency import agency_json
from api.v1.serializers import item_json, transition_json
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.canonical import instant
from workflow.errors import NotFoundRefusal
from workflow.history import SALT_BYTES
from workflow.messages import lazy
from workflow.model import Person
from workflow.queries.audit import export_history
from workflow.queries.event_log import states_at, write_xes
from workflow.queries.items import transitions_for, visible_view
from workflow.queries.object_log import write_ocel
from workflow.queries.past_agency import AgencyThen, agency_then
from workflow.queries.past_items import view_as_of
from workflow.sealer import CheckpointReason
from workflow.store import items, people


def reminders(options: argparse.Namespace) -> int:
    """Print every reminder that went or will go, to whom, when, why."""
    first, last = options.first or date.min, options.last or date.max
    with opened(options) as parts:
        known = {each.id: each for each in parts.database.report_blocking(people.all_people)}
        calendar = parts.context.calendar
        rows = [
            row
            for row in parts.database.report_blocking(parts.reminders.rows)
            if first <= calendar.local_day(row.at) <= last
        ]
        if options.json:
            print(
                json.dumps(
                    [reminder_json(row, known[row.person]) for row in rows], ensure_ascii=False
                )
            )
        for row in [] if options.json else rows:
            at = row.at.astimezone(calendar.zone).strftime("%d/%m/%Y %H:%M")
            print(
                translate(
                    "{at}  {state:<10}  {email:<28}  deadline {deadline}, rung {rung:+d}: {reason}",
                    at=at,
                    state=row.state,
                    email=known[row.person].email,
                    deadline=row.deadline,
                    rung=row.rung,
                    reason=translate(row.reason),
                )
            )
    return 0


def explain(options: argparse.Namespace) -> int:
    """Print who has an item, and what one person may do with it and why not."""
    with opened(options) as parts:
        person = person_named(parts, options.email)
        answer = parts.database.report_blocking(
            lambda connection: _explained(parts, connection, options.code, person)
        )
    if options.json:
        print(json.dumps(answer, ensure_ascii=False, default=translate))
        return 0
    holders = "; ".join(
        translate(
            "{name} ({email}), since {since}, due {due}",
            name=each["name"],
            email=each["email"],
            since=each["since"],
            due=each["due_at"] or translate("none given"),
        )
        for each in answer["holders"]
    )
    print(
        translate(
            "{code}: {state_label}\nWaiting for: {holders}",
            code=answer["code"],
            state_label=answer["state_label"],
            holders=holders or translate("nobody"),
        )
    )
    for each in answer["transitions"]:
        why = (
            translate("possible")
            if each["allowed"]
            else " ".join(reason["message"] for reason in each["reasons"])
        )
        print(f"  {each['transition']} ({translate(each['label'])}): {why}")
    return 0


def _explained(
    parts: Application, connection: Connection, code: str, person: Person
) -> dict[str, Any]:
    view = visible_view(parts.context, connection, code, person)
    return {
        "code": code,
        "state": view.item.state,
        "state_label": translate(view.state.label_now),
        "holders": [
            {
                "name": each.person.name,
                "email": each.person.email,
                "since": each.since.isoformat(),
                "due_at": each.due_at.isoformat() if each.due_at else None,
            }
            for each in view.holders
        ],
        "transitions": [
            transition_json(each)
            for each in transitions_for(parts.context, connection, view.item, person)
        ],
    }


def as_of(options: argparse.Namespace) -> int:
    """Print the state of every item, one item whole, or the agency, at an instant."""
    moment: datetime = options.instant
    with opened(options) as parts:
        if options.agency:
            then = parts.database.report_blocking(
                lambda connection: agency_then(parts.context, connection, moment)
            )
            found: object = agency_json(then)
            lines = list(_agency_lines(then))
        else:
            states = parts.database.report_blocking(
                lambda connection: _states_then(parts, connection, options.code, moment)
            )
            found = states[0] if options.code else states
            lines = [_state_line(each) for each in states]
    print(json.dumps(found, ensure_ascii=False) if options.json else "\n".join(lines))
    return 0


def _states_then(
    parts: Application, connection: Connection, code: str | None, moment: datetime
) -> Sequence[Mapping[str, object]]:
    if code:
        return [_item_then(parts, connection, code, moment)]
    return list(states_at(connection, moment))


def _state_line(then: Mapping[str, object]) -> str:
    return translate(
        "{code}  {state}  version {version}  (entry {seq}, {at})",
        code=then["code"],
        state=then["state"],
        version=then["version"],
        seq=then["seq"],
        at=then["at"],
    )


def _agency_lines(then: AgencyThen) -> Iterator[str]:
    known = then.known
    for person in then.directory.people.values():
        if person.is_active:
            position = translate(POSITIONS[person.position])
            yield "  ".join(each for each in (person.email, position, person.department) if each)
    for one in then.absences:
        stand_in = known[one.stand_in].email if one.stand_in else "-"
        days = f"{one.starts_on}/{one.ends_on}"
        yield translate(
            "away: {person}, {days}, {stand_in} stands in",
            person=known[one.person].email,
            days=days,
            stand_in=stand_in,
        )
    for each in then.delegations:
        yield translate(
            "delegation {number}: {person} for {other}, {days}",
            number=each.id,
            person=known[each.to_person].email,
            other=known[each.from_person].email,
            days=f"{each.starts_on}/{each.ends_on}",
        )
    for process in then.definitions:
        yield f"{process.id}:{process.version}  {process.hash}"
    if then.calendar is not None:
        kind = translate("working day") if then.calendar.is_working else translate("rest day")
        yield f"{then.day}  {kind}"
    for item in then.items:
        holders = ", ".join(each.person.email for each in item.holders) or "-"
        yield f"{item.code}  {item.state.id}  {holders}"
    for subject in (*then.erased, *then.altered):
        yield translate(
            "left out, for what was kept then is gone or altered: {subject}", subject=subject
        )


def _item_then(
    parts: Application, connection: Connection, code: str, moment: datetime
) -> Mapping[str, object]:
    item = items.find_item(connection, code)
    if item is None:
        raise NotFoundRefusal(lazy("the item {code}", code=code))
    view, entry = view_as_of(parts.context, connection, item, moment, None)
    return {**item_json(view), "seq": entry.seq, "at": instant(entry.at)}


def export_xes(options: argparse.Namespace) -> int:
    """Write the event log for process mining."""
    with opened(options) as parts, options.file.open("wb") as out:
        traces, events = parts.database.report_blocking(
            lambda connection: write_xes(parts.context, connection, out)
        )
    print(
        translate(
            "Exported {traces} items, {events} events to {file}.",
            traces=traces,
            events=events,
            file=options.file,
        )
    )
    return 0


def export_ocel(options: argparse.Namespace) -> int:
    """Write the object-centric event log for process mining; persons under fresh numbers."""
    with opened(options) as parts, options.file.open("wb") as out:
        salt = parts.context.entropy(SALT_BYTES)
        objects, events = parts.database.report_blocking(
            lambda connection: write_ocel(connection, out, salt)
        )
    print(
        translate(
            "Exported {objects} objects, {events} events to {file}.",
            objects=objects,
            events=events,
            file=options.file,
        )
    )
    return 0


def export_history_files(options: argparse.Namespace) -> int:
    """Export the history with its format and verifier."""
    with opened(options) as parts:
        if options.now:
            asyncio.run(parts.sealer.checkpoint(CheckpointReason.DEMAND))
        count = parts.database.report_blocking(
            lambda connection: export_history(
                connection, options.folder, parts.files if options.files else None
            )
        )
    print(
        translate(
            "Exported {count} entry to {folder}. Verify: python3 "
            "{folder}/verify_history.py {folder}",
            "Exported {count} entries to {folder}. Verify: python3 "
            "{folder}/verify_history.py {folder}",
            count=count,
            folder=options.folder,
        )
    )
    return 0
