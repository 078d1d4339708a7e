"""Those put forward or awarded, as documents name them: counted, by award, and as an attached list.

Collectives come before individuals everywhere. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from workflow.documents.elements import Align, TableBlock, TableColumn, TableRow
from workflow.documents.facts import Issue, IssuingAgency, ListedNominee
from workflow.documents.phrases import (
    count_text,
    document_words,
    filled,
    kind_name,
    punctuated,
)


def nominee_counts(issuer: IssuingAgency, nominees: Sequence[ListedNominee]) -> str:
    """Return how many are named: collectives, then individuals."""
    common = issuer.words.common
    collectives = sum(each.is_collective for each in nominees)
    individuals = len(nominees) - collectives
    texts = {
        "collectives": filled(common.collectives, {"count": count_text(collectives)}),
        "individuals": filled(common.individuals, {"count": count_text(individuals)}),
    }
    if collectives and individuals:
        return filled(common.both, texts)
    return texts["collectives" if collectives else "individuals"]


def counts_by_award(
    issuer: IssuingAgency, nominees: Sequence[ListedNominee]
) -> list[dict[str, str]]:
    """Return each award that is named, with how many are named for it."""
    return [
        {
            "award": award,
            "counts": nominee_counts(issuer, [each for each in nominees if each.award == award]),
        }
        for award in dict.fromkeys(each.award for each in nominees)
    ]


def numbered_awards(
    issuer: IssuingAgency,
    nominees: Sequence[ListedNominee],
    values: Mapping[str, str],
    *,
    sentence: str,
    line: str,
) -> tuple[str, ...]:
    """Return ``sentence`` on all who are named, then a numbered ``line`` for each award."""
    lines = punctuated([filled(line, each) for each in counts_by_award(issuer, nominees)])
    counts = nominee_counts(issuer, nominees)
    return (
        filled(sentence, {**values, "counts": counts}),
        *(f"{place}. {each}" for place, each in enumerate(lines, 1)),
    )


def list_reference(issuer: IssuingAgency, kind: str, issue: Issue, agency: str) -> str:
    """Return the line of an attached list that names the document it goes with."""
    values = {
        "kind": kind_name(kind).capitalize(),
        "document": document_words(issuer, kind, issue),
        "agency": agency,
    }
    return filled(issuer.words.common.list_reference, values)


def nominee_table(
    issuer: IssuingAgency,
    nominees: Sequence[ListedNominee],
    columns: Iterable[tuple[str, int]],
    last_cells: Callable[[ListedNominee], tuple[str, ...]],
    about: str,
) -> TableBlock:
    """Return the table of an attached list; ``columns``: the head and the share of each."""
    return TableBlock(
        columns=tuple(
            TableColumn(head=head, share=share, align=Align.LEFT if place else Align.CENTER)
            for place, (head, share) in enumerate(columns)
        ),
        rows=_rows(issuer, nominees, last_cells),
        about=about,
    )


def _rows(
    issuer: IssuingAgency,
    nominees: Sequence[ListedNominee],
    last_cells: Callable[[ListedNominee], tuple[str, ...]],
) -> tuple[TableRow, ...]:
    common = issuer.words.common
    rows: list[TableRow] = []
    for title, is_collective in (
        (common.collectives_head, True),
        (common.individuals_head, False),
    ):
        own = [each for each in nominees if each.is_collective is is_collective]
        rows += [TableRow(cells=(title,), is_group=True)] if own else []
        rows += [
            TableRow(
                cells=(
                    count_text(place),
                    each.name or common.erased,
                    ", ".join(each.beside),
                    *last_cells(each),
                )
            )
            for place, each in enumerate(own, 1)
        ]
    return tuple(rows)
