"""What differs between two versions of a process, one setting a line, in words where it has them.

Owns what the parts of a definition are called on pages. It judges nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from api.web.promises import promises_of
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
    "label": lazy("Name"),
    "label.vi": lazy("Name"),
    "label.en": lazy("Name in English"),
    "current": lazy("Name while it waits"),
    "current.vi": lazy("Name while it waits"),
    "current.en": lazy("Name while it waits, in English"),
    "help": lazy("Help"),
    "help.vi": lazy("Help"),
    "from": lazy("From the step"),
    "to": lazy("To the step"),
    "outcome": lazy("What it leads to"),
    "outcome.vi": lazy("What it leads to"),
    "verb": lazy("What a mail asks for"),
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
_Element = tuple[str, _Values]
"""What an element is called, and what it says."""
_Place = tuple[str, ...]
"""Where an element stands: its section, its id, and of a transition where it begins."""
_NOWHERE: Final[_Place] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSetting:
    """One setting that differs; empty where a version does not have it."""

    where: str
    what: str
    before: str
    after: str


def changed_settings(old: Definition, new: Definition) -> list[ChangedSetting]:
    """Return what differs, in the order of the new version; what is gone comes last.

    An element that only one of the two has is one line, and so are all examples together.
    """
    words = _names_of(old) | _names_of(new)
    before, after = _elements(old), _elements(new)
    known = _counterparts(before, after)
    pairs: list[tuple[_Place, _Element | None, _Element | None]] = [
        (place, before.get(known.get(place, _NOWHERE)), now) for place, now in after.items()
    ]
    pairs += [(place, was, None) for place, was in before.items() if place not in known.values()]
    found = list(_changed_promises(promises_of(old), promises_of(new)))
    examples = 0
    for place, was, now in pairs:
        differing = list(_differing(was, now, words))
        if place[0] == "scenarios":
            examples += bool(differing)
        else:
            found += differing
    if examples:
        told = translate(
            "{count} example goes another way",
            "{count} examples go another way",
            count=examples,
        )
        found.append(
            ChangedSetting(
                where=translate("Scenarios"), what=translate("Steps"), before="", after=told
            )
        )
    return found


def _changed_promises(before: Sequence[str], after: Sequence[str]) -> Iterator[ChangedSetting]:
    """Yield what is guaranteed otherwise, a promise a line."""
    gone = [each for each in before if each not in after]
    come = [each for each in after if each not in before]
    for was, now in zip_longest(gone, come, fillvalue=""):
        what = translate(SETTING_NAMES["guarantees"])
        yield ChangedSetting(where=translate("The process"), what=what, before=was, after=now)


def _names_of(definition: Definition) -> dict[str, str]:
    """Return what steps and actions are called, by their ids."""
    acts = {each.id: translate(each.label) for each in definition.transitions}
    return acts | {each.id: translate(each.label_now) for each in definition.states}


def _elements(definition: Definition) -> dict[_Place, _Element]:
    """Return what each element is called and says, by its place; the process itself first."""
    whole = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    own = {name: value for name, value in whole.items() if name not in SECTION_NAMES}
    own.pop("guarantees", None)
    own.pop("version")
    found: dict[_Place, _Element] = {("",): (translate("The process"), own)}
    for name in SECTION_NAMES:
        for each in whole.get(name, ()):
            begin = each.get("from")
            place = (
                name,
                str(each.get("id", each.get("name"))),
                *(begin if isinstance(begin, list) else ()),
            )
            found[place] = (_element(name, each, _names_of(definition)), each)
    return found


def _counterparts(before: Collection[_Place], after: Collection[_Place]) -> dict[_Place, _Place]:
    """Return which element of the version before each one is, where there is one.

    Actions of one id are told apart by where they begin; one that begins in more or fewer steps is
    the same.
    """
    found = {each: each for each in after if each in before}
    for each in after:
        left = [one for one in before if one[:2] == each[:2] and one not in found.values()]
        if each not in found:
            alike = [one for one in left if set(one[2:]) & set(each[2:])]
            if alike:
                found[each] = alike[0]
    return found


def _differing(
    old: _Element | None, new: _Element | None, words: Mapping[str, str]
) -> Iterator[ChangedSetting]:
    """Yield by which settings two versions of an element differ; one line where one is missing."""
    if old is None or new is None:
        there = old or new or ("", {})
        what = translate("New") if old is None else translate("Taken out")
        said = ["" if each is None else _summary(each[1], words) for each in (old, new)]
        yield ChangedSetting(where=there[0], what=what, before=said[0], after=said[1])
        return
    was, now = old[1], new[1]
    for key in dict.fromkeys([*now, *was]):
        # What another file names is written out in what is published.
        if was.get(key) != now.get(key) and not (key == "choices" and "choices_from" in now):
            yield ChangedSetting(
                where=new[0],
                what=translate(SETTING_NAMES.get(key, key)),
                before=_value_words(was.get(key), now.get(key), words),
                after=_value_words(now.get(key), was.get(key), words),
            )


def _summary(element: _Values, words: Mapping[str, str]) -> str:
    """Return what an element says that matters most: who holds it, how long, where it leads."""
    return _cut(
        "; ".join(
            f"{translate(SETTING_NAMES[key])}: {_text(element[key], words)}"
            for key in ("holders", "working_days", "from", "to")
            if key in element
        )
    )


def _element(section: str, value: _Values, words: Mapping[str, str]) -> str:
    """Return what an element is called; transitions of one name differ in where they begin."""
    label = value.get("current", value.get("label", value.get("name")))
    name = label["vi"] if isinstance(label, dict) else str(label)
    begin = value.get("from")
    ways = f" ({words[begin[0]]})" if isinstance(begin, list) and len(begin) == 1 else ""
    return f"{translate(SECTION_NAMES[section])} “{name}”{ways}"


def _value_words(value: object, other: object, words: Mapping[str, str]) -> str:
    """Return what a setting says; of a list, what the other version has not."""
    if value is None:
        return ""
    if isinstance(value, list):
        return _cut("; ".join(_text(each, words) for each in value if each not in _as_list(other)))
    return _cut(_text(value, words))


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object, words: Mapping[str, str]) -> str:
    if isinstance(value, dict):
        if "positions" in value and set(value) <= {"positions", "within"}:
            return _text(value["positions"], words)
        if set(value) <= {"vi", "en"}:
            return " / ".join(map(str, value.values()))
        return ", ".join(f"{name}: {_text(each, words)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_text(each, words) for each in value)
    if isinstance(value, bool):
        return translate("Yes") if value else translate("No")
    known = _POSITIONS.get(value) if isinstance(value, str) else None
    return translate(known) if known else words.get(str(value), str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
