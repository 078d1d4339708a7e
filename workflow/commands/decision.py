"""A decision as it is asked for, and as it may be written once it is planned.

Owns the command and the value that planning hands to writing and telling. Decides and writes
nothing.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from workflow.command import ItemCommand
from workflow.commands.award_decision import AwardRequest
from workflow.commands.dispatch import Dispatch, DispatchRequest
from workflow.commands.numbering import GivenNumber
from workflow.definition import Confirmation
from workflow.history import Entry
from workflow.model import Item, Method
from workflow.rules import Plan, Rulebook
from workflow.rules.outcomes import Decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(ItemCommand[Decided]):
    """One decision on one item, by a person or, without an actor, by the clock.

    ``link`` is the id of the link used, None without one.
    """

    transition: str
    version: int | None
    to: str | None = None
    comment: str = ""
    until: str | None = None
    """The day (ISO) by which whom it was sent to wants what they ask for; else as the step says."""
    link: bytes | None = None
    dispatch: DispatchRequest = field(default_factory=DispatchRequest)
    award: AwardRequest = field(default_factory=AwardRequest)
    mend: tuple[str, ...] = ()
    """What the author is to mend: ids of fields, or ``files``."""
    named: frozenset[str] = frozenset()
    """Which of the optional fields the caller named; a transition takes only its own."""
    confirmed: frozenset[Confirmation] | None = None
    """What the form confirms; None where deciding is itself the confirmation (API, clock)."""
    with_view: bool = False
    """Whether the caller will show the item: its content then comes with the outcome."""

    def proven_by(self, method: Method) -> "Decide":
        """Return the same decision with the factor that was proven."""
        return replace(self, cause=replace(self.cause, method=method))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDecision:
    """A decision that nothing speaks against: what was asked, its plan, and its entry."""

    command: Decide
    item: Item
    rulebook: Rulebook
    plan: Plan
    dispatch: Dispatch | None
    entry: Entry
    award_number: GivenNumber | None = None
    """The number that the register gave the decision on an award."""
    carried: "tuple[PlannedDecision, ...]" = ()
    """The decisions of the items that go along, made with it or not at all."""
    carried_by: str | None = None
    """The code of the item that this one goes along with."""

    @property
    def numbers(self) -> list[GivenNumber]:
        """Return the numbers that it takes in the register."""
        sent = self.dispatch.given if self.dispatch else None
        return [each for each in (sent, self.award_number) if each is not None]

    @property
    def step(self) -> int:
        """Return the step that the item is in afterwards."""
        return self.item.step + 1 if self.plan.moves else self.item.step

    @property
    def since(self) -> datetime:
        """Return since when the item is then in its state."""
        return self.entry.fact.at if self.plan.moves else self.item.since

    @property
    def meets_deadline(self) -> bool:
        """Return whether the item answers its department's deadline by it, alone and newly."""
        book = self.rulebook
        is_alone = book.definition.answers is None
        was_in, is_in = book.is_handed_in(self.item.state), book.is_handed_in(self.plan.to)
        return is_alone and is_in and not was_in
