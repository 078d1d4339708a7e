"""An award as it was given, recorded here or imported from earlier years: one value for both.

Nothing here writes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Label
from workflow.lookups.nominees import Nominee
from workflow.model import DepartmentId, Item, Person
from workflow.rounds import case_code
from workflow.store import past_awards
from workflow.store.past_awards import ImportedAward


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAward:
    """An award as it was given: to whom, by whom, by which decision; whether it still stands."""

    item: Item | None
    """None: it was imported, and is known by its number among imported ones."""
    row: int
    """Of the list that names the nominee; 0 in a nomination of one."""
    nominee: Nominee
    kind: str
    award_id: str
    called: Label | str
    """The award's name; its id where the file of awards has it no more."""
    authority_id: str
    authority: Label | str
    number: str
    decided_on: str
    first_day: str
    last_day: str
    """Of the merit, as the nomination says it; empty where it says nothing."""
    is_withdrawn: bool
    withdrawn_why: str
    department: DepartmentId | None
    commendation: str
    """One of ``COMMENDATIONS``."""
    is_late: bool = False
    """Whether the nominee waited while the rest of the list was decided on."""
    said: Mapping[str, str] = field(default_factory=dict)
    """What the choices say by which the statistics split individuals."""

    @property
    def code(self) -> str:
        """Return what names this award among all: the item's code, in a list with the row.

        Empty of an imported one.
        """
        return case_code(self.item.code, self.row) if self.item is not None else ""

    @property
    def is_imported(self) -> bool:
        """Return whether it was given before the product came."""
        return self.item is None

    @property
    def called_nominee(self) -> str:
        """Return the nominee's name; empty where it was erased."""
        return self.nominee.called

    @property
    def year(self) -> int:
        """Return the year of the decision."""
        return int(self.decided_on[:4])

    @property
    def campaign(self) -> str:
        """Return the movement that it was given in; empty of an imported one."""
        return self.item.campaign if self.item is not None else ""


def as_imported(
    context: Context, connection: Connection, found: Sequence[ImportedAward]
) -> Iterator[GivenAward]:
    """Yield imported awards as they stand in the register."""
    people = context.directory(connection, context.clock()).people
    for each in found:
        name = people[each.person].name if each.person is not None else each.nominee
        yield GivenAward(
            item=None,
            row=each.id,
            nominee=Nominee(said=each.nominee, called=name, person=each.person),
            kind=each.kind,
            award_id=each.award,
            called=award_called(context, each.award),
            authority_id=each.authority,
            authority=authority_called(context, each.authority),
            department=each.department,
            commendation=each.commendation,
            number=each.number,
            decided_on=each.decided_on,
            first_day=each.first_day,
            last_day=each.last_day,
            is_withdrawn=each.is_withdrawn,
            withdrawn_why=each.withdrawn_why or "",
        )


def imported_to(context: Context, connection: Connection, person: Person) -> list[GivenAward]:
    """Return what a person was given before the product came."""
    found = past_awards.past_awards_of(connection, person.id)
    return list(as_imported(context, connection, found))


def award_called(context: Context, award: str) -> Label | str:
    """Return an award's name; its id where the file of awards has it no more."""
    found = context.awards.find(award)
    return found.label if found else award


def authority_called(context: Context, authority: str) -> Label | str:
    """Return an authority's name; its id where the file of awards has it no more."""
    found = context.awards.authorities.get(authority)
    return found.label if found else authority
