"""Who holds an item in a state.

Owns the reading of a state's holder rules against the directory. Pure. The author is never found by
a rule (a separation of duties: nobody decides on what they wrote), nor whom the content names as
concerned (nobody decides on themselves), nor is an auditor or an administrator, whatever a
definition, a delegation or a reassignment says.
"""

from collections.abc import Collection, Iterator, Sequence

from workflow.definition import HolderRule, State
from workflow.model import (
    NEVER_DECIDE,
    DepartmentId,
    Holder,
    Origin,
    Person,
    PersonId,
    Reassignment,
)
from workflow.people.directory import Directory

_Found = tuple[HolderRule, Person]
"""Somebody whom a rule finds, with the rule: it says who may stand in for them."""


def holders_of(state: State, origin: Origin, directory: Directory) -> tuple[Holder, ...]:
    """Return the holders of an item in ``state``, ordered by person id; empty where nobody can act.

    The first rule that applies to the department and finds somebody present wins; where several
    sign off, every rule counts. Whoever stands in today for a found person is a holder too, on
    behalf of that person, where the rule lets their position do so, and unless they are the author,
    recused, or hold it themselves. Who is away holds nothing while anybody else can: an absence
    never leaves an item with nobody.
    """
    if state.held_by_author:
        author = directory.active(origin.author)
        may_act = author is not None and author.position not in NEVER_DECIDE
        return (Holder(person=origin.author),) if may_act else ()
    found = [_deciders(rule, origin, directory) for rule in state.holders]
    if state.sign_off is not None:
        seats = {each[1].id: each for group in found for each in group}
        away = _replaced(seats.values(), origin, directory)
        return _with_stand_ins(seats.values(), origin, directory, away)
    for away in (directory.away, frozenset[PersonId]()):
        for group in found:
            if holders := _with_stand_ins(group, origin, directory, away):
                return holders
    return ()


def with_moves(
    holders: tuple[Holder, ...], moves: Sequence[Reassignment], found: Collection[PersonId]
) -> tuple[Holder, ...]:
    """Return ``holders`` with each reassignment carried out to somebody whom a rule finds.

    ``found``: whom the rules of the state find now. Who stood in for the former holder goes too; a
    person holds an item once.
    """
    held = {each.person: each for each in holders}
    for move in moves:
        if move.from_person in held and move.to_person in found:
            held = {
                person: each
                for person, each in held.items()
                if move.from_person not in {person, each.on_behalf_of}
            }
            held[move.to_person] = Holder(person=move.to_person)
    return tuple(sorted(held.values(), key=lambda each: each.person)) if moves else holders


def groups_of(
    state: State, origin: Origin, directory: Directory
) -> tuple[tuple[PersonId, ...], ...]:
    """Return the seats that each rule of ``state`` finds, without stand-ins and empty groups."""
    groups = (
        tuple(person.id for _, person in _deciders(rule, origin, directory))
        for rule in state.holders
    )
    return tuple(group for group in groups if group)


def found_by(rule: HolderRule, origin: Origin, directory: Directory) -> list[Person]:
    """Return the active persons whom one rule finds; never the author, nor who is recused."""
    department = origin.department
    inside = department if rule.within == "department" else None
    if (
        (rule.departments and department not in rule.departments)
        or department in rule.except_departments
        or not _suits(rule, origin, directory, inside)
    ):
        return []
    return [
        person
        for person in directory.in_positions(rule.positions, inside)
        if person.id not in origin.barred
    ]


def _suits(
    rule: HolderRule, origin: Origin, directory: Directory, inside: DepartmentId | None
) -> bool:
    """Return whether a rule counts, by the positions of who wrote the item or is named in it."""
    if not rule.where_concerned and not rule.unless_concerned:
        return True
    own = {
        person.position
        for each in (origin.author, *origin.concerned)
        if (person := directory.people.get(each)) is not None
        and inside in (None, person.department)
    }
    return (not rule.where_concerned or not own.isdisjoint(rule.where_concerned)) and (
        own.isdisjoint(rule.unless_concerned)
    )


def _deciders(rule: HolderRule, origin: Origin, directory: Directory) -> list[_Found]:
    return [
        (rule, person)
        for person in found_by(rule, origin, directory)
        if person.position not in NEVER_DECIDE
    ]


def _stand_ins(found: _Found, origin: Origin, directory: Directory) -> Iterator[PersonId]:
    """Yield who acts today for somebody found, where their rule lets them."""
    rule, person = found
    for each in directory.stand_ins(person.id, origin.kind, origin.department):
        if each not in origin.barred and rule.lets_stand_in(directory.people[each].position):
            yield each


def _replaced(
    seats: Collection[_Found], origin: Origin, directory: Directory
) -> frozenset[PersonId]:
    """Return who of ``seats`` is away with somebody to speak for them.

    The others are asked all the same, or their voice would be lost.
    """
    return frozenset(
        each[1].id
        for each in seats
        if each[1].id in directory.away and any(_stand_ins(each, origin, directory))
    )


def _with_stand_ins(
    found: Collection[_Found], origin: Origin, directory: Directory, away: frozenset[PersonId]
) -> tuple[Holder, ...]:
    holders = {person.id: Holder(person=person.id) for _, person in found if person.id not in away}
    for each in found:
        for stand_in in _stand_ins(each, origin, directory):
            holders.setdefault(stand_in, Holder(person=stand_in, on_behalf_of=each[1].id))
    return tuple(holders[each] for each in sorted(holders))
