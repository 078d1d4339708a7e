"""State Chart XML (W3C Recommendation of 1 September 2015): definitions go out as flat charts, and flat charts come in as drafts.

Owns what of SCXML has a counterpart here: atomic states, final states, transitions with events, targets and conditions. An
imported chart is a draft in YAML, for a person to fill in: fields, holders, texts. What has no counterpart is named, never dropped.
"""

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from ruamel.yaml import YAML

from workflow.definition.language import Actor, Definition, Transition
from workflow.definition.sources import Problem
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy

SCXML = "http://www.w3.org/2005/07/scxml"
OWN = "urn:thidua:definition"
_MOST_CHARACTERS = 256 * 1024
_PARTS = {"scxml", "state", "final", "transition", "initial", "onentry", "onexit", "log"}
_LINE_WIDTH = 160
_CHOICE = re.compile(r"(?:\((?P<when>.*)\) && )?to == '(?P<to>[^']+)'", re.DOTALL)
"""The condition of one of several destinations that a person chooses among, as ``to_scxml`` writes it."""


@dataclass(slots=True, kw_only=True)
class _Element:
    tag: str
    attributes: Mapping[str, str]
    line: int
    column: int
    children: list["_Element"] = field(default_factory=list)


def to_scxml(definition: Definition) -> str:
    """Return the states and transitions as a flat chart; conditions are CEL, labels stand in attributes of our own namespace."""
    ET.register_namespace("", SCXML)
    ET.register_namespace("thidua", OWN)
    root = ET.Element(
        f"{{{SCXML}}}scxml",
        {
            "version": "1.0",
            "initial": definition.initial,
            "name": definition.id,
            "datamodel": "cel",
        },
    )
    root.set(f"{{{OWN}}}label", definition.label.vi)
    root.set(f"{{{OWN}}}label-en", definition.label.en)
    for state in definition.states:
        node = ET.SubElement(
            root, f"{{{SCXML}}}{'final' if state.final else 'state'}", {"id": state.id}
        )
        node.set(f"{{{OWN}}}label", state.label.vi)
        node.set(f"{{{OWN}}}label-en", state.label.en)
        for each in definition.transitions:
            for to in each.to if state.id in each.from_states else ():
                condition = _condition(each, to)
                way = ET.SubElement(
                    node,
                    f"{{{SCXML}}}transition",
                    {"event": each.id, "target": to, **({"cond": condition} if condition else {})},
                )
                way.set(f"{{{OWN}}}label", each.label.vi)
                way.set(f"{{{OWN}}}label-en", each.label.en)
                way.set(f"{{{OWN}}}by", each.by.value)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _condition(transition: Transition, to: str) -> str | None:
    """Return the condition of one way; where the person chooses the destination, that choice is part of it."""
    if len(transition.to) == 1:
        return transition.when
    choice = f"to == '{to}'"
    return f"({transition.when}) && {choice}" if transition.when else choice


