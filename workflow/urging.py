"""What has happened where the Office urged somebody, in its own words.

Owns these events; ``events`` names them among the others.
"""

from dataclasses import dataclass

from workflow.model import ItemId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentReminded:
    """The Office reminded a department now, in its own words."""

    deadline: int
    department: str
    person: PersonId
    message: str
    occurrence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsUrged:
    """The Office urged ``person`` to handle ``items`` that are late, in its own words."""

    person: PersonId
    items: tuple[ItemId, ...]
    message: str
    occurrence: str
