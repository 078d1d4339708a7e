"""BPMN 2.0 (ISO/IEC 19510): a definition as a process that other modellers open.

Each state becomes a user task, or an end event where it is final; where several ways leave a task,
an exclusive gateway stands behind it. The picture is part of the file: tasks in the definition's
order, ways beside them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from workflow.definition.language import Definition, State

_MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_WAY = "http://www.omg.org/spec/DD/20100524/DI"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LEFT, _STEP, _WIDTH, _HEIGHT = 200, 120, 220, 70
_LANE = 14
_SMALL, _GATEWAY = 36, 50
_GATEWAY_LEFT = _LEFT + _WIDTH + 40

Point = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    id: str
    name: str
    source: str
    target: str
    condition: str | None
    points: tuple[Point, ...]


def to_bpmn(definition: Definition) -> str:
    """Return the definition as BPMN 2.0 XML with its diagram, valid against the OMG's schema."""
    for prefix, space in (
        ("bpmn", _MODEL),
        ("bpmndi", _DI),
        ("dc", _DC),
        ("di", _WAY),
        ("xsi", _XSI),
    ):
        ET.register_namespace(prefix, space)
    root = ET.Element(
        f"{{{_MODEL}}}definitions",
        {"id": f"definitions_{definition.id}", "targetNamespace": f"urn:thidua:{definition.id}"},
    )
    process = ET.SubElement(
        root,
        f"{{{_MODEL}}}process",
        {"id": f"process_{definition.id}", "name": definition.label.vi, "isExecutable": "false"},
    )
    flows = [*_flows(definition)]
    _nodes(process, definition, flows)
    for flow in flows:
        attributes = {
            "id": flow.id,
            "sourceRef": flow.source,
            "targetRef": flow.target,
            **({"name": flow.name} if flow.name else {}),
        }
        element = ET.SubElement(process, f"{{{_MODEL}}}sequenceFlow", attributes)
        if flow.condition:
            condition = ET.SubElement(
                element,
                f"{{{_MODEL}}}conditionExpression",
                {f"{{{_XSI}}}type": "bpmn:tFormalExpression", "language": "cel"},
            )
            condition.text = flow.condition
    _diagram(root, definition, flows)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _flows(definition: Definition) -> Iterator[_Flow]:
    """Yield the start, the ways from tasks to their gateways, and every move."""
    places = {state.id: place for place, state in enumerate(definition.states)}
    top = _middle(places[definition.initial])
    yield _Flow(
        id="flow_start",
        name="",
        source="start",
        target=definition.initial,
        condition=None,
        points=((_SMALL * 2, top), (_LEFT, top)),
    )
    branching = {state.id for state in definition.states if _ways_out(definition, state) > 1}
    for state in definition.states:
        if state.id in branching:
            at = _middle(places[state.id])
            ends = ((_LEFT + _WIDTH, at), (_GATEWAY_LEFT, at))
            yield _Flow(
                id=f"flow_{state.id}",
                name="",
                source=state.id,
                target=f"gateway_{state.id}",
                condition=None,
                points=ends,
            )
    number = 0
    for each in definition.transitions:
        for source in each.from_states:
            for to in each.to:
                number += 1
                yield _Flow(
                    id=f"flow_{number}_{each.id}",
                    name=each.label.vi,
                    source=f"gateway_{source}" if source in branching else source,
                    target=to,
                    condition=each.when,
                    points=_way(
                        places[source], places[to], number, is_branching=source in branching
                    ),
                )


def _ways_out(definition: Definition, state: State) -> int:
    return sum(len(each.to) for each in definition.transitions if state.id in each.from_states)


def _way(source: int, to: int, number: int, *, is_branching: bool) -> tuple[Point, ...]:
    """Return an orthogonal way on the right of the tasks, each in its own lane."""
    start = (_GATEWAY_LEFT + _GATEWAY if is_branching else _LEFT + _WIDTH, _middle(source))
    lane = _GATEWAY_LEFT + _GATEWAY + _LANE * number
    end = _middle(to) + (_HEIGHT // 2 - 8)
    return (start, (lane, start[1]), (lane, end), (_LEFT + _WIDTH, end))


def _middle(place: int) -> int:
    return 40 + place * _STEP + _HEIGHT // 2


def _nodes(process: ET.Element, definition: Definition, flows: Sequence[_Flow]) -> None:
    """Add start, tasks, gateways and ends, each with the ways in and out."""
    kinds = [("startEvent", "start", "Bắt đầu")]
    kinds += [
        ("endEvent" if state.final else "userTask", state.id, state.label.vi)
        for state in definition.states
    ]
    kinds += [
        ("exclusiveGateway", flow.target, "")
        for flow in flows
        if flow.target.startswith("gateway_") and flow.source != "start"
    ]
    articles = {state.id: state.article for state in definition.states}
    for kind, identity, label in kinds:
        node = ET.SubElement(
            process, f"{{{_MODEL}}}{kind}", {"id": identity, **({"name": label} if label else {})}
        )
        if articles.get(identity):
            ET.SubElement(node, f"{{{_MODEL}}}documentation").text = articles[identity]
        for tag, end in (("incoming", "target"), ("outgoing", "source")):
            for flow in flows:
                if getattr(flow, end) == identity:
                    ET.SubElement(node, f"{{{_MODEL}}}{tag}").text = flow.id


def _diagram(root: ET.Element, definition: Definition, flows: Sequence[_Flow]) -> None:
    diagram = ET.SubElement(root, f"{{{_DI}}}BPMNDiagram", {"id": "diagram"})
    plane = ET.SubElement(
        diagram, f"{{{_DI}}}BPMNPlane", {"id": "plane", "bpmnElement": f"process_{definition.id}"}
    )
    places = {state.id: place for place, state in enumerate(definition.states)}
    _shape(
        plane,
        "start",
        (_SMALL, _middle(places[definition.initial]) - _SMALL // 2),
        (_SMALL, _SMALL),
    )
    for state in definition.states:
        size = (_SMALL, _SMALL) if state.final else (_WIDTH, _HEIGHT)
        _shape(
            plane,
            state.id,
            (_LEFT + _WIDTH - size[0], _middle(places[state.id]) - size[1] // 2),
            size,
        )
    for flow in flows:
        if flow.target.startswith("gateway_"):
            _shape(
                plane,
                flow.target,
                (_GATEWAY_LEFT, flow.points[0][1] - _GATEWAY // 2),
                (_GATEWAY, _GATEWAY),
            )
    for flow in flows:
        edge = ET.SubElement(
            plane, f"{{{_DI}}}BPMNEdge", {"id": f"edge_{flow.id}", "bpmnElement": flow.id}
        )
        for x, y in flow.points:
            ET.SubElement(edge, f"{{{_WAY}}}waypoint", {"x": str(x), "y": str(y)})


def _shape(plane: ET.Element, element: str, corner: Point, size: Point) -> None:
    shape = ET.SubElement(
        plane, f"{{{_DI}}}BPMNShape", {"id": f"shape_{element}", "bpmnElement": element}
    )
    ET.SubElement(
        shape,
        f"{{{_DC}}}Bounds",
        {"x": str(corner[0]), "y": str(corner[1]), "width": str(size[0]), "height": str(size[1])},
    )
