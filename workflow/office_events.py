"""What has happened where the Office turned to somebody: it urged them, or it will visit them.

Owns these events; ``events`` names them among the others.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflow.model import DepartmentId, ItemId, PersonId


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


class VisitChange(StrEnum):
    """What became of a visit that lies ahead."""

    PLANNED = "planned"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSet:
    """The Office will inspect a department on a local day, or not; ``person`` answers for it."""

    inspection: int
    person: PersonId
    what: VisitChange
    department: DepartmentId
    on_day: date
    inspectors: tuple[PersonId, ...]
