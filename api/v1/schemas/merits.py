"""The bodies about merits."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from api.v1.schemas.items import Body, RealDay, Short
from workflow.model import MeritKind


class NewMerit(Body):
    """``POST /merits``."""

    campaign: Short
    recognition: Short
    whose_kind: MeritKind
    whose: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    what: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    story: Annotated[str, StringConstraints(max_length=4000)] = ""
    happened_on: RealDay


class MeritNoting(Body):
    """``POST /merits/{id}/notes``."""

    standing: Literal["noted", "followed", "closed"]
    words: Annotated[str, StringConstraints(max_length=2000)] = ""
