"""What the interface takes and answers of findings."""

from pydantic import AwareDatetime

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body


class NewFinding(Body):
    """A finding at an entry of the history; ``entry``: its subject, ``@`` and its number."""

    entry: str
    title: str
    words: str
    addressee: str = ""


class FindingNoting(Body):
    """What is said of a finding; ``closes``: it ends with that."""

    words: str
    closes: bool = False


class FindingNoteAnswer(Answer):
    """What somebody said of a finding."""

    by: str
    at: AwareDatetime
    words: str


class FindingAnswer(Answer):
    """A finding with what was said of it; ``addressee``: who is asked to answer."""

    id: int
    entry: str
    title: str
    addressee: str | None
    opened_by: str
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None
    notes: list[FindingNoteAnswer]
