"""What pages and API read of people, departments, delegations and absences. Nothing here writes."""

from workflow.store.people import (
    absence_by_id,
    absences_from,
    all_delegations,
    all_departments,
    all_people,
    department_names,
    people_by_id,
    person_by_email,
)

__all__ = [
    "absence_by_id",
    "absences_from",
    "all_delegations",
    "all_departments",
    "all_people",
    "department_names",
    "people_by_id",
    "person_by_email",
]
