"""What pages and API read of merits. Nothing here writes."""

from sqlalchemy import Connection

from workflow.lookups.campaigns import campaigns_in
from workflow.model import Person
from workflow.people import scope_of
from workflow.store import merits

Merit = merits.Merit
MeritNote = merits.MeritNote
notes_of = merits.notes_of


def visible_merits(connection: Connection, person: Person, campaign: str | None) -> list[Merit]:
    """Return the merits of a campaign, or of all, that ``person`` may read, newest first."""
    return [
        each
        for known in campaigns_in(connection)
        if campaign in {None, known.id}
        for each in merits.merits_of(connection, known.id)
        if scope_of(person).covers(each.department)
    ]
