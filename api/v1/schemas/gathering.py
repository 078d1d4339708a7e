"""What the interface takes and answers of reports that are gathered into the agency's."""

from pydantic import JsonValue

from api.v1.schemas.answers import Answer, ItemAnswer
from api.v1.schemas.items import Body, Counter, Short


class Gathering(Body):
    """What is gathered into: nothing for a new report, else its code and the version known."""

    code: Short | None = None
    version: Counter | None = None


class SourceAnswer(Answer):
    """A report that was gathered; ``alone``: it was signed by itself before."""

    department: str
    report: str
    version: int
    content_hash: str
    alone: bool


class GatheredLineAnswer(Answer):
    """A field: what each source says, what they come to, and what the agency's report says.

    ``is_left_out``: the field does not take what they come to. ``is_kept``: it still says what an
    earlier gathering came to; ``is_own``: the Office wrote it.
    """

    field: str
    values: list[JsonValue]
    together: JsonValue
    said: JsonValue
    is_own: bool
    is_left_out: bool
    is_kept: bool


class GatheredAnswer(ItemAnswer):
    """The agency's report; ``left_out``: the fields that do not take what the reports come to."""

    left_out: list[str]


class SideBySideAnswer(Answer):
    """A consolidated report beside what it was gathered from."""

    code: str
    sources: list[SourceAnswer]
    missing: list[str]
    lines: list[GatheredLineAnswer]
    news: list[str]
    left_out: list[str]
