"""What a list of people would change of those who are known: whom it adds, whom it makes other.

Pure: what may be changed by whom is judged where it is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflow import values
from workflow.addresses import as_kept
from workflow.errors import InvalidInputError
from workflow.model import Department, DepartmentId, Person
from workflow.people.staff_rows import PersonRow, import_problems, rows_by_department, rows_said


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChanges:
    """The rows of a list, complete, and those that change something, with whom they change."""

    rows: tuple[PersonRow, ...]
    changing: tuple[tuple[Person | None, PersonRow], ...]

    @property
    def added(self) -> int:
        """Return how many people are new."""
        return sum(before is None for before, _ in self.changing)


def staff_changes(
    rows: Sequence[PersonRow],
    known: Mapping[str, Person],
    departments: Mapping[DepartmentId, Department],
) -> StaffChanges:
    """Return what ``rows`` change; ``known`` by address. Raises InvalidInputError."""
    named = rows_by_department(rows, departments)
    if problems := import_problems(named, departments):
        raise InvalidInputError(*problems)
    said = rows_said(named, known)
    wanted = [(known.get(as_kept(row.email)), row) for row in said]
    return StaffChanges(
        rows=said,
        changing=tuple(
            (before, row) for before, row in wanted if before is None or differs(before, row)
        ),
    )


def values_of(row: PersonRow) -> dict[str, object]:
    """Return what is kept of a person whom ``row`` names, by its column."""
    return {
        "email": as_kept(row.email),
        "name": values.line(row.name),
        "position": row.position,
        "department": row.department,
        "is_active": row.is_active,
    }


def differs(before: Person, row: PersonRow) -> bool:
    """Return whether ``row`` says anything else of a person than what is kept."""
    wanted = values_of(row)
    return any(wanted[name] != getattr(before, name) for name in wanted)
