"""Who works here, in which position, and who stands in for whom today.

Owns the questions the rules ask about people. Pure: the directory is a value; loading it is the
store's work.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from workflow.model import Absence, Delegation, Department, DepartmentId, Person, PersonId, Position

OPEN_END = "2199-12-31"
"""The last day of what stands until it is ended: an assignment, or what a regulation says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """Somebody who decides for another today, for some kinds of item from some departments.

    For all where ``kinds`` or ``departments`` is empty.
    """

    person: PersonId
    kinds: tuple[str, ...] = ()
    departments: tuple[DepartmentId, ...] = ()


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
    addresses: Mapping[str, tuple[PersonId, ...]]
    """Who has, or ever had, a mail address: whoever has it now first."""

    def active(self, person: PersonId | None) -> Person | None:
        """Return the person if active, else None; None for nobody."""
        found = self.people.get(person) if person is not None else None
        return found if found is not None and found.is_active else None

    def addressed(self, address: str, among: Collection[PersonId] = ()) -> PersonId | None:
        """Return who is meant by an address, also by an earlier one; None for nobody.

        One of ``among`` before others, where several have had it one after the other.
        """
        found = self.addresses.get(address, ())
        return next((each for each in found if each in among), found[0] if found else None)

    def addresses_of(self, person: PersonId) -> list[str]:
        """Return every address that ``person`` has or had."""
        return [address for address, people in self.addresses.items() if person in people]

    def in_positions(
        self, positions: Iterable[Position], department: DepartmentId | None = None
    ) -> list[Person]:
        """Return the active persons in ``positions``, inside ``department`` where one is given."""
        return [
            person
            for position in positions
            for person in self.placed.get((position, department), ())
        ]

    def stand_ins(
        self, person: PersonId, kind: str, department: DepartmentId | None = None
    ) -> list[PersonId]:
        """Return who acts for ``person`` on items of ``kind`` today: delegates and stand-ins.

        ``department``: whose item it is.
        """
        return [
            each.person
            for each in self.in_force.get(person, ())
            if (not each.kinds or kind in each.kinds)
            and (not each.departments or department in each.departments)
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
        addresses={person.email: (person.id,) for person in known.values()},
    )


def with_addresses(directory: Directory, had: Iterable[tuple[str, PersonId]]) -> Directory:
    """Return ``directory`` knowing who had which address, the latest last."""
    addresses = dict(directory.addresses)
    for address, person in reversed(list(had)):
        known = addresses.get(address, ())
        if person in directory.people and person not in known:
            addresses[address] = (*known, person)
    return replace(directory, addresses=addresses)


def _delegated(delegations: Iterable[Delegation], today: str) -> list[tuple[PersonId, StandIn]]:
    return [
        (
            each.from_person,
            StandIn(person=each.to_person, kinds=each.kinds, departments=each.departments),
        )
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
