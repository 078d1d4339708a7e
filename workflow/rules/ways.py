"""What the transitions of one id that leave one state ask of a decision, beside who may take them.

Told once for each definition: a decision asks eight times, which took a twentieth of its time.
Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from workflow.definition import Carries, Definition, Transition
from workflow.rules.guards import GUARDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The transitions of one id out of one state, in the definition's order; conditions choose.

    What they mean is what any of them does: all that share an id mean the same.
    """

    transitions: tuple[Transition, ...] = ()
    to: frozenset[str] = frozenset()
    hands_in: bool = False
    numbered: bool = False
    sends: bool = False
    result: Literal["given", "refused"] | None = None
    carries: Carries | None = None
    asks_award_rules: bool = False
    """Whether the rules of awards are asked, or what is pending about a nominee."""
    meets_council: bool = False
    """Whether they lead out of or into a state that asks for the council."""
    needs_content: bool = False
    """Whether the item's content is read to judge or to record the decision."""

    @property
    def takes_number(self) -> bool:
        """Return whether a decision may give a number in the register."""
        return self.numbered or self.result == "given"


NO_WAYS = Ways()


def ways_of(
    definition: Definition,
    state: str,
    transitions: tuple[Transition, ...],
    council_states: frozenset[str],
) -> Ways:
    """Return what ``transitions``, which leave ``state`` under one id, ask of a decision."""
    to = frozenset(target for each in transitions for target in each.to)
    result = next((each.result for each in transitions if each.result), None)
    carries = next((each.carries for each in transitions if each.carries), None)
    judged, signs, sends = (
        any(getattr(each, name) for each in transitions) for name in ("judged", "signs", "sends")
    )
    asks_content = bool(result or carries or judged or sends) or reads_content(transitions)
    return Ways(
        transitions=transitions,
        to=to,
        hands_in=any(each.hands_in for each in transitions),
        numbered=any(each.numbered for each in transitions),
        sends=sends,
        result=result,
        carries=carries,
        asks_award_rules=judged or signs or sends,
        meets_council=state in council_states or not to.isdisjoint(council_states),
        needs_content=asks_content
        or not to.isdisjoint(council_states)
        or (definition.nominates is not None and signs),
    )


def reads_content(transitions: Iterable[Transition]) -> bool:
    """Return whether a condition or a guard of ``transitions`` needs the item's content."""
    return any(
        each.when
        or each.requires
        or any(
            not GUARDS[use.name].is_about_person or GUARDS[use.name].reads_content
            for use in each.guards
        )
        for each in transitions
    )
