"""What forms offer to choose: people, departments, kinds of deadline.

Owns their order and what each is called; which of them somebody may name, the commands decide.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from workflow.messages import Message
from workflow.people import by_given_name
from workflow.queries import deadlines, people

Choices = Sequence[tuple[str, str]]
"""What a form sends, and what stands beside it."""


def person_choices(connection: Connection) -> Choices:
    """Return the people who are still here, by given name."""
    present = [each for each in people.all_people(connection) if each.is_active]
    present.sort(key=lambda each: by_given_name(each.name))
    return [(each.email, f"{each.name} ({each.email})") for each in present]


def everybody_choices(connection: Connection) -> Choices:
    """Return everybody who is or was here, by given name: what they send is their number."""
    everybody = sorted(people.all_people(connection), key=lambda each: by_given_name(each.name))
    return [(str(each.id), f"{each.name} ({each.email})") for each in everybody]


def department_choices(connection: Connection) -> Choices:
    """Return the departments in the agency's order."""
    return [(str(each.id), each.name) for each in people.all_departments(connection)]


def deadline_choices(connection: Connection) -> Sequence[tuple[str, Message]]:
    """Return the kinds of deadline that the Office has set, and what it calls them."""
    return list(deadlines.kinds_called(connection).items())
