"""Whom a nomination names, so that the same one is known again in another nomination.

Owns when two are the same: a person whatever their address, a name with or without diacritics.
Nothing here asks the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow.definition import Definition, FieldType
from workflow.model import Content, Item, PersonId
from workflow.people import Directory
from workflow.rules import answered
from workflow.values import searchable

NomineeKey = tuple[PersonId | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominee:
    """Whom a nomination names: a collective by its name, or a person of the agency.

    ``said``: as it stands there, of a person the address of then; ``called``: the name of today.
    """

    said: str
    called: str
    person: PersonId | None = None

    @property
    def key(self) -> NomineeKey:
        """Return what is equal in the same: a person whatever their address, a name as folded."""
        return (self.person, "" if self.person is not None else searchable(self.said))

    @property
    def is_somebody(self) -> bool:
        """Return whether anybody is named."""
        return self.key != (None, "")


def nominee_of(
    definition: Definition, directory: Directory, item: Item, content: Content
) -> Nominee:
    """Return whom a nomination names: the first of its fields that is asked and says somebody."""
    asked = answered(definition, content).fields
    types = {field.id: field.type for field in definition.fields}
    for name in definition.nominates.nominee if definition.nominates is not None else ():
        said = asked.get(name)
        if isinstance(said, str) and said:
            is_person = types.get(name) is FieldType.PERSON
            person = directory.addressed(said, item.concerned) if is_person else None
            called = directory.people[person].name if person is not None else said
            return Nominee(said=said, called=called, person=person)
    return Nominee(said="", called="")


def texts_naming(directory: Directory, nominees: Iterable[Nominee]) -> tuple[str, ...]:
    """Return the folded texts by which the items that name one of ``nominees`` are found."""
    known = list(nominees)
    people = {each.person for each in known if each.person is not None}
    had = (address for address, who in directory.addresses.items() if not people.isdisjoint(who))
    said = [*(each.said for each in known), *had]
    return tuple(dict.fromkeys(filter(None, map(searchable, said))))
