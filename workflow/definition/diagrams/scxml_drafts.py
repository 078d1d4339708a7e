"""State Chart XML (W3C, 1 September 2015): flat charts come in as drafts of definitions.

Owns what of SCXML has a counterpart here: atomic states, final states, transitions with events,
targets and conditions. An imported chart is a draft in YAML, for a person to fill in: fields,
holders, texts. What has no counterpart is named, never dropped.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict
from xml.parsers import expat

from ruamel.yaml import YAML

from workflow.definition.diagrams.scxml import CHOICE, OWN, SCXML
from workflow.definition.language import Actor
from workflow.definition.parts import identifier_from
from workflow.definition.sources import FileProblem
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy

_MOST_CHARACTERS = 256 * 1024
_PARTS = {"scxml", "state", "final", "transition", "initial", "onentry", "onexit", "log"}
_LINE_WIDTH = 160


@dataclass(slots=True, kw_only=True)
class _Element:
    tag: str
    attributes: Mapping[str, str]
    line: int
    column: int
    children: list["_Element"] = field(default_factory=list)


def from_scxml(text: str, name: str) -> Message:
    """Return the flat chart in ``text`` as a draft definition in YAML, under a remark.

    ``name`` is shown in messages. Raises InvalidInputError with one Problem for each part that has
    no counterpart.
    """
    root = _parse(text, name)
    problems = [*_strangers(root, name)]
    states = [each for each in root.children if each.tag in {"state", "final"}]
    if not problems and len(states) < 2:  # noqa: PLR2004 - the language's own least
        problems.append(
            _problem(
                root,
                name,
                lazy("the chart has fewer than two states"),
                lazy("add <state> or <final>"),
            )
        )
    if problems:
        raise InvalidInputError(*problems)
    draft = _draft(root, states)
    out = io.StringIO()
    writer = YAML()
    writer.width = _LINE_WIDTH
    writer.representer.ignore_aliases = lambda *_data: True
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(draft, out)
    return lazy(
        "# A draft read from SCXML: fill in 'fields', 'holders', labels and guards, "
        "then look at it with the command check\n{getvalue}",
        getvalue=out.getvalue(),
    )


def _parse(text: str, name: str) -> _Element:
    """Return the root. Raises InvalidInputError."""
    if len(text) > _MOST_CHARACTERS:
        raise InvalidInputError(
            FileProblem(
                file=name,
                line=1,
                column=1,
                problem=lazy("the SCXML file is too large"),
                remedy=lazy("split it; the limit is 256 KB"),
            )
        )
    root = _TreeBuilder(name).read(text)
    if root.tag != "scxml":
        raise InvalidInputError(
            _problem(
                root,
                name,
                lazy("the outermost tag is <{tag}>", tag=root.tag),
                lazy('use <scxml xmlns="{scxml}" version="1.0">', scxml=SCXML),
            )
        )
    return root


class _TreeBuilder:
    """Makes a tree of elements that know their places.

    It refuses a document type: nobody needs one here, and its entities unfold into gigabytes.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._open = [_Element(tag="", attributes={}, line=1, column=1)]

    def read(self, text: str) -> _Element:
        """Return the outermost element. Raises InvalidInputError."""
        try:
            self._parser.Parse(text.encode(), True)
        except expat.ExpatError as exc:
            place = FileProblem(
                file=self._name,
                line=exc.lineno,
                column=exc.offset + 1,
                problem=lazy("the XML cannot be read: {exc}", exc=exc),
                remedy=lazy("mend the tag on this line"),
            )
            raise InvalidInputError(place) from exc
        return self._open[0].children[0]

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, local = tag.rpartition(" ")
        each = _Element(
            tag=local if space in {SCXML, ""} else tag,
            attributes=attributes,
            line=self._parser.CurrentLineNumber,
            column=self._parser.CurrentColumnNumber + 1,
        )
        self._open[-1].children.append(each)
        self._open.append(each)

    def _end(self, _tag: str) -> None:
        self._open.pop()

    def _doctype(self, *_declared: object) -> None:
        raise InvalidInputError(
            FileProblem(
                file=self._name,
                line=self._parser.CurrentLineNumber,
                column=1,
                problem=lazy("the file has a <!DOCTYPE>"),
                remedy=lazy("delete that line"),
            )
        )


def _problem(element: _Element, name: str, problem: Message, remedy: Message) -> FileProblem:
    return FileProblem(
        file=name, line=element.line, column=element.column, problem=problem, remedy=remedy
    )


def _strangers(root: _Element, name: str) -> Iterator[FileProblem]:
    """Yield every part that has no counterpart in a definition."""
    known = {each.attributes.get("id", "") for each in root.children}
    for element, owner in _walk(root):
        if element.tag not in _PARTS:
            yield _problem(
                element,
                name,
                lazy("<{tag}> has no counterpart in a process", tag=element.tag),
                lazy("remove the tag; use a field, a guard or an effect instead"),
            )
        elif element.tag in {"state", "final"} and owner.tag != "scxml":
            yield _problem(
                element,
                name,
                lazy("a state lies inside another state"),
                lazy("flatten it: each state lies directly in <scxml>"),
            )
        elif element.tag in {"state", "final"} and not element.attributes.get("id"):
            yield _problem(element, name, lazy("a state has no id"), lazy("add an id"))
        elif element.tag == "transition" and owner.tag != "initial":
            yield from _odd_transition(element, name, known)


