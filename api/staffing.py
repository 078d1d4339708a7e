"""People added and changed by whoever manages them, for the routes and the pages alike."""

from dataclasses import dataclass, replace

from api.auth.sessions import Caller
from api.composition import Application
from workflow.addresses import as_kept
from workflow.commands.people import ChangeAddress, ImportPeople
from workflow.commands.replays import is_other
from workflow.errors import (
    InvalidRefusal,
    KeyReusedRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    reason,
)
from workflow.messages import lazy
from workflow.model import Person, Position, Via
from workflow.people import may_manage_people
from workflow.people.staff_rows import PersonRow
from workflow.store import history, people


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """One change of people: by whom, through what, under which id."""

    parts: Application
    asker: Caller
    via: Via
    command_id: str
    digest: str = ""

    async def replayed(self) -> Person | None:
        """Return the person that this change was made to when it came before, or None. Raises KeyReusedRefusal."""
        require_manager(self.asker)
        who, ids = self.asker.person.id, (self.command_id, f"{self.command_id}:address")
        found = await self.parts.database.read(
            lambda connection: history.entries_by_command(connection, ids)
        )
        made = [entry for each in ids if (entry := found.get((who, each))) is not None]
        if any(is_other(each, self.digest) for each in made):
            raise KeyReusedRefusal
        if not made:
            return None
        everyone = await self.parts.database.read(people.all_people)
        return next((each for each in everyone if f"person:{each.id}" == made[0].subject), None)

    async def add(self, row: PersonRow) -> Person:
        """Add a person, who gets a mailed invitation to set a password. Raises Refusal, InvalidInputError."""
        require_manager(self.asker)
        if (made := await self.replayed()) is not None:
            return made
        if await self._found(row.email) is not None:
            raise InvalidRefusal(
                reason(
                    "email",
                    "Somebody already has the address {email}. Change that person instead "
                    "of adding a new one.",
                    email=row.email,
                )
            )
        await self._put(row, invites=True)
        return await self.person(row.email)

    async def change(self, person: Person, row: PersonRow) -> Person:
        """Make ``person`` what ``row`` says; holders of open items follow with a mail. A new address revokes live links."""
        require_manager(self.asker)
        address = as_kept(row.email)
        if address != person.email:
            asked = ChangeAddress(
                person=person.id,
                email=address,
                actor=self.asker.person.id,
                via=self.via,
                method=self.asker.method,
                command_id=f"{self.command_id}:address",
                digest=self.digest,
            )
            await self.parts.database.write(asked)
        await self._put(replace(row, email=address), invites=False)
        return await self.person(address)

    async def person(self, email: str) -> Person:
        """Return the person with that address. Raises NotFoundRefusal."""
        require_manager(self.asker)
        found = await self._found(email)
        if found is None:
            raise NotFoundRefusal(lazy("this person"))
        return found

    async def _found(self, email: str) -> Person | None:
        address = as_kept(email)
        return await self.parts.database.read(
            lambda connection: people.person_by_email(connection, address)
        )

    async def _put(self, row: PersonRow, *, invites: bool) -> None:
        command = ImportPeople(
            rows=(row,),
            actor=self.asker.person.id,
            via=self.via,
            method=self.asker.method,
            command_id=self.command_id,
            digest=self.digest,
            invites=invites,
        )
        await self.parts.database.write(command)


def require_manager(asker: Caller) -> None:
    """Let pass only who manages people. Raises NotPermittedRefusal."""
    if not may_manage_people(asker.person):
        raise NotPermittedRefusal(
            reason("people", "Only the Office and administrators may add and change people.")
        )


def require_reader(asker: Caller) -> None:
    """Let pass only who manages people, and auditors. Raises NotPermittedRefusal."""
    if not may_manage_people(asker.person) and asker.person.position is not Position.AUDITOR:
        raise NotPermittedRefusal(
            reason(
                "people", "Only the Office, administrators and auditors may see the list of people."
            )
        )
