"""What is changed most often in a definition, without writing its language: names, days, holders.

Owns which settings those are, and puts new values into the text where the old ones stand: comments,
order and everything else stay as they are. What the values are worth is judged by loading the text.
"""

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, Literal

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

Kind = Literal["text", "days", "flag", "positions"]
SECTIONS: Final = ("states", "transitions", "fields")
_Node = CommentedMap
_DIGITS = 6
_NAMES: Final = ("current.vi", "label.vi")
"""What an element is called by: a state by its name while an item is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value that a form offers: what it is, by which name it is sent, what it says now."""

    name: str
    key: str
    kind: Kind
    values: tuple[str, ...]
    of: str = ""
    """For which items a line of holders is, where not for all."""
    where: tuple[str, ...] = ()
    """And only where one of these positions is concerned."""

    @property
    def value(self) -> str:
        """Return the one value; empty where there is none."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A state, a transition, a field, or the process itself, with its settings."""

    section: str
    id: str
    label: str
    settings: tuple[Setting, ...]


def usual_settings(text: str) -> list[Element]:
    """Return what a form offers of a definition that can be loaded."""
    found: dict[tuple[str, str], list[_Place]] = {}
    for place in _places(as_read(text)):
        found.setdefault((place.section, place.id), []).append(place)
    return [
        Element(
            section=section,
            id=identity,
            label=next((each.read()[0] for each in places if each.key in _NAMES), identity),
            settings=tuple(each.setting for each in places if each.is_first),
        )
        for (section, identity), places in found.items()
    ]


def changed_text(text: str, given: Mapping[str, Sequence[str]], newer_than: int) -> tuple[str, int]:
    """Return ``text`` with the values ``given`` by name, and how many of them are new.

    A setting that is not given stays. With a change the version becomes newer than ``newer_than``.
    """
    document = opened(text)
    changed = set()
    for place in list(_places(document)):
        values = tuple(each.strip() for each in given.get(place.name, ()) if each.strip())
        if place.name in given and values != place.read():
            place.write(values)
            changed.add(place.name)
    if not changed:
        return text, 0
    _forget_expected_days(document, changed)
    return written(document, newer_than), len(changed)


@lru_cache(maxsize=4)
def as_read(text: str) -> CommentedMap:
    """Return the tree of a text, only to be read: a page asks it several times."""
    return opened(text)


def opened(text: str) -> CommentedMap:
    """Return the tree of a text that can be read, with its comments and its order."""
    found: CommentedMap = _yaml().load(text)
    return found


def written(document: CommentedMap, newer_than: int) -> str:
    """Return the text of a tree; its version becomes newer than ``newer_than``."""
    if document["version"] <= newer_than:
        document["version"] = newer_than + 1
    out = io.StringIO()
    _yaml().dump(document, out)
    return out.getvalue()


def in_one_line(values: Sequence[str]) -> CommentedSeq:
    """Return a list that is written between brackets."""
    line = CommentedSeq(values)
    line.fa.set_flow_style()
    return line