def from_scxml(text: str, name: str) -> Message:
    """Return the flat chart in ``text`` as a draft definition in YAML, under a remark that is still to be translated; ``name`` is shown in messages.

    Raises InvalidInputError with one Problem for each part that has no counterpart.
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
    ids = _identifiers(each.attributes.get("id", "") for each in states)
    draft = _draft(root, states, ids)
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
    """Return the root. A document type is refused: nobody needs one here, and its entities unfold into gigabytes."""
    if len(text) > _MOST_CHARACTERS:
        raise InvalidInputError(
            Problem(
                file=name,
                line=1,
                column=1,
                problem=lazy("the SCXML file is too large"),
                remedy=lazy("split it; the limit is 256 KB"),
            )
        )
    parser = expat.ParserCreate(namespace_separator=" ")
    top = _Element(tag="", attributes={}, line=1, column=1)
    open_ones = [top]

    def start(tag: str, attributes: dict[str, str]) -> None:
        space, _, local = tag.rpartition(" ")
        each = _Element(
            tag=local if space in {SCXML, ""} else tag,
            attributes=attributes,
            line=parser.CurrentLineNumber,
            column=parser.CurrentColumnNumber + 1,
        )
        open_ones[-1].children.append(each)
        open_ones.append(each)

    def doctype(*_declared: object) -> None:
        raise InvalidInputError(
            Problem(
                file=name,
                line=parser.CurrentLineNumber,
                column=1,
                problem=lazy("the file has a <!DOCTYPE>"),
                remedy=lazy("delete that line"),
            )
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: open_ones.pop()
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as exc:
        place = Problem(
            file=name,
            line=exc.lineno,
            column=exc.offset + 1,
            problem=lazy("the XML cannot be read: {exc}", exc=exc),
            remedy=lazy("mend the tag on this line"),
        )
        raise InvalidInputError(place) from exc
    root = top.children[0]
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


def _problem(element: _Element, name: str, problem: Message, remedy: Message) -> Problem:
    return Problem(
        file=name, line=element.line, column=element.column, problem=problem, remedy=remedy
    )


def _strangers(root: _Element, name: str) -> Iterator[Problem]:
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


def _odd_transition(element: _Element, name: str, known: set[str]) -> Iterator[Problem]:
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
    """Return an identifier of the language for each name, all different: lower case, without diacritics."""
    found: dict[str, str] = {}
    for each in dict.fromkeys(names):
        bare = unicodedata.normalize("NFD", each.lower().replace("đ", "d"))
        plain = re.sub(
            r"[^a-z0-9]+",
            "_",
            "".join(letter for letter in bare if not unicodedata.combining(letter)),
        ).strip("_")[:30]
        plain = plain if plain[:1].isalpha() else f"x_{plain}".rstrip("_")
        taken, count = plain, 2
        while taken in found.values():
            taken, count = f"{plain}_{count}", count + 1
        found[each] = taken
    return found


def _draft(root: _Element, states: list[_Element], ids: dict[str, str]) -> dict[str, object]:
    initial = _initial(root, states)
    events = _identifiers(
        event
        for state in states
        for each in state.children
        if each.tag == "transition"
        for event in each.attributes["event"].split()
    )
    name = root.attributes.get("name") or "imported"
    return {
        "id": next(iter(_identifiers(iter([name])).values())),
        "version": 1,
        "code_prefix": "HS",
        "label": _label(root, name),
        "document": {"kind": "TTr", "label": _label(root, name)},
        "initial": ids[initial],
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
        "states": [
            _state(each, ids, is_initial=each.attributes["id"] == initial) for each in states
        ],
        "transitions": _transitions(states, initial, ids, events),
    }


def _transitions(
    states: list[_Element], initial: str, ids: dict[str, str], events: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the transitions in the chart's order; destinations that a person chooses among become one transition."""
    found: list[dict[str, Any]] = []
    for state in states:
        for each in (child for child in state.children if child.tag == "transition"):
            for event in each.attributes["event"].split():
                one = _transition(each, event, state, initial, ids, events)
                alike = found and {**found[-1], "to": []} == {**one, "to": []}
                if alike and _CHOICE.fullmatch(each.attributes.get("cond", "")):
                    found[-1]["to"] += one["to"]
                else:
                    found.append(one)
    return found


def _initial(root: _Element, states: list[_Element]) -> str:
    """Return the initial state's name: the attribute, the element, or the first state (SCXML, section 3.2)."""
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


def _state(element: _Element, ids: dict[str, str], *, is_initial: bool) -> dict[str, object]:
    name = element.attributes["id"]
    state: dict[str, object] = {"id": ids[name], "label": _label(element, name)}
    if not any(each.tag == "transition" for each in element.children):
        return {**state, "final": True}
    if is_initial:
        return {**state, "held_by_author": True, "editable": True}
    return {
        **state,
        "holders": [
            {"positions": ["head", "deputy"], "within": "department"},
            {"positions": ["chief", "deputy_director"]},
        ],
    }


def _transition(
    element: _Element,
    event: str,
    state: _Element,
    initial: str,
    ids: dict[str, str],
    events: dict[str, str],
) -> dict[str, Any]:  # what a draft can know: the way, its condition, and who is likely to take it
    label = _label(element, event)
    source = state.attributes["id"]
    condition = element.attributes.get("cond")
    if chosen := _CHOICE.fullmatch(condition or ""):
        condition = chosen["when"]
    by = (
        element.attributes.get(f"{OWN} by")
        or (Actor.AUTHOR if source == initial else Actor.HOLDER).value
    )
    return {
        "id": events[event],
        "label": label,
        "outcome": label,
        "from": [ids[source]],
        "to": [ids[element.attributes["target"]]],
        **({"when": condition} if condition else {}),
        **({"by": by} if by == Actor.AUTHOR.value else {}),
    }
