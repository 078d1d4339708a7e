"""What a decision came to: its entry, and the item as it left it."""

from dataclasses import dataclass

from workflow.history import Entry
from workflow.model import Content, Holder, Item
from workflow.people import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """The item as a decision left it, and who knew it then: all that an answer needs."""

    entry: Entry
    item: Item
    content: Content
    holders: tuple[Holder, ...]
    directory: Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The entry that a decision made.

    ``after`` is None when it had been made before (a replay) or was not asked for.
    """

    code: str
    seq: int
    hash: str
    after: After | None = None