def _odd_transition(element: _Element, name: str, known: set[str]) -> Iterator[FileProblem]:
    events, targets = (
        element.attributes.get("event", "").split(),
        element.attributes.get("target", "").split(),
    )
    if not events:
        yield _problem(
            element,
            name,
            lazy("a transition has no event: an item moves only when somebody decides"),
            lazy("add an event"),
        )
    if any("*" in each for each in events):
        yield _problem(
            element,
            name,
            lazy("an event has a *: a transition has one name"),
            lazy("write each event"),
        )
    if len(targets) != 1:
        yield _problem(
            element, name, lazy("a transition has not exactly one target"), lazy("write one target")
        )
    elif targets[0] not in known:
        yield _problem(
            element,
            name,
            lazy("the target '{targets}' is no state", targets=targets[0]),
            lazy("mend the target"),
        )


def _walk(root: _Element) -> Iterator[tuple[_Element, _Element]]:
    waiting = [(each, root) for each in root.children]
    while waiting:
        element, owner = waiting.pop(0)
        yield element, owner
        waiting += [(each, element) for each in element.children]


def _identifiers(names: Iterator[str]) -> dict[str, str]:
    """Return an identifier for each name, all different."""
    found: dict[str, str] = {}
    for each in dict.fromkeys(names):
        found[each] = identifier_from(each, found.values())
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What a chart's names become: its states and events by their own names; ``initial`` is one."""

    initial: str
    states: Mapping[str, str]
    events: Mapping[str, str]


def _draft(root: _Element, states: list[_Element]) -> dict[str, object]:
    names = _Names(
        initial=_initial(root, states),
        states=_identifiers(each.attributes.get("id", "") for each in states),
        events=_identifiers(
            event
            for state in states
            for each in state.children
            if each.tag == "transition"
            for event in each.attributes["event"].split()
        ),
    )
    name = root.attributes.get("name") or "imported"
    return {
        "id": next(iter(_identifiers(iter([name])).values())),
        "version": 1,
        "code_prefix": "HS",
        "label": _label(root, name),
        "document": {"kind": "TTr", "label": _label(root, name)},
        "initial": names.states[names.initial],
        "example_title": name,
        "groups": [{"id": "content", "label": {"vi": "Nội dung", "en": "Content"}}],
        "fields": [
            {
                "id": "summary",
                "type": "long_text",
                "group": "content",
                "label": {"vi": "Nội dung", "en": "Summary"},
                "example": name,
            }
        ],
        "states": [_state(each, names) for each in states],
        "transitions": _transitions(states, names),
    }


_Way = TypedDict(
    "_Way",
    {
        "id": str,
        "label": dict[str, str],
        "outcome": dict[str, str],
        "from": list[str],
        "to": list[str],
        "when": NotRequired[str],
        "by": NotRequired[str],
    },
)
"""A transition of a draft: the way, its condition, and who is likely to take it."""


def _transitions(states: list[_Element], names: _Names) -> list[_Way]:
    """Return the transitions in the chart's order.

    Destinations that a person chooses among become one transition.
    """
    found: list[_Way] = []
    for state in states:
        for each in (child for child in state.children if child.tag == "transition"):
            for event in each.attributes["event"].split():
                one = _transition(each, event, state.attributes["id"], names)
                alike = found and {**found[-1], "to": []} == {**one, "to": []}
                if alike and CHOICE.fullmatch(each.attributes.get("cond", "")):
                    found[-1]["to"] += one["to"]
                else:
                    found.append(one)
    return found


def _initial(root: _Element, states: list[_Element]) -> str:
    """Return the initial state: the attribute, the element, else the first (SCXML, 3.2)."""
    named = root.attributes.get("initial", "")
    for each in root.children:
        if each.tag == "initial" and each.children:
            named = each.children[0].attributes.get("target", named)
    return (
        named if named in {each.attributes["id"] for each in states} else states[0].attributes["id"]
    )


def _label(element: _Element, name: str) -> dict[str, str]:
    vi = element.attributes.get(f"{OWN} label") or name
    return {"vi": vi, "en": element.attributes.get(f"{OWN} label-en") or vi}


def _state(element: _Element, names: _Names) -> dict[str, object]:
    name = element.attributes["id"]
    state: dict[str, object] = {"id": names.states[name], "label": _label(element, name)}
    if not any(each.tag == "transition" for each in element.children):
        return {**state, "final": True}
    if name == names.initial:
        return {**state, "held_by_author": True, "editable": True}
    return {
        **state,
        "holders": [
            {"positions": ["head", "deputy"], "within": "department"},
            {"positions": ["chief", "deputy_director"]},
        ],
    }


def _transition(element: _Element, event: str, source: str, names: _Names) -> _Way:
    label = _label(element, event)
    way: _Way = {
        "id": names.events[event],
        "label": label,
        "outcome": label,
        "from": [names.states[source]],
        "to": [names.states[element.attributes["target"]]],
    }
    condition = element.attributes.get("cond")
    if chosen := CHOICE.fullmatch(condition or ""):
        condition = chosen["when"]
    if condition:
        way["when"] = condition
    likely = Actor.AUTHOR if source == names.initial else Actor.HOLDER
    by = element.attributes.get(f"{OWN} by") or likely.value
    if by == Actor.AUTHOR.value:
        way["by"] = by
    return way
