"""People added and changed by whoever manages them, for the routes and the pages alike."""

from dataclasses import dataclass

from api.auth.sessions import Caller
from api.composition import Application
from workflow.addresses import as_kept
from workflow.command import Cause
from workflow.commands.execute import entry_of
from workflow.commands.people import AddPerson, ChangePerson
from workflow.commands.proposals import Proposed
from workflow.errors import NotFoundRefusal
from workflow.history import EntryType
from workflow.messages import lazy
from workflow.model import Person, PersonId
from workflow.people import require_people_manager
from workflow.people.staff_rows import PersonRow
from workflow.queries import people


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """One change of people, and who asks for it."""

    parts: Application
    asker: Caller
    cause: Cause

    async def replayed(self) -> Person | Proposed | None:
        """Return what this change made before, or None. Raises KeyReusedRefusal."""
        require_people_manager(self.asker.person)
        entry = await self.parts.database.read(lambda connection: entry_of(connection, self.cause))
        if entry is None:
            return None
        if entry.type == EntryType.PROPOSAL_MADE:
            return Proposed(id=int(entry.subject.removeprefix("proposal:")))
        return await self._by_subject(entry.subject)

    async def add(self, row: PersonRow) -> Person | Proposed:
        """Add a person, who is mailed an invitation. Raises Refusal, InvalidInputError."""
        return await self._person_or_proposal(
            await self.parts.database.write(AddPerson(cause=self.cause, row=row))
        )

    async def change(self, person: Person, row: PersonRow) -> Person | Proposed:
        """Make ``person`` what ``row`` says; holders follow, a new address revokes links."""
        command = ChangePerson(cause=self.cause, person=person.id, row=row, seen=person)
        return await self._person_or_proposal(await self.parts.database.write(command))

    async def _person_or_proposal(self, outcome: PersonId | Proposed) -> Person | Proposed:
        if isinstance(outcome, Proposed):
            return outcome
        return await self._by_subject(f"person:{outcome}")

    async def _by_subject(self, subject: str) -> Person:
        everyone = await self.parts.database.read(people.all_people)
        return next(each for each in everyone if f"person:{each.id}" == subject)

    async def person(self, email: str) -> Person:
        """Return the person with that address. Raises NotFoundRefusal."""
        require_people_manager(self.asker.person)
        found = await self._person_with(email)
        if found is None:
            raise NotFoundRefusal(lazy("this person"))
        return found

    async def _person_with(self, email: str) -> Person | None:
        address = as_kept(email)
        return await self.parts.database.read(
            lambda connection: people.person_by_email(connection, address)
        )
