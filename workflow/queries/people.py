"""What pages and API read of people, departments, delegations and absences. Nothing here writes."""

from sqlalchemy import Connection

from workflow.model import PersonId
from workflow.store import people

absence_by_id = people.absence_by_id
absences_from = people.absences_from
all_delegations = people.all_delegations
all_departments = people.all_departments
all_people = people.all_people
department_names = people.department_names
people_by_id = people.people_by_id
person_by_email = people.person_by_email


def person_names(connection: Connection) -> dict[PersonId, str]:
    """Return what everybody is called, by their number."""
    return {each.id: each.name for each in people.people_by_id(connection).values()}
