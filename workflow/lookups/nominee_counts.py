"""Whom a movement's nominations put forward, counted: for caps, and for the share of leaders.

Owns what counts: nominees of items that were handed in and not given up, and of the item itself.
Nothing here writes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Stage
from workflow.model import Item
from workflow.rules import NomineeRow, counted_among
from workflow.store import campaigns

_READ = 2000
"""Newest nominations of a movement that are counted."""
_HANDED_IN = frozenset({Stage.ON_THE_WAY, Stage.THROUGH})


@dataclass(frozen=True, slots=True, kw_only=True)
class PutForward:
    """How many a movement puts forward for each award, and how many individuals are leaders."""

    awards: Mapping[str, int]
    """An award that nobody is put forward for here is not in it: others may know of more."""
    leaders: tuple[int, int] | None
    """Leaders, of so many individuals; None where the process does not tell them apart."""


def put_forward(
    context: Context, connection: Connection, item: Item, nominees: Sequence[NomineeRow]
) -> PutForward:
    """Return what the movement of ``item`` puts forward, with its own ``nominees`` as they are."""
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    others = [
        row
        for row in campaigns.states_of(connection, item.campaign, item.type, _READ)
        if row.id != item.id
        and context.rulebooks.of(connection, row.definition_hash).stages[row.state] in _HANDED_IN
    ]
    counted = counted_among(definition, nominees)
    counted += context.counted.of(connection, context.rulebooks, others)
    leading = [each.is_leader for each in counted if each.is_leader is not None]
    return PutForward(
        awards=Counter(each.award for each in counted),
        leaders=(sum(leading), len(leading)) if leading else None,
    )
