"""plan-change: what a change would do to everything open; migrate: let items follow a version."""

import argparse
import json
import re
import secrets
import sys
from datetime import tzinfo
from pathlib import Path

from sqlalchemy import Connection

from api.cli.context import opened, operator_cause, settings_of
from api.composition import Application, read_file
from api.people_sheet import people_in_file
from api.program_name import program
from api.settings import Settings
from api.v1.serializers import moment
from notifications.translation import translate
from workflow.awards import load_awards
from workflow.checking import Effect
from workflow.commands.migrate_items import MigrateItem, judged_items
from workflow.deadlines import DEFAULT_LADDER, KIND_NAMES, Roll, WorkingCalendar
from workflow.definition import load_corrections, load_deadline, load_definition, load_organization
from workflow.errors import InvalidInputError, Reason, Refusal
from workflow.lookups.deadline_terms import DeadlineTerms
from workflow.model import DepartmentId, Item
from workflow.people.staff_rows import filed_rows
from workflow.queries.what_if import Change, ForeseenReminder, Outlook, plan_change
from workflow.rules import Rulebook, vocabulary

_MANY = 1000
"""Items from which on progress is shown."""


def plan(options: argparse.Namespace) -> int:
    """Print who gains or loses a task, what moves or is stuck; 1 where something is stuck."""
    change = change_in(options.file, settings_of(options))
    with opened(options) as parts:
        outlook = parts.database.report_blocking(
            lambda connection: plan_change(parts.context, connection, change, _progress)
        )
        zone = parts.settings.zone
    if options.json:
        print(json.dumps(outlook_json(outlook), ensure_ascii=False, default=translate))
    else:
        for effect in outlook.effects:
            print(_line(effect, zone))
        for sign, mails in (("+", outlook.mails_new), ("-", outlook.mails_gone)):
            for mail in mails:
                at = mail.at.astimezone(zone).strftime("%H:%M %d/%m/%Y")
                print(
                    translate(
                        "{sign} reminder {kind_names} to {to} at {at} ({names})",
                        sign=sign,
                        kind_names=KIND_NAMES.get(mail.kind, mail.kind),
                        to=mail.to,
                        at=at,
                        names=", ".join(mail.departments),
                    )
                )
        gained, lost = (
            sum(len(each.gains) for each in outlook.effects),
            sum(len(each.loses) for each in outlook.effects),
        )
        moved = sum(each.moves_due for each in outlook.effects)
        print(
            translate(
                "Looked at {looked_at} open items: {affected} affected, {stuck} stuck, "
                "{moved} with another due day; {gained} new mails to handle, {lost} "
                "links revoked; {mails_new} reminders more, {mails_gone} reminders "
                "fewer. Nothing has changed yet.",
                looked_at=outlook.looked_at,
                affected=len(outlook.effects),
                stuck=len(outlook.stuck),
                moved=moved,
                gained=gained,
                lost=lost,
                mails_new=len(outlook.mails_new),
                mails_gone=len(outlook.mails_gone),
            )
        )
    return 1 if outlook.stuck else 0


def migrate(options: argparse.Namespace) -> int:
    """Report which open items can follow a published version; with ``--apply`` move them."""
    with opened(options) as parts:
        found = parts.database.report_blocking(
            lambda connection: _judged(parts, connection, options)
        )
        able = [item for item, reasons in found if not reasons]
        moved = _apply(parts, able, options) if options.apply else 0
    lines = [
        {
            "code": item.code,
            "state": item.state,
            "from": item.definition_hash,
            "able": not reasons,
            "reasons": [translate(each) for each in reasons],
        }
        for item, reasons in found
    ]
    if options.json:
        print(json.dumps({"items": lines, "moved": moved}, ensure_ascii=False))
    else:
        for item, reasons in found:
            why = "; ".join(translate(each) for each in reasons) or translate("can move")
            print(translate("{code} ({state}): {able}", code=item.code, state=item.state, able=why))
        done = (
            translate("Moved {moved} items.", moved=moved)
            if options.apply
            else translate("Nothing was moved; add --apply to move those that can.")
        )
        print(
            translate(
                "{able}/{every} items can move. {done}", able=len(able), every=len(lines), done=done
            )
        )
    return 0 if len(able) == len(lines) else 1


def _judged(
    parts: Application, connection: Connection, options: argparse.Namespace
) -> list[tuple[Item, list[Reason]]]:
    return judged_items(parts.context, connection, _target(parts, connection, options))


