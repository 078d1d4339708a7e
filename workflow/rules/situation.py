"""What a guard may look at, as one value."""

from dataclasses import dataclass
from datetime import date

from workflow.definition import Campaign, Definition
from workflow.model import Content, Item, Person
from workflow.people import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a guard may look at."""

    definition: Definition
    item: Item
    content: Content | None
    actor: Person | None
    """None: the clock, or the recipient of the dossier."""
    directory: Directory
    by_recipient: bool = False
    """Whether whom the dossier was sent to acts, by the link that came with it."""
    today: date | None = None
    """The local day; None where no guard asks for it."""
    campaign: Campaign | None = None
    council_passed: bool = False
    """Whether a round of the council that is closed has passed the item as it is now."""
