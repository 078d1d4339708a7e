"""How an agency's file differs from what is there, before it is brought in again."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from workflow.definition import Organization
from workflow.lookups.agency import load_agency
from workflow.lookups.signing import as_filed, filed_lines, lapsed
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, Person
from workflow.store import people


def agency_differences(connection: Connection, organization: Organization) -> list[Message]:
    """Return how an agency's file differs from what is there; empty at first.

    Each says what happens or is to be done.
    """
    known = {each.id: each for each in people.all_departments(connection)}
    present = {person.email: person for person in people.all_people(connection)}
    if not known:
        return []
    filed = {DepartmentId(each.id) for each in organization.departments}
    found = [
        lazy(
            "Department {id} is renamed: “{before}” to “{after}”.",
            id=each.id,
            before=known[DepartmentId(each.id)].name,
            after=each.name,
        )
        for each in organization.departments
        if DepartmentId(each.id) in known and known[DepartmentId(each.id)].name != each.name
    ]
    found += [
        lazy("Department {id} is added: “{name}”.", id=each.id, name=each.name)
        for each in organization.departments
        if each.id not in known
    ]
    found += [
        lazy(
            "Department {id} is no longer in the file and was not removed. Move its "
            "people to another department on the page People.",
            id=each,
        )
        for each in known
        if each not in filed
    ]
    return [
        *found,
        *_people_differences(present, organization),
        *_signing_differences(connection, organization),
    ]


def _signing_differences(connection: Connection, organization: Organization) -> Iterator[Message]:
    """Yield about who signs for the head: what is new waits for the head, what is gone ends."""
    before, after = load_agency(connection).signing, organization.signing
    everybody = people.all_people(connection)
    names = {each.id: each.name for each in everybody}
    known = [as_filed(each) for each in people.all_delegations(connection)]
    for each in filed_lines(after, everybody):
        if each not in known:
            yield lazy(
                "{name} signs for the head ({form}) by {document} once the head has confirmed it "
                "on the page Absences, delegations; the Office may propose it there.",
                name=names[each.taker],
                form=each.form.value,
                document=each.document,
            )
    for ended in lapsed(before, after, everybody, people.all_delegations(connection)):
        yield lazy(
            "{name} signs for the head ({form}) no more: the file no longer says so.",
            name=names[ended.to_person],
            form=ended.form.value,
        )


def _people_differences(
    present: Mapping[str, Person], organization: Organization
) -> Iterator[Message]:
    """Yield about people: init adds them, and never changes one who is there."""
    for each in organization.people:
        before = present.get(each.email)
        if before is None:
            yield lazy("{email} is added.", email=each.email)
        elif (before.name, before.position, before.department) != (
            each.name,
            each.position,
            each.department,
        ) or not before.is_active:
            yield lazy(
                "{email} differs in the file and was left as it is. Change it by "
                "people import or on the page People.",
                email=each.email,
            )
    filed = {each.email for each in organization.people}
    for person in present.values():
        if person.is_active and person.email not in filed:
            yield lazy(
                "{email} is not in the file and was left as it is. If they have left, "
                "say so on the page People.",
                email=person.email,
            )
