"""Who signs for the head of the agency, as its file says: standing assignments, work regulation.

Decree 30/2020/NĐ-CP, Điều 13: a deputy signs on behalf of the head (KT.) in the fields assigned to
them (khoản 1); the head of a unit signs some kinds of documents by order (TL.) as the work
regulation says (khoản 4). A written authorisation with a term and a content (TUQ., khoản 3) is no
part of the file: it is given by the head, day by day. What the file says gives nobody anything
until the head confirms it.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from workflow.definition.parts import Identifier, Part, Slug, Words
from workflow.model import Position


class StandingAssignment(Part):
    """A deputy's field: ``departments`` and ``kinds`` of item, all where empty; since a day."""

    deputy: str
    departments: tuple[Slug, ...] = ()
    kinds: tuple[Identifier, ...] = ()
    document: Words
    issued_on: date
    starts_on: date


class ByOrder(Part):
    """Which head of a unit signs which kinds of item by order."""

    position: Literal[Position.HEAD, Position.CHIEF]
    kinds: Annotated[tuple[Identifier, ...], Field(min_length=1)]


class WorkRegulation(Part):
    """The agency's work regulation: its document, and what is signed by order since a day."""

    document: Words
    issued_on: date
    starts_on: date
    by_order: tuple[ByOrder, ...] = ()

    def lets_sign(self, position: Position, kinds: tuple[str, ...]) -> bool:
        """Return whether ``position`` signs all of ``kinds`` by order."""
        named = {kind for each in self.by_order if each.position is position for kind in each.kinds}
        return bool(kinds) and named.issuperset(kinds)


class Signing(Part):
    """What the file says of who signs for the head: standing assignments, the work regulation."""

    assignments: tuple[StandingAssignment, ...] = ()
    regulation: WorkRegulation | None = None
