"""What the interface takes and answers of findings."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from api.v1.schemas.answers import Answer


class NewFinding(BaseModel):
    """A finding at an entry of the history; ``entry``: its subject, ``@`` and its number."""

    model_config = ConfigDict(extra="forbid")

    entry: str
    title: str
    words: str
    addressee: str = ""


class FindingNoting(BaseModel):
    """What is said of a finding; ``closes``: it ends with that."""

    model_config = ConfigDict(extra="forbid")

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
