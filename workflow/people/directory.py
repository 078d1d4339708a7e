"""Who works here, in which position, and who stands in for whom today.

Owns the questions the rules ask about people. Pure: the directory is a value; loading it is the
store's work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.model import Absence, Delegation, Department, DepartmentId, Person, PersonId, Position


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """Somebody who decides for another today, for some kinds of item.

    For all where ``kinds`` is empty.
    """

    person: PersonId
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Everybody, every delegation and every absence at one moment.

    ``today`` is the local day, ISO ``YYYY-MM-DD``.
    """

    people: Mapping[PersonId, Person]
    departments: Mapping[DepartmentId, Department]
    delegations: tuple[Delegation, ...]
    absences: tuple[Absence, ...]
    today: str
    away: frozenset[PersonId]
    """Who is absent today; derived."""
    in_force: Mapping[PersonId, tuple[StandIn, ...]]
    """Who stands in today, by the person who delegated or is away; derived."""
    placed: Mapping[tuple[Position, DepartmentId | None], tuple[Person, ...]]
    """Active persons by position and department, and by position alone (None); derived."""

    def active(self, person: PersonId | None) -> Person | None:
        """Return the person if active, else None; None for nobody."""
        found = self.people.get(person) if person is not None else None
        return found if found is not None and found.is_active else None

    def in_positions(
        self, positions: Iterable[Position], department: DepartmentId | None = None
    ) -> list[Person]:
        """Return the active persons in ``positions``, inside ``department`` where one is given."""
        return [
            person
            for position in positions
            for person in self.placed.get((position, department), ())
        ]

    def stand_ins(self, person: PersonId, kind: str) -> list[PersonId]:
        """Return who acts for ``person`` on items of ``kind`` today: delegates and stand-ins."""
        return [
            each.person
            for each in self.in_force.get(person, ())
            if not each.kinds or kind in each.kinds
        ]


def build_directory(
    people: Iterable[Person],
    departments: Iterable[Department],
    delegations: Iterable[Delegation],
    today: str,
    absences: Iterable[Absence] = (),
) -> Directory:
    """Return the directory for the local day ``today``."""
    known = {person.id: person for person in people}
    all_delegations, all_absences = tuple(delegations), tuple(absences)
    now_away = [each for each in all_absences if each.starts_on <= today <= each.ends_on]
    away = frozenset(each.person for each in now_away)
    return Directory(
        people=known,
        departments={each.id: each for each in departments},
        delegations=all_delegations,
        absences=all_absences,
        today=today,
        away=away,
        in_force=_in_force([*_delegated(all_delegations, today), *_covered(now_away)], known, away),
        placed=_placed(known.values()),
    )


def _delegated(delegations: Iterable[Delegation], today: str) -> list[tuple[PersonId, StandIn]]:
    return [
        (each.from_person, StandIn(person=each.to_person, kinds=each.kinds))
        for each in delegations
        if each.starts_on <= today <= each.ends_on
    ]


def _covered(absences: Iterable[Absence]) -> list[tuple[PersonId, StandIn]]:
    return [
        (each.person, StandIn(person=each.stand_in))
        for each in absences
        if each.stand_in is not None
    ]


def _in_force(
    standing: Iterable[tuple[PersonId, StandIn]],
    known: Mapping[PersonId, Person],
    away: frozenset[PersonId],
) -> dict[PersonId, tuple[StandIn, ...]]:
    """Return the stand-ins of each person that work here and are not away themselves."""
    in_force: dict[PersonId, tuple[StandIn, ...]] = {}
    for person, stand_in in standing:
        found = known.get(stand_in.person)
        if found is not None and found.is_active and found.id not in away:
            in_force[person] = (*in_force.get(person, ()), stand_in)
    return in_force


def _placed(
    people: Iterable[Person],
) -> dict[tuple[Position, DepartmentId | None], tuple[Person, ...]]:
    placed: dict[tuple[Position, DepartmentId | None], tuple[Person, ...]] = {}
    for person in people:
        if person.is_active:
            for key in {(person.position, person.department), (person.position, None)}:
                placed[key] = (*placed.get(key, ()), person)
    return placed
