"""People as pages list them: department by department, in the agency's order."""

from collections import Counter
from collections.abc import Iterable, Mapping

from notifications.position_names import POSITIONS
from workflow.model import Department, DepartmentId, Person


def short_names(names: Mapping[DepartmentId, str]) -> dict[DepartmentId, str]:
    """Return the initials of each department, less a first word that several have."""
    first = Counter(name.split()[0] for name in names.values())
    return {
        each: "".join(
            word[0].upper()
            for place, word in enumerate(name.split())
            if place or first[word] == 1 or len(name.split()) == 1
        )
        for each, name in names.items()
    }


def by_department(
    known: Iterable[Person], departments: Iterable[Department]
) -> list[tuple[str, list[Person]]]:
    """Return who works here, by department, by position within one; those of none come first."""
    active = [each for each in known if each.is_active]
    order = list(POSITIONS)
    named = [("", None), *((each.name, each.id) for each in departments)]
    groups = [
        (name, [each for each in active if each.department == identity]) for name, identity in named
    ]
    return [
        (name, sorted(members, key=lambda each: order.index(each.position)))
        for name, members in groups
        if members
    ]
