"""Who holds an item in a state.

Owns the reading of a state's holder rules against the directory. Pure. The author is never found by a rule (a
separation of duties: nobody decides on what they wrote).
"""

from collections.abc import Collection

from workflow.definition import HolderRule, State
from workflow.model import DepartmentId, Holder, Person, PersonId
from workflow.people.directory import Directory


def holders_of(
    state: State, *, author: PersonId, department: DepartmentId, directory: Directory, recused: Collection[PersonId] = ()
) -> tuple[Holder, ...]:
    """Return the holders in ``state``, ordered by person id; empty in a final state or where nobody can act.

    The first rule that applies to the department and finds an active person wins; where several sign off, every rule counts. Whoever stands in today for a
    found person is a holder too, on behalf of that person, unless they are the author, recused, or hold it themselves.
    """
    if state.held_by_author:
        return (Holder(person=author),) if directory.active(author) else ()
    if state.sign_off is not None:
        seats = {person.id: person for rule in state.holders for person in found_by(rule, author, department, directory, recused)}
        return _with_stand_ins(list(seats.values()), {author, *recused}, directory)
    for rule in state.holders:
        found = found_by(rule, author, department, directory, recused)
        if found:
            return _with_stand_ins(found, {author, *recused}, directory)
    return ()


def groups_of(
    state: State, *, author: PersonId, department: DepartmentId, directory: Directory, recused: Collection[PersonId] = ()
) -> tuple[tuple[PersonId, ...], ...]:
    """Return the seats that each rule of ``state`` finds, without stand-ins; a rule that finds nobody is no group."""
    groups = (tuple(person.id for person in found_by(rule, author, department, directory, recused)) for rule in state.holders)
    return tuple(group for group in groups if group)


def found_by(rule: HolderRule, author: PersonId, department: DepartmentId, directory: Directory, recused: Collection[PersonId] = ()) -> list[Person]:
    """Return the active persons whom one rule finds for an item of ``department``; never its author, nor who is recused."""
    if (rule.departments and department not in rule.departments) or department in rule.except_departments:
        return []
    inside = department if rule.within == "department" else None
    return [person for person in directory.in_positions(rule.positions, inside) if person.id != author and person.id not in recused]


def _with_stand_ins(found: list[Person], barred: Collection[PersonId], directory: Directory) -> tuple[Holder, ...]:
    holders = {person.id: Holder(person=person.id) for person in found}
    for person in found:
        for stand_in in (each for each in directory.stand_ins(person.id) if each not in barred):
            holders.setdefault(stand_in, Holder(person=stand_in, on_behalf_of=person.id))
    return tuple(holders[each] for each in sorted(holders))