def _target(parts: Application, connection: Connection, options: argparse.Namespace) -> Rulebook:
    versions = parts.context.rulebooks.versions_of(connection, options.id)
    wanted = options.to if options.to is not None else max(versions, default=0)
    if wanted not in versions:
        known = ", ".join(map(str, sorted(versions))) or translate("none yet")
        raise InvalidInputError(
            translate(
                "The process “{id}” has no version {wanted}. Published versions: {known}.",
                id=options.id,
                wanted=wanted,
                known=known,
            )
        )
    return versions[wanted]


def _apply(parts: Application, able: list[Item], options: argparse.Namespace) -> int:
    """Move the items, each in its own command; one that changed meanwhile is judged anew."""
    target = parts.database.report_blocking(
        lambda connection: _target(parts, connection, options)
    ).hash
    run = secrets.token_hex(8)
    moved = 0
    for number, item in enumerate(able, 1):
        try:
            moved += bool(
                parts.database.write_blocking(
                    MigrateItem(
                        cause=operator_cause(f"migrate:{run}:{item.code}"),
                        code=item.code,
                        to_hash=target,
                    )
                )
            )
        except Refusal as refusal:
            print(f"{item.code}: {translate(refusal)}", file=sys.stderr)
        _progress(number, len(able))
    return moved


def change_in(file: Path, settings: Settings) -> Change:
    """Return the change that a file describes: a sheet of people, or YAML of anything else."""
    if file.suffix.lower() in {".csv", ".xlsx", ".ods", ".xls"}:
        return Change(people=people_in_file(file))
    text, name = read_file(file)
    if re.search(r"^(corrections|opens_at):", text, re.MULTILINE):
        return Change(calendar=WorkingCalendar(load_corrections(text, name), settings.zone))
    if re.search(r"^due_at:", text, re.MULTILINE):
        return _deadline_in(text, name, settings)
    if re.search(r"^departments:", text, re.MULTILINE):
        return Change(people=tuple(filed_rows(load_organization(text, name))))
    if re.search(r"^regimes:", text, re.MULTILINE):
        load_awards(text, name)
        raise InvalidInputError(
            translate(
                "Awards change nothing that runs: what is there follows the rules of its own day. "
                "Check the file with: {command} check FILE.",
                command=program(),
            )
        )
    return Change(definition=load_definition(text, name, vocabulary()))


def _deadline_in(text: str, name: str, settings: Settings) -> Change:
    given = load_deadline(text, name)
    terms = DeadlineTerms(
        campaign=given.campaign,
        kind=given.kind,
        departments=tuple(DepartmentId(each) for each in given.departments),
        due_at=given.due_at if given.due_at.tzinfo else given.due_at.replace(tzinfo=settings.zone),
        roll=Roll(given.roll),
        ladder=DEFAULT_LADDER,
    )
    return Change(deadline=terms, replaces=given.replaces)


def outlook_json(outlook: Outlook) -> dict[str, object]:
    """Return an outlook for programs."""
    return {
        "looked_at": outlook.looked_at,
        "stuck": len(outlook.stuck),
        "mails_new": [_mail_json(each) for each in outlook.mails_new],
        "mails_gone": [_mail_json(each) for each in outlook.mails_gone],
        "effects": [
            {
                "code": each.code,
                "department": each.department,
                "state": each.state,
                "gains": list(each.gains),
                "loses": list(each.loses),
                "due_before": moment(each.due_before),
                "due_after": moment(each.due_after),
                "stuck": each.stuck or None,
            }
            for each in outlook.effects
        ],
    }


def _mail_json(mail: ForeseenReminder) -> dict[str, object]:
    return {
        "to": mail.to,
        "at": moment(mail.at),
        "kind": mail.kind,
        "days": mail.days,
        "departments": list(mail.departments),
    }


def _line(effect: Effect, zone: tzinfo) -> str:
    parts = [translate("STUCK: {stuck}", stuck=effect.stuck)] if effect.stuck else []
    parts += (
        [translate("more work for {names}", names=", ".join(effect.gains))] if effect.gains else []
    )
    parts += (
        [translate("no longer waiting for {names}", names=", ".join(effect.loses))]
        if effect.loses
        else []
    )
    if effect.moves_due:
        before, after = (
            each.astimezone(zone).strftime("%H:%M %d/%m/%Y") if each else translate("no due day")
            for each in (effect.due_before, effect.due_after)
        )
        parts.append(translate("due {before} → {after}", before=before, after=after))
    return f"{effect.code} ({effect.department}, {effect.state}): {'; '.join(parts)}"


def _progress(done: int, total: int) -> None:
    if total >= _MANY:
        end = "\n" if done == total else ""
        print(
            "\r"
            + translate(
                "Looking at {done}/{total} items ({percent} %)",
                done=done,
                total=total,
                percent=100 * done // total,
            ),
            end=end,
            file=sys.stderr,
            flush=True,
        )