def _forget_expected_days(document: _Node, changed: Collection[str]) -> None:
    """Take out of the scenarios when a step is due whose days are others now."""
    for scenario in document.get("scenarios", ()):
        for step in scenario.get("steps", ()):
            if f"states.{step.get('then')}.working_days" in changed:
                step.pop("due_on", None)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a value stands in the text. Transitions that share an id share their values."""

    section: str
    id: str
    key: str
    kind: Kind
    node: _Node
    entry: str
    word: object = True
    """What a flag that is set says."""
    of: str = ""
    where: tuple[str, ...] = ()
    is_first: bool = True

    @property
    def name(self) -> str:
        """Return the name by which a form sends the value."""
        return f"{self.section}.{self.id}.{self.key}"

    @property
    def setting(self) -> Setting:
        """Return what a form offers."""
        return Setting(
            name=self.name,
            key=self.key,
            kind=self.kind,
            values=self.read(),
            of=self.of,
            where=self.where,
        )

    def read(self) -> tuple[str, ...]:
        """Return the values that stand there."""
        value = self.node.get(self.entry)
        if self.kind == "positions":
            return tuple(map(str, value or ()))
        if self.kind == "flag":
            return ("1",) if value == self.word else ()
        return () if value in {None, ""} else (str(value),)

    def write(self, values: tuple[str, ...]) -> None:
        """Put other values there."""
        if self.kind == "positions":
            self.node[self.entry] = in_one_line(values)
        elif not values:
            self.node.pop(self.entry, None)
        elif self.kind == "flag":
            self.node[self.entry] = self.word
        else:
            self.node[self.entry] = _number(values[0]) if self.kind == "days" else values[0]


class _Reminder(_Place):
    """After how many days of waiting the holders are told again: the first timer that tells."""

    __slots__ = ()

    def _timer(self) -> _Node | None:
        return next((each for each in self.node.get("timers", ()) if "tell" in each), None)

    def _first_lines(self) -> Iterator[_Node]:
        """Yield for each group of departments the line of holders that is asked first."""
        seen: list[tuple[object, object]] = []
        for line in self.node.get("holders", ()):
            whose = line.get("departments"), line.get("except_departments")
            if whose not in seen and "where_concerned" not in line:
                seen.append(whose)
                yield line

    def read(self) -> tuple[str, ...]:
        """Return the days of the timer."""
        timer = self._timer()
        return () if timer is None else (str(timer["days"]),)

    def write(self, values: tuple[str, ...]) -> None:
        """Change the timer, take it out, or put one in that tells the holders."""
        timer = self._timer()
        days = [_number(each) for each in values]
        if timer is not None and days:
            timer["days"] = days[0]
        elif timer is not None:
            self.node["timers"].remove(timer)
            if not self.node["timers"]:
                self.node.pop("timers")
        else:
            told = [deepcopy(each) for each in self._first_lines()]
            self.node.setdefault("timers", CommentedSeq()).append(
                CommentedMap(days=days[0], tell=CommentedSeq(told))
            )


def _number(typed: str) -> int | str:
    """Return days as a number; what is none, or too many days, is left for the checks to say."""
    return int(typed) if typed.isdecimal() and len(typed) <= _DIGITS else typed


def _places(document: _Node) -> Iterator[_Place]:
    yield from _labels("process", document["id"], document)
    for section in SECTIONS:
        seen: set[str] = set()
        ids = [each["id"] for each in document[section]]
        for node in document[section]:
            yield from _of_element(section, node, is_first=node["id"] not in seen)
            if section == "transitions" and ids.count(node["id"]) == 1:
                yield _outcome(node)
            seen.add(node["id"])


def _outcome(node: _Node) -> _Place:
    """Return what a transition leads to: of those that share an id each says its own."""
    return _Place(
        section="transitions",
        id=node["id"],
        key="outcome.vi",
        kind="text",
        node=node["outcome"],
        entry="vi",
    )


def _labels(section: str, identity: str, node: _Node, *, is_first: bool = True) -> Iterator[_Place]:
    for name in ("current", "label"):
        for language in ("vi", "en") if name in node else ():
            yield _Place(
                section=section,
                id=identity,
                key=f"{name}.{language}",
                kind="text",
                node=node[name],
                entry=language,
                is_first=is_first,
            )


def _of_element(section: str, node: _Node, *, is_first: bool) -> Iterator[_Place]:
    yield from _labels(section, node["id"], node, is_first=is_first)
    place = partial(_Place, section=section, id=node["id"], is_first=is_first)
    if section == "fields":
        yield place(key="required", kind="flag", node=node, entry="required")
        if "help" in node:
            yield place(key="help.vi", kind="text", node=node["help"], entry="vi")
    elif section == "transitions":
        yield place(key="comment", kind="flag", node=node, entry="comment", word="required")
        yield place(key="second_factor", kind="flag", node=node, entry="second_factor")
    elif not node.get("final"):
        yield place(key="working_days", kind="days", node=node, entry="working_days")
        for number, rule in enumerate(node.get("holders", ())):
            only, but = rule.get("departments", ()), rule.get("except_departments", ())
            yield place(
                key=f"holders.{number}",
                kind="positions",
                node=rule,
                entry="positions",
                of=", ".join([*only, *(f"-{each}" for each in but)]),
                where=tuple(rule.get("where_concerned", ())),
            )
        if node.get("holders"):
            yield _Reminder(
                section=section,
                id=node["id"],
                key="reminder",
                kind="days",
                node=node,
                entry="timers",
                is_first=is_first,
            )
