"""Who may see and do what, outside the transitions of a definition.

Owns visibility and the rights of positions. Pure. To whoever may not see an item it does not exist.
"""

from collections.abc import Collection
from dataclasses import dataclass

from workflow.errors import NotPermittedRefusal, reason
from workflow.model import (
    DIRECTORATE,
    DRAFTERS,
    HEADS,
    OFFICE,
    READS_ALL,
    DepartmentId,
    Person,
    Position,
)
from workflow.people.directory import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which items a person may see: all of them, those of one department, or (None) none."""

    is_everything: bool
    department: DepartmentId | None

    def covers(self, department: DepartmentId) -> bool:
        """Return whether items of ``department`` are visible."""
        return self.is_everything or (self.department is not None and self.department == department)


def scope_of(person: Person) -> Scope:
    """Return what ``person`` sees: the own department, or all.

    The Office, the Directorate, the clerk and auditors see all.
    """
    hidden = person.position is Position.ADMIN
    return Scope(
        is_everything=person.position in READS_ALL, department=None if hidden else person.department
    )


def may_draft(person: Person, department: DepartmentId | None) -> bool:
    """Return whether ``person`` may draft an item for ``department``: only for the own one."""
    return (
        person.position in DRAFTERS
        and person.department is not None
        and person.department == department
    )


def may_set_deadlines(person: Person) -> bool:
    """Return whether ``person`` is of the Office, which answers for deadlines (plan, III.2a)."""
    return person.position in OFFICE


def may_see_deadline(person: Person, departments: Collection[DepartmentId]) -> bool:
    """Return whether a deadline of ``departments`` concerns ``person``: as theirs, or as all do."""
    return person.position in READS_ALL or person.department in departments


def may_watch(person: Person) -> bool:
    """Return whether ``person`` sees everybody's reminders, delegations and absences.

    The Office, the Directorate, auditors.
    """
    return person.position in OFFICE | DIRECTORATE or person.position is Position.AUDITOR


def may_read_proceedings(person: Person) -> bool:
    """Return whether ``person`` reads what is pending against whom: the Office, the Directorate.

    And auditors. It is sensitive personal data: whom it is about reads it in their own data alone.
    """
    return may_watch(person)


def may_read_register(person: Person) -> bool:
    """Return whether ``person`` reads the register of outgoing documents.

    Whoever reads all that stands in it: the Office, the clerk, the Directorate, auditors.
    """
    return person.position in READS_ALL


def may_register(person: Person) -> bool:
    """Return whether ``person`` registers documents: the clerk, and the Office in their place."""
    return person.position is Position.CLERK or may_set_deadlines(person)


def may_read_evaluation(reader: Person, person: Person) -> bool:
    """Return whether ``reader`` reads what is kept of a year's work of ``person``.

    Oneself, the Office, and the own head: of a unit's people its head, of who heads a unit or
    belongs to none the Director.
    """
    if reader.id == person.id or may_set_deadlines(reader):
        return True
    if person.position in DIRECTORATE | HEADS or person.department is None:
        return reader.position is Position.DIRECTOR
    return reader.position in HEADS and reader.department == person.department


def may_place_holds(person: Person) -> bool:
    """Return whether ``person`` keeps data from being erased: the Office, and auditors.

    Lifting a hold is the Office's alone to answer for.
    """
    return may_set_deadlines(person) or person.position is Position.AUDITOR


def may_read_history(person: Person) -> bool:
    """Return whether ``person`` reads the whole history and exports it."""
    return person.position is Position.AUDITOR


def may_edit_definitions(person: Person) -> bool:
    """Return whether ``person`` changes and publishes processes."""
    return person.position is Position.ADMIN


def may_manage_people(person: Person) -> bool:
    """Return whether ``person`` changes people and positions."""
    return person.position is Position.ADMIN or person.position in OFFICE


def has_wide_power(person: Person) -> bool:
    """Return whether ``person`` decides for the whole agency, manages something of it, or audits.

    What they do reaches beyond a department, so a password alone does not open their session.
    """
    return (
        person.position in DIRECTORATE
        or may_manage_people(person)
        or may_set_deadlines(person)
        or may_edit_definitions(person)
        or may_read_history(person)
    )


def signs_in_with_factor(person: Person, directory: Directory) -> bool:
    """Return whether a session of ``person`` needs a second factor today.

    By their own power, or by that of somebody whom they stand in for.
    """
    return has_wide_power(person) or any(
        has_wide_power(directory.people[giver])
        for giver, stand_ins in directory.in_force.items()
        if any(each.person == person.id for each in stand_ins)
    )


def require_office(person: Person | None) -> Person:
    """Let pass only the Office. Raises NotPermittedRefusal."""
    if person is None or not may_set_deadlines(person):
        raise NotPermittedRefusal(reason("office", "Only the Office may do this."))
    return person


def require_registrar(person: Person | None) -> Person:
    """Let pass only the clerk and the Office. Raises NotPermittedRefusal."""
    if person is None or not may_register(person):
        raise NotPermittedRefusal(reason("clerk", "Only the clerk and the Office may do this."))
    return person


def require_people_manager(person: Person | None) -> Person:
    """Let pass only the Office and administrators. Raises NotPermittedRefusal."""
    if person is None or not may_manage_people(person):
        raise NotPermittedRefusal(
            reason("office", "Only the Office and administrators may do this.")
        )
    return person


def require_definition_editor(person: Person | None) -> Person:
    """Let pass only who edits processes and moves items to them. Raises NotPermittedRefusal."""
    if person is None or not may_edit_definitions(person):
        raise NotPermittedRefusal(reason("administrator", "Only administrators may do this."))
    return person
