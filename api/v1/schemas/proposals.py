"""The bodies and answers about proposals."""

from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body


class Confirming(Body):
    """``POST /proposals/{id}/confirm``: a PIN or the code of an app."""

    pin: Annotated[str, StringConstraints(max_length=64)] | None = None
    totp: Annotated[str, StringConstraints(max_length=64)] | None = None


class Rejecting(Body):
    """``POST /proposals/{id}/reject``."""

    comment: Annotated[str, StringConstraints(max_length=4000)]


class WaitingAnswer(Answer):
    """What waits for a second person: what it would do, and who may confirm it, until when."""

    id: int
    what: str
    by: str
    confirmers: list[str]
    until: AwareDatetime


class ProposedAnswer(Answer):
    """It did not happen yet: it is proposed."""

    proposal: WaitingAnswer


class ProposalAnswer(WaitingAnswer):
    """A proposal; ``state``: open, confirmed, rejected or lapsed.

    ``weakened``: what a process guarantees that the proposed one does not.
    """

    kinds: list[str]
    weakened: list[str]
    state: str
    proposed_at: AwareDatetime
    decided_by: str | None
    decided_at: AwareDatetime | None
    comment: str | None
