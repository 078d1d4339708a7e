"""Who works here, in which position, and who stands in for whom today.

Owns the questions the rules ask about people. Pure: the directory is a value; loading it is the store's work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.model import Delegation, Department, DepartmentId, Person, PersonId, Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Everybody and every delegation at one moment. ``today`` is the local day, ISO ``YYYY-MM-DD``."""

    people: Mapping[PersonId, Person]
    departments: Mapping[DepartmentId, Department]
    delegations: tuple[Delegation, ...]
    today: str
    in_force: Mapping[PersonId, tuple[PersonId, ...]]
    """Who stands in today, by the person who delegated; derived."""
    placed: Mapping[tuple[Position, DepartmentId | None], tuple[Person, ...]]
    """Active persons by position and department, and by position alone (None); derived."""

    def active(self, person: PersonId) -> Person | None:
        """Return the person if active, else None."""
        found = self.people.get(person)
        return found if found is not None and found.is_active else None

    def in_positions(self, positions: Iterable[Position], department: DepartmentId | None = None) -> list[Person]:
        """Return the active persons in ``positions``, inside ``department`` where one is given."""
        return [person for position in positions for person in self.placed.get((position, department), ())]

    def stand_ins(self, person: PersonId) -> tuple[PersonId, ...]:
        """Return who acts for ``person`` today by a delegation in force."""
        return self.in_force.get(person, ())


def build_directory(people: Iterable[Person], departments: Iterable[Department], delegations: Iterable[Delegation], today: str) -> Directory:
    """Return the directory for the local day ``today``."""
    known = {person.id: person for person in people}
    all_delegations = tuple(delegations)
    return Directory(
        people=known,
        departments={each.id: each for each in departments},
        delegations=all_delegations,
        today=today,
        in_force=_in_force(all_delegations, known, today),
        placed=_placed(known.values()),
    )


def _in_force(delegations: Iterable[Delegation], known: Mapping[PersonId, Person], today: str) -> dict[PersonId, tuple[PersonId, ...]]:
    in_force: dict[PersonId, tuple[PersonId, ...]] = {}
    for each in delegations:
        stand_in = known.get(each.to_person)
        if each.starts_on <= today <= each.ends_on and stand_in is not None and stand_in.is_active:
            in_force[each.from_person] = (*in_force.get(each.from_person, ()), each.to_person)
    return in_force


def _placed(people: Iterable[Person]) -> dict[tuple[Position, DepartmentId | None], tuple[Person, ...]]:
    placed: dict[tuple[Position, DepartmentId | None], tuple[Person, ...]] = {}
    for person in people:
        if person.is_active:
            for key in {(person.position, person.department), (person.position, None)}:
                placed[key] = (*placed.get(key, ()), person)
    return placed
