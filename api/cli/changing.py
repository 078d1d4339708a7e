"""plan-change: what a new definition, calendar or staff list would do to everything open, before it happens."""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from api.answers import moment
from api.cli.opening import opened, settings_of
from api.cli.staff import read_people
from api.composition import read_file
from api.settings import Settings
from workflow.checking import Effect
from workflow.deadlines import WorkingCalendar
from workflow.definition import load_corrections, load_definition, load_organization
from workflow.rules import guard_signatures
from workflow.service.changing import Change, Outlook, plan_change
from workflow.service.people import PersonRow

_MANY = 1000
"""Items from which on progress is shown."""


def plan(options: argparse.Namespace) -> int:
    """Print who gains or loses a task, what would be stuck and which due times move; 1 where something would be stuck."""
    change = change_in(options.file, settings_of(options))
    with opened(options) as parts:
        outlook = parts.database.report_blocking(lambda connection: plan_change(parts.context, connection, change, _progress))
        zone = parts.settings.zone
    if options.json:
        print(json.dumps(outlook_json(outlook), ensure_ascii=False))
    else:
        for effect in outlook.effects:
            print(_line(effect, zone))
        gained, lost = (sum(each.mails[side] for each in outlook.effects) for side in (0, 1))
        moved = sum(each.moves_due for each in outlook.effects)
        print(
            f"Đã xem {outlook.looked_at} hồ sơ đang mở: {len(outlook.effects)} hồ sơ bị ảnh hưởng, {len(outlook.stuck)} bị mắc, "
            f"{moved} đổi hạn; {gained} thư mời xử lý mới, {lost} liên kết bị thu hồi. Chưa có gì thay đổi."
        )
    return 1 if outlook.stuck else 0


def change_in(file: Path, settings: Settings) -> Change:
    """Return the change that a file describes: a sheet of people, or YAML of an organization, a calendar or a definition."""
    if file.suffix.lower() in {".csv", ".xlsx", ".ods"}:
        return Change(people=read_people(file))
    text, name = read_file(file)
    if re.search(r"^(corrections|opens_at):", text, re.MULTILINE):
        return Change(calendar=WorkingCalendar(load_corrections(text, name), settings.zone))
    if re.search(r"^departments:", text, re.MULTILINE):
        entries = enumerate(load_organization(text, name).people, 1)
        return Change(
            people=tuple(
                PersonRow(row=row, email=each.email, name=each.name, position=each.position.value, department=each.department)
                for row, each in entries
            )
        )
    return Change(definition=load_definition(text, name, guard_signatures()))


def outlook_json(outlook: Outlook) -> dict[str, Any]:
    """Return an outlook for programs."""
    return {
        "looked_at": outlook.looked_at,
        "stuck": len(outlook.stuck),
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


def _line(effect: Effect, zone: Any) -> str:  # noqa: ANN401 - a time zone
    parts = [f"BỊ MẮC: {effect.stuck}"] if effect.stuck else []
    parts += [f"thêm việc cho {', '.join(effect.gains)}"] if effect.gains else []
    parts += [f"thôi chờ {', '.join(effect.loses)}"] if effect.loses else []
    if effect.moves_due:
        before, after = (each.astimezone(zone).strftime("%H:%M %d/%m/%Y") if each else "không hạn" for each in (effect.due_before, effect.due_after))
        parts.append(f"hạn {before} → {after}")
    return f"{effect.code} ({effect.department}, {effect.state}): {'; '.join(parts)}"


def _progress(done: int, total: int) -> None:
    if total >= _MANY:
        end = "\n" if done == total else ""
        print(f"\rĐang xem {done}/{total} hồ sơ ({100 * done // total} %)", end=end, file=sys.stderr, flush=True)
