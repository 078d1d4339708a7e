"""State Chart XML (W3C, 1 September 2015): definitions go out as flat charts.

Owns the words that both ways share; charts come in by ``scxml_drafts``.
"""

import re
from xml.etree import ElementTree as ET

from workflow.definition.language import Definition, Transition

SCXML = "http://www.w3.org/2005/07/scxml"
OWN = "urn:thidua:definition"
CHOICE = re.compile(r"(?:\((?P<when>.*)\) && )?to == '(?P<to>[^']+)'", re.DOTALL)
"""The condition of a destination that a person chooses, as ``to_scxml`` writes it."""


def to_scxml(definition: Definition) -> str:
    """Return states and transitions as a flat chart.

    Conditions are CEL; labels stand in attributes of our own namespace.
    """
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
    """Return the condition of one way; a destination that the person chooses is part of it."""
    if len(transition.to) == 1:
        return transition.when
    choice = f"to == '{to}'"
    return f"({transition.when}) && {choice}" if transition.when else choice
