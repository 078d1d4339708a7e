"""Who holds an item in a state.

Owns the reading of a state's holder rules against the directory. Pure. The author is never found by
a rule (a separation of duties: nobody decides on what they wrote).
"""

from collections.abc import Collection, Sequence

from workflow.definition import HolderRule, State
from workflow.model import Holder, Origin, Person, PersonId, Reassignment
from workflow.people.directory import Directory


def holders_of(state: State, origin: Origin, directory: Directory) -> tuple[Holder, ...]:
    """Return the holders of an item in ``state``, ordered by person id; empty where nobody can act.

    The first rule that applies to the department and finds somebody present wins; where several
    sign off, every rule counts. Whoever stands in today for a found person is a holder too, on
    behalf of that person, unless they are the author, recused, or hold it themselves. Who is away
    holds nothing while anybody else can: an absence never leaves an item with nobody.
    """
    if state.held_by_author:
        author = origin.author
        return (Holder(person=author),) if directory.active(author) else ()
    found = [found_by(rule, origin, directory) for rule in state.holders]
    if state.sign_off is not None:
        seats = {person.id: person for group in found for person in group}
        away = _replaced(seats, origin, directory)
        return _with_stand_ins(list(seats.values()), origin, directory, away)
    for away in (directory.away, frozenset[PersonId]()):
        for group in found:
            if holders := _with_stand_ins(group, origin, directory, away):
                return holders
    return ()


def with_moves(
    holders: tuple[Holder, ...],
    moves: Sequence[Reassignment],
    directory: Directory,
    barred: Collection[PersonId],
) -> tuple[Holder, ...]:
    """Return ``holders`` with each reassignment carried out whose new holder can still act.

    A person holds an item once.
    """
    held = {each.person: each for each in holders}
    for move in moves:
        if (
            move.from_person in held
            and move.to_person not in barred
            and directory.active(move.to_person) is not None
        ):
            del held[move.from_person]
            held.setdefault(move.to_person, Holder(person=move.to_person))
    return tuple(sorted(held.values(), key=lambda each: each.person)) if moves else holders


def groups_of(
    state: State, origin: Origin, directory: Directory
) -> tuple[tuple[PersonId, ...], ...]:
    """Return the seats that each rule of ``state`` finds, without stand-ins and empty groups."""
    groups = (
        tuple(person.id for person in found_by(rule, origin, directory)) for rule in state.holders
    )
    return tuple(group for group in groups if group)


def found_by(rule: HolderRule, origin: Origin, directory: Directory) -> list[Person]:
    """Return the active persons whom one rule finds; never the author, nor who is recused."""
    department = origin.department
    if (
        rule.departments and department not in rule.departments
    ) or department in rule.except_departments:
        return []
    inside = department if rule.within == "department" else None
    return [
        person
        for person in directory.in_positions(rule.positions, inside)
        if person.id not in origin.barred
    ]


def _replaced(
    seats: Collection[PersonId], origin: Origin, directory: Directory
) -> frozenset[PersonId]:
    """Return who of ``seats`` is away with somebody to speak for them.

    The others are asked all the same, or their voice would be lost.
    """
    return frozenset(
        each
        for each in directory.away.intersection(seats)
        if any(other not in origin.barred for other in directory.stand_ins(each, origin.kind))
    )


def _with_stand_ins(
    found: list[Person], origin: Origin, directory: Directory, away: frozenset[PersonId]
) -> tuple[Holder, ...]:
    holders = {person.id: Holder(person=person.id) for person in found if person.id not in away}
    for person in found:
        for stand_in in directory.stand_ins(person.id, origin.kind):
            if stand_in not in origin.barred:
                holders.setdefault(stand_in, Holder(person=stand_in, on_behalf_of=person.id))
    return tuple(holders[each] for each in sorted(holders))
