"""Looking people up: by any words of name, address, position and department.

Owns what a search of people looks through; the same for the page and the interface.
"""

from collections.abc import Iterable, Mapping

from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.context import search_of
from workflow.model import DepartmentId, Person
from workflow.values import searchable


def found_people(
    known: Iterable[Person], departments: Mapping[DepartmentId, str], query: str
) -> list[Person]:
    """Return whom every word of ``query`` finds, in order; diacritics and their absence match.

    Raises InvalidRefusal where it asks for too much at once.
    """
    words = (search_of(query) or "").split()
    return [
        each for each in known if all(word in _searchable_text(each, departments) for word in words)
    ]


def _searchable_text(person: Person, departments: Mapping[DepartmentId, str]) -> str:
    department = departments.get(person.department, "") if person.department else ""
    position = POSITIONS[person.position]
    return searchable(person.name, person.email, position.template, translate(position), department)
