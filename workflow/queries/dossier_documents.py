"""The official documents in a dossier's package, as the agency's head may read them.

The letter of all that left together, the report of each, and the minutes and the tally of the
rounds that have passed it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow.documents.facts import Issue
from workflow.model import Item, Person
from workflow.queries.document_facts import Writing, director
from workflow.queries.documents import (
    ItemDocument,
    Made,
    merit_reports,
    report_of,
    submission_of,
)
from workflow.queries.items import item_views
from workflow.queries.round_documents import RoundDocument, round_document
from workflow.store import rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedDocument:
    """A document of a package; ``of``: the item that it is about, where it is about one."""

    kind: ItemDocument | RoundDocument
    made: Made
    of: str = ""
    round: int = 0


def packed_documents(
    write: Callable[[Person], Writing],
    connection: Connection,
    items: Sequence[Item],
    issue: Issue,
) -> list[PackedDocument]:
    """Return the documents of what left together, ``items`` as they left, the lead first.

    ``issue``: under which number.
    """
    head = director(connection)
    if head is None:
        return []
    writing = replace(write(head), issue=issue)
    return [
        *_item_documents(writing, connection, items),
        *(
            PackedDocument(
                kind=kind, made=round_document(writing, connection, number, kind), round=number
            )
            for number in rounds.passing_rounds(connection, items)
            for kind in (RoundDocument.MINUTES, RoundDocument.TALLY)
        ),
    ]


def _item_documents(
    writing: Writing, connection: Connection, items: Sequence[Item]
) -> Iterator[PackedDocument]:
    views = item_views(writing.context, connection, items, writing.reader.id)
    if views[0].definition.nominates is not None:
        made = submission_of(writing, connection, views)
        yield PackedDocument(kind=ItemDocument.SUBMISSION, made=made)
    for view in views:
        kind, make = (
            (ItemDocument.REPORT, report_of)
            if view.definition.nominates is None
            else (ItemDocument.MERIT_REPORT, merit_reports)
        )
        made = make(writing, connection, view)
        if made:
            yield PackedDocument(kind=kind, made=made, of=view.item.code)
