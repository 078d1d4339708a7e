"""Merits, as far as somebody may read them, and the kinds that a campaign asks for."""

from sqlalchemy import Connection

from workflow.definition import Label
from workflow.errors import NotFoundRefusal
from workflow.lookups.campaigns import campaign_of
from workflow.messages import lazy
from workflow.model import Person
from workflow.people import scope_of
from workflow.store import merits
from workflow.store.merits import Merit


def visible_merit(connection: Connection, merit: int, person: Person) -> Merit:
    """Return a merit that ``person`` may read: their department's, or any for those who read all.

    Raises NotFoundRefusal.
    """
    found = merits.merit_by_id(connection, merit)
    if found is None or not scope_of(person).covers(found.department):
        raise NotFoundRefusal(lazy("this note"))
    return found


def recognitions(connection: Connection, campaign: str) -> dict[str, Label]:
    """Return the kinds of merit that a campaign asks for, with their names.

    Empty for one that is not there.
    """
    found = campaign_of(connection, campaign)
    return {each.id: each.label for each in found.recognition} if found else {}
