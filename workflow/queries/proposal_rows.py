"""Whether what is kept of proposals is what the entries of their history tell, and no more.

Owns the verdict on their rows. Words that were erased are missing as a whole.
"""

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from workflow.canonical import digest
from workflow.history import EntryType
from workflow.history.verify_history import Body, IncompleteError, require
from workflow.model import ProposalState
from workflow.store import schema, whole_tables
from workflow.store.erasures import ERASED_PROPOSAL
from workflow.store.prepared import Row

_ANSWERS = {
    EntryType.PROPOSAL_CONFIRMED: ProposalState.CONFIRMED,
    EntryType.PROPOSAL_REJECTED: ProposalState.REJECTED,
}


@dataclass(slots=True, kw_only=True)
class _Told:
    """What entries tell of a proposal: its columns, and the hash of its words."""

    columns: dict[str, object]
    parameters: str


class ProposalFold:
    """What the entries of each proposal tell, by its subject."""

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}

    def follow(self, body: Body) -> None:
        """Go on with the next entry of a proposal."""
        data, actor = body["data"], body["actor"]
        if body["type"] == EntryType.PROPOSAL_MADE:
            columns = {
                "command": data["command"],
                "base": data["base"],
                "grants": sorted(data["grants"]),
                "gainers": sorted(data["gainers"]),
                "proposed_by": actor,
                "proposed_at": body["at"],
                "until": data["until"],
                "state": ProposalState.OPEN.value,
                "decided_by": None,
            }
            self._told[body["subject"]] = _Told(columns=columns, parameters=data["parameters"])
        elif answer := _ANSWERS.get(body["type"]):
            self._told[body["subject"]].columns |= {"state": answer.value, "decided_by": actor}

    def verify(self, connection: Connection) -> None:
        """Compare with every row.

        Raises TamperedError, IncompleteError for the first that differs.
        """
        missing = set(self._told)
        for row in whole_tables.rows(connection, schema.proposals):
            name = f"proposal:{row.id}"
            require(name in missing, name, "was proposed by no entry of the history")
            missing.discard(name)
            told = self._told[name]
            for column, said in told.columns.items():
                kept = _kept(row, column)
                require(kept == said, name, f"has {column} {kept!s:.80}, not {said!s:.80}")
            is_erased = row.parameters == ERASED_PROPOSAL
            is_same = is_erased or digest(orjson.loads(row.parameters)) == told.parameters
            require(is_same, name, "says something else than was proposed")
        for name in sorted(missing):
            raise IncompleteError(f"{name}: what was proposed is missing")


def _kept(row: Row, column: str) -> object:
    value: object = getattr(row, column)
    return sorted(orjson.loads(str(value))) if column in {"grants", "gainers"} else value
