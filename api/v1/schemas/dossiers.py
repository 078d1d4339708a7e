"""What the interface takes and answers of dossiers: what leaves under one number."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body, Counter, RealDay, TypedFactor
from workflow.commands.send_dossier import MOST_ITEMS
from workflow.model import DispatchChannel


class DossierMember(Body):
    """An item that is to leave, in the version that was seen."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    version: Counter


class NewDossier(Body):
    """``POST /dossiers``: several items leave under one number; defaults as of ``send_to_board``.

    ``pin`` and ``totp`` only where the process asks for a second factor.
    """

    items: Annotated[list[DossierMember], Field(min_length=1, max_length=MOST_ITEMS)]
    number: Annotated[int, Field(ge=1, le=999_999)] | None = None
    issued_on: RealDay | None = None
    channel: DispatchChannel | None = None
    pin: TypedFactor = None
    totp: TypedFactor = None


class DossierItemAnswer(Answer):
    """An item in a dossier, as it is now; ``version``: as which it left."""

    code: str
    type: str
    title: str
    department: str
    state: str
    version: int


class DossierLineAnswer(Answer):
    """A dossier in a list; ``code``: of the item that gave the number, ``count``: of its items."""

    id: int
    number: str
    issued_on: date
    channel: DispatchChannel
    campaign: str
    code: str
    title: str
    count: int
    sent_at: datetime


class DossierAnswer(DossierLineAnswer):
    """A dossier; ``sent_by`` is an email, ``council_rounds`` those that passed what it holds."""

    sent_by: str | None
    council_rounds: list[int]
    items: list[DossierItemAnswer]
