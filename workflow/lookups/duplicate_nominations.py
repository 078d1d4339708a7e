"""Where the nominees of an item are put forward besides, or the same deed is told of again.

Owns how another nomination is found: by the nominee's name or any address of theirs, and by the
beginning of what is told. Nothing here writes, and a list is asked about as a whole.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow.awards import Elsewhere
from workflow.context import Context
from workflow.definition.nominations import Nominates
from workflow.lookups.nominees import Nominee, NomineeKey, nominee_of, texts_naming
from workflow.model import Content, Item
from workflow.people import Scope
from workflow.rounds import case_code
from workflow.rules import NomineeRow as Row
from workflow.rules import nominees_of
from workflow.store.items import items_by_id
from workflow.store.listing import ItemFilter, all_ids
from workflow.values import searchable

_MOST = 10
_MOST_OF_LIST = 1000
_LETTERS_LOOKED_FOR = 100
"""With so many letters a deed is looked for; found, it is compared whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a nomination says of a nominee, by which it is known again: whom, and which deed."""

    whom: Nominee
    deed: str


def told_of(
    context: Context, connection: Connection, item: Item, nominees: Sequence[Row]
) -> list[Told]:
    """Return what an item says of each of its nominees."""
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    directory = context.directory(connection, context.clock())
    return [
        Told(
            whom=nominee_of(definition, directory, item, each.content),
            deed=_deed(definition.nominates, each.content),
        )
        for each in nominees
    ]


def nominated_elsewhere(
    context: Context, connection: Connection, scope: Scope, item: Item, told: Sequence[Told]
) -> list[tuple[Elsewhere, ...]]:
    """Return other nominations of each nominee, or that tell of the same deed, newest first.

    In whatever movement, with and without diacritics. The database is asked once for them all.
    """
    named = texts_naming(
        context.directory(connection, context.clock()), [each.whom for each in told]
    )
    texts = {*named, *(each.deed[:_LETTERS_LOOKED_FOR] for each in told)} - {""}
    if not texts:
        return [() for _ in told]
    wanted = ItemFilter(type=item.type, any_text=tuple(sorted(texts)))
    most = min(_MOST * len(told) + 1, _MOST_OF_LIST)
    ids = [each for each in all_ids(connection, scope, wanted, most=most) if each != item.id]
    found = items_by_id(connection, ids)
    others = _rows_of(context, connection, [found[each] for each in ids])
    by_key: dict[NomineeKey, list[int]] = defaultdict(list)
    by_deed: dict[str, list[int]] = defaultdict(list)
    for number, (_, other) in enumerate(others):
        by_key[other.whom.key].append(number)
        by_deed[other.deed].append(number)
    same = []
    for each in told:
        deeds = set(by_deed.get(each.deed, ())) if each.deed else set()
        whoms = by_key.get(each.whom.key, ()) if each.whom.is_somebody else ()
        newest = sorted({*deeds, *whoms})[:_MOST]
        same.append(
            tuple(replace(others[number][0], is_same_deed=number in deeds) for number in newest)
        )
    return same


def _rows_of(
    context: Context, connection: Connection, found: Sequence[Item]
) -> list[tuple[Elsewhere, Told]]:
    """Return every nominee of ``found``, by what names the row, with what is said of it."""
    contents = context.contents.of(connection, found)
    rows = []
    for each in found:
        definition = context.rulebooks.of(connection, each.definition_hash).definition
        nominees = nominees_of(definition, contents[each.id])
        rows += [
            (Elsewhere(code=case_code(each.code, row.row), campaign=each.campaign), tells)
            for row, tells in zip(
                nominees, told_of(context, connection, each, nominees), strict=True
            )
        ]
    return rows


def _deed(said: Nominates | None, content: Content) -> str:
    """Return what a nomination tells of, folded for search."""
    told = content.fields.get(said.deed) if said and said.deed else None
    return searchable(told) if isinstance(told, str) else ""
