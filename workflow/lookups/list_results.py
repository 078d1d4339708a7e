"""What an outcome says of each row of a list: awarded, not awarded, or nothing yet.

Owns what the entries of an item tell of its rows, the later ones of nominees who waited too.
Nothing here writes.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Definition
from workflow.history import payloads
from workflow.lookups.nominees import nominee_of
from workflow.model import Item
from workflow.rounds import case_code
from workflow.rules import ONE, nominees_of
from workflow.store import history
from workflow.store.history import StoredEntry


def awarded_states(definition: Definition) -> frozenset[tuple[str, str]]:
    """Return kind and state of every item that was awarded."""
    return _reached(definition, "given")


def outcome_states(definition: Definition) -> frozenset[tuple[str, str]]:
    """Return kind and state of every item with its outcome.

    A list that was refused as a whole is in one of them: whom the agency's own head awards may be
    awarded all the same.
    """
    return _reached(definition, "given", "refused")


def _reached(definition: Definition, *results: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        (definition.id, state)
        for each in definition.transitions
        if each.result in results
        for state in each.to
    )


def reasons_of(connection: Connection, item: Item) -> dict[int, str]:
    """Return why rows of a list were not awarded, as far as it was recorded and is kept."""
    told = results_told(history.entries_of(connection, item.subject))
    texts = history.texts_of(connection, [item.subject]) if told else {}
    whys = {
        row: texts.get((item.subject, seq, f"why_{row}"))
        for row, (seq, result) in told.items()
        if result.award is None
    }
    return {row: why.text if why else "" for row, why in whys.items()}


def undecided_rows(context: Context, connection: Connection, item: Item) -> frozenset[int]:
    """Return the rows of a list that has its outcome of which nothing is recorded yet."""
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    if (item.type, item.state) not in outcome_states(definition):
        return frozenset()
    told = results_told(history.entries_of(connection, item.subject))
    if not told and (item.type, item.state) not in awarded_states(definition):
        return frozenset()  # refused before what became of each row was recorded
    rows = nominees_of(definition, context.contents.of(connection, [item])[item.id])
    return frozenset(each.row for each in rows if each.row != ONE) - told.keys()


def undecided_in(
    context: Context, connection: Connection, found: Sequence[Item]
) -> Iterator[tuple[str, str]]:
    """Yield the nominees of whom nothing is recorded yet: the code of the award, and the name."""
    contents = context.contents.of(connection, found)
    directory = context.directory(connection, context.clock())
    for item in found:
        definition = context.rulebooks.of(connection, item.definition_hash).definition
        rows = undecided_rows(context, connection, item)
        for each in nominees_of(definition, contents[item.id]) if rows else ():
            if each.row in rows:
                name = nominee_of(definition, directory, item, each.content).called
                yield case_code(item.code, each.row), name


def results_told(
    entries: Sequence[StoredEntry],
) -> dict[int, tuple[int, payloads.NomineeResult]]:
    """Return what the last outcome of a list says of each row, and what was added since."""
    found: dict[int, tuple[int, payloads.NomineeResult]] = {}
    for each in entries:
        payload = each.fact.payload
        if isinstance(payload, payloads.TransitionTaken) and payload.nominees:
            found = {result.row: (each.seq, result) for result in payload.nominees}
        elif isinstance(payload, payloads.NomineeDecided):
            found[payload.nominee.row] = each.seq, payload.nominee
    return found
