"""What differs between two versions of a process, one setting a line, in words where it has them.

Owns what the parts of a definition are called on pages. It judges nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.definition import Definition
from workflow.messages import Message, lazy

SECTION_NAMES: Final[Mapping[str, Message]] = {
    "states": lazy("Step"),
    "transitions": lazy("Action"),
    "fields": lazy("Field"),
    "groups": lazy("Section"),
    "scenarios": lazy("Scenario"),
}
SETTING_NAMES: Final[Mapping[str, Message]] = {
    "version": lazy("Version"),
    "label": lazy("Name"),
    "label.vi": lazy("Name"),
    "label.en": lazy("Name in English"),
    "current": lazy("Name while it waits"),
    "current.vi": lazy("Name while it waits"),
    "current.en": lazy("Name while it waits, in English"),
    "help": lazy("Help"),
    "help.vi": lazy("Help"),
    "working_days": lazy("Working days"),
    "link_days": lazy("Days that a link in a mail serves"),
    "holders": lazy("Who holds it"),
    "timers": lazy("Reminder"),
    "reminder": lazy("Remind the holders after days of waiting"),
    "required": lazy("Required"),
    "comment": lazy("A reason is required"),
    "second_factor": lazy("Confirmed with a PIN, code or passkey"),
    "guarantees": lazy("This process guarantees"),
    "legal_basis": lazy("Basis"),
}
_POSITIONS = {each.value: name for each, name in POSITIONS.items()}
_LONGEST = 200
"""Letters of a value that are shown."""
_Values = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSetting:
    """One setting that differs; empty where a version does not have it."""

    where: str
    what: str
    before: str
    after: str


def changed_settings(old: Definition, new: Definition) -> list[ChangedSetting]:
    """Return what differs, in the order of the new version; what is gone comes last."""
    before, after = dict(_settings(old)), dict(_settings(new))
    found = []
    for place in dict.fromkeys([*after, *before]):
        where, was = before.get(place, ("", None))
        where, now = after.get(place, (where, None))
        if was != now:
            what = translate(SETTING_NAMES.get(place[1], place[1]))
            found.append(
                ChangedSetting(
                    where=where,
                    what=what,
                    before=_value_words(was, now),
                    after=_value_words(now, was),
                )
            )
    return found


def _settings(definition: Definition) -> Iterator[tuple[tuple[str, str], tuple[str, object]]]:
    """Yield every setting by its element and its name: what the element is called, what it says."""
    whole = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for name, value in whole.items():
        if name not in SECTION_NAMES:
            yield ("", name), (translate("The process"), value)
            continue
        for each in value:
            identity = orjson.dumps(
                [name, each.get("id", each.get("name")), each.get("from")]
            ).decode()
            where = _element(name, each)
            yield from (((identity, key), (where, said)) for key, said in each.items())


def _element(section: str, value: _Values) -> str:
    """Return what an element is called; transitions of one name differ in where they begin."""
    label = value.get("label", value.get("name"))
    name = label["vi"] if isinstance(label, dict) else str(label)
    begin = value.get("from")
    ways = f" ({', '.join(map(str, begin))})" if isinstance(begin, list) else ""
    return f"{translate(SECTION_NAMES[section])} “{name}”{ways}"


def _value_words(value: object, other: object) -> str:
    """Return what a setting says; of a list, what the other version has not."""
    if value is None:
        return ""
    if isinstance(value, list):
        return _cut("; ".join(_text(each) for each in value if each not in _as_list(other)))
    return _cut(_text(value))


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    if isinstance(value, dict):
        if set(value) <= {"vi", "en"}:
            return " / ".join(map(str, value.values()))
        return ", ".join(f"{name}: {_text(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, bool):
        return translate("Yes") if value else translate("No")
    known = _POSITIONS.get(value) if isinstance(value, str) else None
    return translate(known) if known else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
