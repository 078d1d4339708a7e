"""What the subjects of history entries are called: items by their titles, and so on.

For those who may read the history, which is all of it; it judges nobody, and writes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from sqlalchemy import Connection

from api.composition import Application
from notifications.translation import translate
from workflow.deadlines import Deadline
from workflow.queries import people
from workflow.queries.deadlines import all_deadlines
from workflow.queries.listing import items_by_id
from workflow.queries.timeline import EntryView


def titles_of(
    parts: Application, connection: Connection, views: Sequence[EntryView]
) -> Mapping[str, str]:
    """Return the titles of the subjects of ``views``; a subject that has none is not in it."""
    entries = [each.entry for each in views]
    kinds = {each.subject.partition(":")[0] for each in entries}
    known = items_by_id(connection, [each.item_id for each in entries if each.item_id])
    titles = {f"item:{each.code}": each.title for each in known.values()}
    titles |= {f"person:{each.about.id}": each.about.name for each in views if each.about}
    if "deadline" in kinds:
        zone = parts.context.calendar.zone
        titles |= {
            f"deadline:{each.id}": _deadline(each, zone) for each in all_deadlines(connection)
        }
    if "definition" in kinds:
        titles |= {
            f"definition:{name}": translate("Process: {label}", label=book.definition.label)
            for name, book in parts.context.rulebooks.newest(connection).items()
        }
    if "department" in kinds:
        titles |= {
            f"department:{each.id}": each.name for each in people.all_departments(connection)
        }
    return titles


def _deadline(deadline: Deadline, zone: tzinfo) -> str:
    return translate(
        "Deadline {name}, {day}",
        name=deadline.called,
        day=deadline.due_at.astimezone(zone).strftime("%d/%m/%Y"),
    )
