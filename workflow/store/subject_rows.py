"""The rows that belong to each subject of the history but to items, which fold from their entries.

Owns which table belongs to whom, and how its rows stand in a text that an entry commits to: every
entry of such a subject commits to all that is kept about it, as the text ``row``. Where many acts
make many rows, an entry commits to what has changed since the one before, as ``rows_changed``, and
all of them together say what is kept: else what is kept would grow by its square. Who changes such
a row records an entry of its subject afterwards; ``history verify`` names the one who did not.
What is secret stands as a fingerprint, and what only counts or waits is left out.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Column, Connection, Table, bindparam, select

from workflow.store import schema
from workflow.store.prepared import Prepared, Row

ROW = "row"
"""The name of the text that says all that is kept."""
ROWS_CHANGED = "rows_changed"
"""The name of the one that says what has changed; None for a row that is gone."""
STEPWISE = frozenset({"round"})
"""The kinds of subjects whose entries say what has changed; nothing of theirs is ever erased."""
Kept = dict[str, dict[str, dict[str, object]]]
"""What is kept about a subject: by table, by key, by column."""
OBEYED_SETTINGS = ("agency", "calendar", "deployment", "privacy_rules", "proposal_rules")
"""Settings that somebody decides; the others are the program's own notes."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A table whose rows belong to subjects, and the column that says to which.

    ``without``: columns that are no part of it. ``hidden``: those that stand as fingerprints.
    """

    table: Table
    owner: str
    without: Sequence[str] = ()
    hidden: Sequence[str] = ()
    only: Sequence[str] = field(default=())
    """The keys of the rows that belong to it, where not all do."""

    @property
    def columns(self) -> list[Column[object]]:
        """Return the columns that count."""
        return [each for each in self.table.c if each.name not in self.without]


TIES = {
    "person": (
        Tie(schema.people, "id"),
        Tie(schema.delegations, "from_person"),
        Tie(schema.absences, "person"),
        Tie(
            schema.credentials,
            "person",
            without=("totp_step", "failures", "locked_until", "enrol_hash", "enrol_until"),
            hidden=("password_hash", "pin_hash", "totp_secret"),
        ),
        Tie(
            schema.passkeys,
            "person",
            without=("sign_count", "last_challenge"),
            hidden=("public_key",),
        ),
    ),
    "department": (Tie(schema.departments, "id"),),
    "deadline": (
        Tie(schema.deadlines, "id"),
        Tie(schema.deadline_departments, "deadline_id"),
        Tie(schema.extensions, "deadline_id"),
    ),
    "campaign": (
        Tie(schema.campaigns, "id", hidden=("body",)),
        Tie(schema.campaign_reads, "campaign"),
    ),
    "merit": (Tie(schema.merits, "id"), Tie(schema.merit_notes, "merit_id")),
    "definition": (Tie(schema.definitions, "id", hidden=("body",)),),
    "request": (Tie(schema.privacy_requests, "id"),),
    "hold": (Tie(schema.legal_holds, "id"),),
    "finding": (Tie(schema.findings, "id"), Tie(schema.finding_notes, "finding_id")),
    "inspection": (
        Tie(schema.inspections, "id"),
        Tie(schema.inspection_notes, "inspection_id"),
    ),
    "proceeding": (
        Tie(schema.proceedings, "id"),
        Tie(schema.proceeding_corrections, "proceeding_id"),
    ),
    "past_award": (Tie(schema.past_awards, "id"),),
    "document": (Tie(schema.documents, "id"),),
    # Not the papers in the box: who casts one writes an entry, and is not to be tied to it.
    "round": (
        Tie(schema.rounds, "id"),
        *(
            Tie(each, "round_id")
            for each in (
                schema.round_seats,
                schema.round_cases,
                schema.round_ballots,
                schema.round_receipts,
                schema.round_votes,
                schema.round_challenges,
            )
        ),
    ),
    "agency": (Tie(schema.settings, "name", only=OBEYED_SETTINGS),),
}
"""By the kind of subject."""
_OWNED = {
    tie.table.name: Prepared(
        select(*tie.columns)
        .where(tie.table.c[tie.owner] == bindparam("owner"))
        .order_by(*tie.table.primary_key)
    )
    for ties in TIES.values()
    for tie in ties
}
_OWNERS = {
    tie.table.name: Prepared(select(tie.table.c[tie.owner].label("owner")).distinct())
    for ties in TIES.values()
    for tie in ties
}


def kept_about(connection: Connection, subject: str) -> Kept:
    """Return all that is kept about a subject; empty where it is an item, or there is nothing."""
    kind, _, name = subject.partition(":")
    kept: Kept = {}
    for tie in TIES.get(kind, ()):
        found: dict[str, dict[str, object]] = {}
        for owner in tie.only or (_owner(tie, name),):
            for row in _OWNED[tie.table.name].rows(connection, {"owner": owner}):
                says = _says(tie, row)
                if says or not tie.hidden:  # a person without a secret has none, row or not
                    found[_key(tie, row)] = says
        if found:
            kept[str(tie.table.name)] = found
    return kept


def subjects(connection: Connection) -> Iterator[str]:
    """Yield every subject that rows belong to, some twice."""
    for kind, ties in TIES.items():
        for tie in ties:
            if tie.only:
                yield kind
            else:
                owners = _OWNERS[tie.table.name].rows(connection, {})
                yield from (f"{kind}:{row.owner}" for row in owners)


def _owner(tie: Tie, name: str) -> object:
    if tie.table.c[tie.owner].type.python_type is not int:
        return name
    return int(name) if name.isdecimal() else None


def _key(tie: Tie, row: Row) -> str:
    """Return what tells a row from the subject's others."""
    keys = [each.name for each in tie.table.primary_key]
    return ":".join(str(getattr(row, each)) for each in keys)


def _says(tie: Tie, row: Row) -> dict[str, object]:
    """Return what a row says; empty columns and those that name it are left out."""
    named = {each.name for each in tie.table.primary_key}
    return {
        str(each.name): _plain(getattr(row, each.name), is_hidden=each.name in tie.hidden)
        for each in tie.columns
        if each.name not in named and getattr(row, each.name) is not None
    }


def _plain(value: object, *, is_hidden: bool) -> object:
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(bytes(value)).hexdigest()
    if is_hidden:
        return hashlib.sha256(str(value).encode()).hexdigest()
    return value
