"""People as pages list them: department by department, in the agency's order."""

from collections.abc import Iterable

from notifications.position_names import POSITIONS
from workflow.model import Department, Person


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
