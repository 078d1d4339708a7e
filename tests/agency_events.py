"""What goes on in an agency beside its items, as the product writes it: for histories that are made.

Owns which of it is how frequent. The entries say what the stored bodies of their types say.
"""

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

BODIES = Path(__file__).parent / "unit" / "bodies_of_format_1.jsonl"
BEGINS_OR_HANGS_ON_ANOTHER = {
    "genesis", "definition_published", "checkpoint_key_added", "proposal_rules_set",
    "person_added", "delegation_ended", "absence_ended", "retention_applied",
    "text_erased", "merit_erased", "request_erased", "person_erased",
    "proceeding_erased", "past_award_erased",
}  # fmt: skip
WEIGHTS = {"reminded": 60, "vote_cast": 6, "deadline_set": 4, "token_made": 3}
SUBJECTS_OF_A_KIND = 60


class Event(NamedTuple):
    """An entry without its place in the history."""

    subject: str
    kind: str
    members: dict[str, Any]


class AgencyEvents:
    """Chooses what comes next."""

    def __init__(self, chosen: random.Random, people: Mapping[int, tuple[str, str | None]]) -> None:
        self._random, self._people, self._registered = chosen, people, 0
        bodies = [json.loads(each) for each in BODIES.read_text("utf-8").splitlines()]
        self._bodies = [
            each
            for each in bodies
            if not each["subject"].startswith("item:")
            and each["type"] not in BEGINS_OR_HANGS_ON_ANOTHER
        ]
        self._weights = [WEIGHTS.get(each["type"], 1) for each in self._bodies]

    def next(self) -> Event:
        """Return an entry like one of the product's."""
        (body,) = self._random.choices(self._bodies, self._weights)
        return self._like(body)

    def each(self) -> Iterator[Event]:
        """Yield an entry of every type."""
        of_type = {each["type"]: each for each in self._bodies}
        yield from map(self._like, of_type.values())

    def _like(self, body: dict[str, Any]) -> Event:
        kind, _, is_one_of_many = body["subject"].partition(":")
        among = [*self._people] if kind == "person" else range(1, SUBJECTS_OF_A_KIND)
        number = self._random.choice(among)
        data = body["data"]
        if body["type"] == "person_changed":
            data = {"department": self._people[number][1], "is_active": True}
        if registered := data.get("registered"):
            # A number is given once in a year.
            self._registered += 1
            data = {**data, "registered": {**registered, "number": f"{self._registered}/QĐ-SNgV"}}
        texts = dict.fromkeys(body["commitments"], f"Người số {number}")
        members = {name: body[name] for name in ("actor", "via", "method", "position")}
        return Event(
            f"{kind}:{number}" if is_one_of_many else kind,
            body["type"],
            {**members, "data": data, "texts": texts},
        )
