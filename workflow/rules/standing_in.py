"""Who may act for whom by the newest processes, and who would gain by it. Pure."""

from collections.abc import Collection, Mapping

from workflow.definition import HolderRule
from workflow.errors import Reason, reason
from workflow.model import NEVER_DECIDE, Person
from workflow.rules.rulebook import Rulebook


def holds_as_much(every: Mapping[str, Rulebook], giver: Person, taker: Person) -> bool:
    """Return whether each step that may wait for ``giver`` may wait for ``taker`` as well.

    Where a line lets ``taker`` stand in for nobody, standing in gives them nothing.
    """
    return giver.department == taker.department and all(
        taker.position in line.positions or not line.lets_stand_in(taker.position)
        for line in _holder_lines(every, ())
        if giver.position in line.positions
    )


def _holder_lines(newest: Mapping[str, Rulebook], kinds: Collection[str]) -> list[HolderRule]:
    """Return the lines of holders of the newest processes ``kinds`` (all: none)."""
    return [
        line
        for kind, book in newest.items()
        if not kinds or kind in kinds
        for state in book.definition.states
        for line in state.holders
    ]


def stand_in_problems(
    newest: Mapping[str, Rulebook],
    giver: Person,
    taker: Person,
    kinds: Collection[str],
    *,
    rule: str,
) -> list[Reason]:
    """Return why ``taker`` may act for ``giver`` at no step of the processes ``kinds`` (all: none).

    Under ``rule``, the field that names them.
    """
    if {giver.position, taker.position} & NEVER_DECIDE:
        return [
            reason(
                rule,
                "An auditor and an administrator decide nothing on items, so nobody can act for "
                "them, nor they for anybody. Choose somebody else.",
            )
        ]
    if any(
        giver.position in line.positions and line.lets_stand_in(taker.position)
        for line in _holder_lines(newest, kinds)
    ):
        return []
    return [
        reason(
            rule,
            "At no step does the process let {name} act for {giver}. Choose somebody whose "
            "position may, for example their deputy or the head of a unit.",
            name=taker.name,
            giver=giver.name,
        )
    ]
