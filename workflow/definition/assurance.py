"""What a definition promises of itself, and the examples it must pass before its first use.

Owns the models of guarantees and scenarios. The checker proves the guarantees and plays the
scenarios.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from workflow.definition.parts import Identifier, Part, Slug, Words
from workflow.messages import lazy
from workflow.model import Position


class Passage(Part):
    """Every way from the initial state to ``to`` passes each state of ``through``."""

    to: Identifier
    through: Annotated[tuple[Identifier, ...], Field(min_length=1)]


class Guarantees(Part):
    """What must hold whatever anybody does; proven by the checker.

    ``never_the_author`` names transitions that the author of an item can never take.
    ``different_people`` names pairs of transitions that no one person takes on the same item:
    proven with the staff and the delegations of the day, and refused to whoever took the other one
    before, whatever position they hold by then.
    """

    passages: tuple[Passage, ...] = ()
    never_the_author: tuple[Identifier, ...] = ()
    different_people: tuple[tuple[Identifier, Identifier], ...] = ()


class ScenarioStep(Part):
    """One thing somebody does, and what comes of it: a state (``then``) or a rule (``refused``).

    ``by`` is the author or the first person in that position: of the item's department if it has
    one, else of the agency; ``of`` names another department. ``clock``: the state's timer, which
    must be due on that day. ``on`` is the local day of the step at nine o'clock; without it, the
    day of the step before. ``gathered``: the item then goes with a consolidated report.
    """

    do: Identifier
    by: Literal["author", "clock"] | Position
    of: Slug | None = None
    to: Identifier | None = None
    on: date | None = None
    comment: str = ""
    second_factor: bool = False
    gathered: bool = False
    then: Identifier | None = None
    due_on: date | None = None
    refused: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")] | None = None

    @model_validator(mode="after")
    def _expects_one_thing(self) -> Self:
        if (self.then is None) == (self.refused is None):
            raise ValueError(
                lazy(
                    "step '{do}': give either 'then' (the state it leads to) or 'refused' "
                    "(the rule that stops it)",
                    do=self.do,
                )
            )
        return self


class Movement(Part):
    """The first and last day of the campaign that a scenario's item belongs to."""

    starts_on: date
    ends_on: date


class Scenario(Part):
    """An example run of one item: who drafts it where and when, and what happens to it.

    ``content`` starts from the fields' examples or from nothing; ``fields`` are put over it.
    ``concerned``: the positions of those whom it names as concerned; ``movement``: the days of its
    campaign, where a rule asks for them.
    """

    name: Words
    department: Slug
    author: Position = Position.STAFF
    on: date
    content: Literal["example", "empty"] = "example"
    fields: dict[Identifier, JsonValue] = Field(default_factory=dict)
    concerned: tuple[Position, ...] = ()
    movement: Movement | None = None
    steps: Annotated[tuple[ScenarioStep, ...], Field(min_length=1, max_length=60)]
