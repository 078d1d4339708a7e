"""The bodies of what a person does with an item beside its transitions."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.v1.schemas.items import Body


class Recusal(Body):
    """``POST /items/{code}/recuse``."""

    reason: Annotated[str, StringConstraints(max_length=2000)]


class Reassigning(Body):
    """``POST /items/{code}/reassign``: addresses of who holds the item and who shall, and why."""

    from_: Annotated[str, StringConstraints(max_length=254), Field(alias="from")]
    to: Annotated[str, StringConstraints(max_length=254)]
    reason: Annotated[str, StringConstraints(max_length=2000)]


class Question(Body):
    """``POST /items/{code}/opinions``: ``of`` an address, to ask.

    Without it, to answer what one was asked.
    """

    of: Annotated[str, StringConstraints(max_length=254)] | None = None
    words: Annotated[str, StringConstraints(max_length=8000)]


class Remark(Body):
    """``POST /items/{code}/comments``."""

    words: Annotated[str, StringConstraints(max_length=8000)]
