"""Which fields of a nomination say what of it: by these its rules are judged, its result told."""

from typing import Annotated

from pydantic import Field

from workflow.definition.parts import Identifier, Part, Words


class Nominates(Part):
    """The fields that name award, nominee (the first that is filled), kind, and time of merit.

    ``kind`` has the values ``individual`` and ``collective``, ``procedure`` the values ``council``
    and ``simplified``, as the file of awards says them; without ``procedure`` a council votes.
    """

    award: Identifier
    nominee: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    kind: Identifier
    first_day: Identifier | None = None
    last_day: Identifier | None = None
    deed: Identifier | None = None
    procedure: Identifier | None = None
    ground: Identifier | None = None
    """Why the procedure is simplified."""
    hold: Identifier | None = None
    """What is pending against the nominee; nothing is considered while it says something."""
    beside: tuple[Identifier, ...] = ()
    """What stands beside the nominee in a list: position, unit."""
    counted_by: tuple[Identifier, ...] = ()
    """Choices by which the statistics split individuals, such as sex and class."""
    leaders: dict[Identifier, str] = Field(default_factory=dict)
    """By which values of which fields an individual is known to be a leader."""
    list_title: Words | None = None
    """What a list without a title is called; says ``{collectives}`` and ``{individuals}``."""

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Return each key with the field that it names."""
        alone = ("award", "kind", "first_day", "last_day", "deed", "procedure", "ground", "hold")
        return (
            *((key, getattr(self, key)) for key in alone if getattr(self, key)),
            *(("nominee", each) for each in self.nominee),
            *(("beside", each) for each in self.beside),
            *(("counted_by", each) for each in self.counted_by),
            *(("leaders", each) for each in self.leaders),
        )
