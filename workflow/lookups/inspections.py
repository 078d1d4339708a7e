"""Inspections as one person may read them, and the obligations that they have met."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from workflow.deadlines import INSPECTION, MENDING, Obligation, Obligations
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Person
from workflow.people import may_see_deadline
from workflow.store import definitions, inspections, people
from workflow.store.inspections import Inspection


def visible_inspections(connection: Connection, person: Person) -> list[Inspection]:
    """Return the inspections that concern ``person``, newest first: of their department, or all."""
    return [
        each
        for each in reversed(_all_inspections(connection))
        if may_see_deadline(person, [each.department])
    ]


def visible_inspection(connection: Connection, inspection: int, person: Person) -> Inspection:
    """Return one inspection that concerns ``person``. Raises NotFoundRefusal."""
    found = inspections.find_inspection(connection, inspection)
    if found is None or not may_see_deadline(person, [found.department]):
        raise NotFoundRefusal(lazy("this inspection"))
    return found


def found_in(connection: Connection, campaign: str) -> str:
    """Return what inspections of a campaign found, one after the other, and what is to be mended.

    What is found later comes after it, so that an earlier text is how this one begins.
    """
    names = {each.id: each.name for each in people.all_departments(connection)}
    told: list[tuple[datetime, str]] = []
    for each in inspections.inspections_of(connection, [campaign]):
        note = each.recorded
        if note is not None:
            visit = f"{names[each.department]}, {each.on_day:%d/%m/%Y}: {note.words}"
            due = f" ({date.fromisoformat(note.mend_by):%d/%m/%Y})" if note.mend_by else ""
            told.append((note.at, f"{visit}\n- {note.to_mend}{due}" if note.to_mend else visit))
    return "\n\n".join(text for _, text in sorted(told))


def with_inspections(connection: Connection, owed: Obligations) -> Obligations:
    """Return ``owed`` with what inspections have met: visits that were made, what was mended."""
    found = _all_inspections(connection)
    if not found:
        return owed
    office = [each.id for each in people.all_departments(connection) if each.is_office]
    met: set[Obligation] = set()
    for each in found:
        if each.notes:
            met.update((each.campaign, f"{INSPECTION}{each.id}", own) for own in office)
        if each.is_over:
            met.add((each.campaign, f"{MENDING}{each.id}", each.department))
    return replace(owed, met=owed.met | met)


def _all_inspections(connection: Connection) -> list[Inspection]:
    """Return the inspections of every campaign, oldest first: the Office makes a few a year."""
    campaigns = [identity for identity, _, _ in definitions.all_campaigns(connection)]
    return inspections.inspections_of(connection, campaigns)
