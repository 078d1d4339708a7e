"""What forms offer to choose: people, departments, kinds of deadline.

Owns their order and what each is called; which of them somebody may name, the commands decide.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from workflow.awards import Awards
from workflow.messages import Message, lazy
from workflow.people import by_given_name
from workflow.queries import deadlines, people

OfferedAward = tuple[str, object, object]
"""An award's id, what it is called, and who awards it."""
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


def award_choices(awards: Awards, day: date) -> Sequence[tuple[Message, Sequence[OfferedAward]]]:
    """Return the titles and the forms that may be asked for on ``day``, each with who awards it."""
    offered = {each.id for each in awards.offered(day)}
    lists = (
        (lazy("Emulation titles"), awards.titles),
        (lazy("Forms of commendation"), awards.forms),
    )
    return [
        (
            called,
            [
                (each.id, each.label, found.label if found else "")
                for each in kind
                if each.id in offered
                for found in [awards.authority(each.id, day)]
            ],
        )
        for called, kind in lists
    ]


def deadline_choices(connection: Connection) -> Sequence[tuple[str, Message]]:
    """Return the kinds of deadline that the Office has set, and what it calls them."""
    return list(deadlines.kinds_called(connection).items())
