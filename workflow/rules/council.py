"""Which items go on only past the council, as their process says by a guard. Pure."""

from workflow.definition import Definition, GuardUse
from workflow.errors import Reason, reason
from workflow.model import Content
from workflow.rules.situation import Situation

COUNCIL_PASSED = "council_passed"
"""The name of the guard."""


def council_passed(situation: Situation, *, field: str, equals: str | int | bool) -> Reason | None:
    """Require that the council has passed the item, wherever ``field`` holds ``equals``.

    Law 06/2022/QH15, Điều 84: the dossier has the minutes of the council.
    """
    given = situation.content.fields.get(field) if situation.content else None
    if situation.council_passed or given != equals:
        return None
    return reason(
        COUNCIL_PASSED,
        "The item waits for its round of the council. It goes on once a round that has passed it "
        "is closed.",
    )


def asks_council(definition: Definition, state: str, content: Content | None) -> bool:
    """Return whether an item in ``state`` goes on only past the council."""
    fields = content.fields if content else {}
    return any(
        fields.get(str(use.parameters["field"])) == use.parameters["equals"]
        for use in council_guards(definition, state)
    )


def council_guards(definition: Definition, state: str) -> list[GuardUse]:
    """Return what the transitions from ``state`` ask of the council."""
    return [
        use
        for each in definition.transitions
        if state in each.from_states
        for use in each.guards
        if use.name == COUNCIL_PASSED
    ]
