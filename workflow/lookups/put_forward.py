"""Whom a movement's nominations put forward, counted: for caps, and for the share of leaders.

Owns what counts: nominees of items that were handed in and not given up, and of the item itself.
Nothing here writes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.awards import Awards, Case
from workflow.context import Context
from workflow.definition import Definition, Stage
from workflow.model import Content, Item
from workflow.rules import NomineeRow, nominees_of
from workflow.store import campaigns

_READ = 2000
"""Newest nominations of a movement that are counted."""
_HANDED_IN = frozenset({Stage.ON_THE_WAY, Stage.THROUGH})


@dataclass(frozen=True, slots=True, kw_only=True)
class PutForward:
    """How many a movement puts forward for each award, and how many individuals are leaders."""

    awards: Mapping[str, int]
    leaders: tuple[int, int] | None
    """Leaders, of so many individuals; None where the process does not tell them apart."""

    def quota(self, awards: Awards, case: Case) -> tuple[int, int] | None:
        """Return how many are put forward for the award of ``case``, and what a cap is taken of.

        None where no cap holds, or where nobody of those that it is taken of is known here.
        """
        of = next(
            (each.of for each in awards.rules_of(case.award, case.day) if each.kind == "cap"), None
        )
        base = self.awards.get(of, 0) if of else 0
        return (self.awards.get(case.award, 0), base) if base else None


def put_forward(
    context: Context, connection: Connection, item: Item, nominees: Sequence[NomineeRow]
) -> PutForward:
    """Return what the movement of ``item`` puts forward, with its own ``nominees`` as they are."""
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    counted = [(definition, each) for each in nominees]
    for each in campaigns.fields_of(connection, item.campaign, item.type, _READ):
        book = context.rulebooks.of(connection, each.definition_hash)
        if each.item_id != item.id and book.stages[each.state] in _HANDED_IN:
            content = Content(title="", fields=each.fields, files=(), salt="")
            counted += [(book.definition, one) for one in nominees_of(book.definition, content)]
    return PutForward(
        awards=Counter(_award(definition, each) for definition, each in counted),
        leaders=_leaders(counted),
    )


def _award(definition: Definition, nominee: NomineeRow) -> str:
    said = definition.nominates
    return str(nominee.content.fields.get(said.award) or "") if said else ""


def _leaders(counted: Sequence[tuple[Definition, NomineeRow]]) -> tuple[int, int] | None:
    """Return how many individuals are leaders, of how many."""
    said = [
        (definition.nominates.leaders, nominee)
        for definition, nominee in counted
        if definition.nominates and definition.nominates.leaders and not nominee.is_collective
    ]
    if not said:
        return None
    leading = [
        all(nominee.content.fields.get(name) == value for name, value in leaders.items())
        for leaders, nominee in said
    ]
    return sum(leading), len(leading)
