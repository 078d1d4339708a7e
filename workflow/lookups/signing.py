"""What the agency's file says of who signs for the head, and what of it is not in force yet.

Owns how a line of the file is a delegation that the head confirms. Nothing here writes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from workflow.definition import Signing
from workflow.lookups.agency import load_agency
from workflow.model import Delegation, DepartmentId, Person, PersonId, Position, SignedFor
from workflow.people import OPEN_END
from workflow.store import people


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A line of the file, as it would be recorded of the head: who signs what, by which document.

    It stands until it is ended.
    """

    giver: PersonId
    taker: PersonId
    form: SignedFor
    kinds: tuple[str, ...]
    departments: tuple[DepartmentId, ...]
    document: str
    starts_on: str

    def is_recorded_as(self, found: Delegation) -> bool:
        """Return whether a delegation is this line, in force or still to come."""
        return found.ends_on == OPEN_END and self == as_filed(found)


def as_filed(found: Delegation) -> Filed:
    """Return a delegation as a line of the file would say it."""
    return Filed(
        giver=found.from_person,
        taker=found.to_person,
        form=found.form,
        kinds=found.kinds,
        departments=found.departments,
        document=found.document,
        starts_on=found.starts_on,
    )


def filed_lines(signing: Signing, everybody: Sequence[Person]) -> list[Filed]:
    """Return each line of the file for the heads and the deputies who work here now."""
    here = [each for each in everybody if each.is_active]
    heads = [each for each in here if each.position is Position.DIRECTOR]
    return [line for head in heads for line in _lines_of(signing, head, here)]


def _lines_of(signing: Signing, head: Person, here: Iterable[Person]) -> Iterator[Filed]:
    people_here = list(here)
    deputies = {
        each.email: each for each in people_here if each.position is Position.DEPUTY_DIRECTOR
    }
    for assignment in signing.assignments:
        if assignment.deputy in deputies:
            yield Filed(
                giver=head.id,
                taker=deputies[assignment.deputy].id,
                form=SignedFor.KT,
                kinds=assignment.kinds,
                departments=tuple(map(DepartmentId, assignment.departments)),
                document=_document(assignment.document, assignment.issued_on),
                starts_on=assignment.starts_on.isoformat(),
            )
    regulation = signing.regulation
    if regulation is None:
        return
    for order in regulation.by_order:
        for taker in (each for each in people_here if each.position is order.position):
            yield Filed(
                giver=head.id,
                taker=taker.id,
                form=SignedFor.TL,
                kinds=order.kinds,
                departments=(),
                document=_document(regulation.document, regulation.issued_on),
                starts_on=regulation.starts_on.isoformat(),
            )


def _document(called: str, day: date) -> str:
    return f"{called} ({day:%d/%m/%Y})"


def waiting_lines(connection: Connection) -> list[Filed]:
    """Return the lines of the agency's file that the head has not confirmed."""
    recorded = people.all_delegations(connection)
    lines = filed_lines(load_agency(connection).signing, people.all_people(connection))
    return [each for each in lines if not any(each.is_recorded_as(one) for one in recorded)]


def lapsed(
    before: Signing, after: Signing, everybody: Sequence[Person], recorded: Iterable[Delegation]
) -> list[Delegation]:
    """Return what stands by a line that the file had before and has no more."""
    gone = set(filed_lines(before, everybody)) - set(filed_lines(after, everybody))
    return [each for each in recorded if each.ends_on == OPEN_END and as_filed(each) in gone]
