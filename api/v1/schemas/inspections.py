"""What the interface takes and answers of inspections."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body, RealDay


class NewInspection(Body):
    """A visit to a department on a local day; ``inspectors``: the addresses of who goes."""

    campaign: str
    department: str
    on_day: RealDay
    inspectors: list[str]
    about: str


class InspectionNoting(Body):
    """What came of a visit: what was found (``recorded``), that it is ``mended``, or given up.

    ``to_mend`` by the local day ``mend_by``: with what was found, where anything is to be mended.
    """

    outcome: Literal["recorded", "mended", "cancelled"]
    words: str
    to_mend: str = ""
    mend_by: RealDay | None = None


class InspectionNoteAnswer(Answer):
    """What came of an inspection."""

    outcome: Literal["recorded", "mended", "cancelled"]
    words: str
    to_mend: str
    mend_by: date | None
    by: str
    at: AwareDatetime


class InspectionAnswer(Answer):
    """An inspection with what came of it; ``is_over``: nothing of it is open."""

    id: int
    campaign: str
    department: str
    on_day: RealDay
    inspectors: list[str]
    about: str
    planned_by: str
    planned_at: AwareDatetime
    is_over: bool
    notes: list[InspectionNoteAnswer]
